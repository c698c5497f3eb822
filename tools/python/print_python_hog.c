#include "python/print_python.h"

void print_python_imports(FILE *out, const struct foray_hog_options *hog)
{
    switch (hog->method) {
    case FORAY_HOG_DALAL_TRIGGS:
        fputs("import cv2\n", out);
        break;
    case FORAY_HOG_UOCTTI:
        fputs("import ctypes\n", out);
        break;
    default:
        /* It matters at the edges of bins: scikit-image differs from itself. */
        fputs("# arctan2 of NumPy with AVX-512 differs from others in last "
              "bits.\n"
              "os.environ.setdefault(\"NPY_DISABLE_CPU_FEATURES\", "
              "\"AVX512F AVX512CD \"\n"
              "                      \"AVX512_SKX AVX512_CLX AVX512_CNL "
              "AVX512_ICL\")\n",
              out);
    }
}

static void print_skimage(FILE *out, const struct foray_hog_options *hog)
{
    fprintf(out,
            "from skimage.feature import hog\n\n\n"
            "def describe(pixels):\n"
            "    return hog(pixels, orientations=%d,\n"
            "               pixels_per_cell=(%zu, %zu), "
            "cells_per_block=(%zu, %zu),\n"
            "               block_norm=\"%s\", transform_sqrt=%s,\n"
            "               channel_axis=-1 if pixels.ndim == 3 else None)\n",
            hog->orientations, hog->cell_rows, hog->cell_cols, hog->block_rows,
            hog->block_cols, foray_hog_norm_name(hog->norm),
            hog->transform_sqrt ? "True" : "False");
}

/* OpenCV has columns before rows and blue first; the square root of the pixels
 * is its last argument. */
static void print_opencv(FILE *out, const struct foray_hog_options *hog)
{
    fprintf(
        out,
        "\n\ndef describe(pixels):\n"
        "    rows, cols = pixels.shape[:2]\n"
        "    cell, block = (%zu, %zu), (%zu, %zu)  # columns, rows\n"
        "    window = cols // cell[0] * cell[0], rows // cell[1] * cell[1]\n"
        "    hog = cv2.HOGDescriptor(window, block, cell, cell, %d, 1, -1, "
        "0, 0.2,\n"
        "                            True)\n"
        "    if pixels.ndim == 3:\n"
        "        pixels = np.ascontiguousarray(pixels[..., ::-1])\n"
        "    return hog.compute(pixels, winStride=cell, padding=(0, 0),\n"
        "                       locations=[(0, 0)]).ravel()\n",
        hog->cell_cols, hog->cell_rows, hog->cell_cols * hog->block_cols,
        hog->cell_rows * hog->block_rows, hog->orientations);
}

static void print_vlfeat(FILE *out, const struct foray_hog_options *hog)
{
    fprintf(out,
            "\n# No package for Python has this method: VLFeat's library.\n"
            "vl = ctypes.CDLL(\"libvl.so\")\n"
            "vl.vl_hog_new.restype = ctypes.c_void_p\n"
            "for getter in \"height\", \"width\", \"dimension\":\n"
            "    vl[\"vl_hog_get_\" + getter].restype = ctypes.c_size_t\n\n\n"
            "def describe(pixels):\n"
            "    rows, cols = pixels.shape[:2]\n"
            "    planes = np.ascontiguousarray(\n"
            "        pixels.reshape(rows, cols, -1).transpose(2, 0, 1), "
            "np.float32)\n"
            "    hog = ctypes.c_void_p(vl.vl_hog_new(1, ctypes.c_size_t(%d), "
            "0))\n"
            "    vl.vl_hog_put_image(hog, "
            "planes.ctypes.data_as(ctypes.c_void_p),\n"
            "                        *map(ctypes.c_size_t,\n"
            "                             (cols, rows, len(planes), %zu)))\n"
            "    features = np.empty([vl[\"vl_hog_get_\" + getter](hog) for "
            "getter in\n"
            "                         (\"dimension\", \"height\", "
            "\"width\")], np.float32)\n"
            "    vl.vl_hog_extract(hog, "
            "features.ctypes.data_as(ctypes.c_void_p))\n"
            "    vl.vl_hog_delete(hog)\n"
            "    return features.ravel()\n",
            hog->orientations, hog->cell_rows);
}

void print_python_hog(FILE *out, const struct foray_hog_options *hog)
{
    switch (hog->method) {
    case FORAY_HOG_DALAL_TRIGGS:
        print_opencv(out, hog);
        break;
    case FORAY_HOG_UOCTTI:
        print_vlfeat(out, hog);
        break;
    default:
        print_skimage(out, hog);
    }
}

static bool is_float(enum foray_dtype dtype)
{
    return dtype == FORAY_F64 || dtype == FORAY_F32 || dtype == FORAY_F16;
}

void print_python_notes(FILE *out, const struct hog_run *run)
{
    const struct foray_hog_options *hog = &run->batch.hog;
    const struct foray_image_options *image = &run->batch.image;

    if (hog->method != FORAY_HOG_SKIMAGE)
        fprintf(out,
                "# Within 1e-5 of these numbers: %s has the sums of single "
                "precision in an\n# order of its own.\n",
                hog->method == FORAY_HOG_UOCTTI ? "VLFeat" : "OpenCV");
    else if (hog->transform_sqrt || image->color == FORAY_COLOR_RGB2GRAY ||
             (run->stack && is_float(run->batch.stack->dtype)))
        fputs("# Not to the last bit, as pixels are no integers: sums end in "
              "other bits, and\n# where an angle lies between two bins its "
              "share may go to the other one.\n",
              out);
    if (!run->stack)
        fputs("# Pillow has 8 bits of PNG, TIFF and PPM files with 16 bits and "
              "colour, foray all\n# 16; and it turns TIFF files upright that "
              "say how they were held, which foray\n# does with --exif.\n",
              out);
    if (run->batch.visualize)
        fputs("# Pictures (--visualize) are not drawn.\n", out);
    if (run->batch.on_error == FORAY_SKIP)
        fputs("# What else than foray Pillow takes for an image has a row "
              "here.\n",
              out);
}
