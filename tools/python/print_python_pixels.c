#include "python/print_python.h"

#include <string.h>
#include <strings.h>

static const char *const filters[] = {"BILINEAR", "BOX", "BICUBIC", "LANCZOS"};

/* Of a PIL image to the size asked for; `indent` and "image = " are before. */
static void print_resize(FILE *out, const struct foray_image_options *image,
                         const char *indent)
{
    static const char *const functions[] = {"image.resize(", "ImageOps.fit(",
                                            "ImageOps.pad("};

    if (image->rows)
        fprintf(out, "%simage = %s%s(%zu, %zu), Image.%s)\n", indent,
                functions[image->fit],
                image->fit == FORAY_FIT_STRETCH ? "" : "image, ", image->cols,
                image->rows, filters[image->filter]);
}

/* JPEG files are decoded at 1/8, 1/4 or 1/2 where twice the size is left. */
static void print_draft(FILE *out, const struct foray_image_options *image)
{
    if (!image->rows || image->jpeg_scale != FORAY_JPEG_AUTO)
        return;
    fprintf(out, "        size = %zu, %zu\n", image->cols, image->rows);
    if (image->exif)
        fputs("        turned = image.getexif().get(0x0112, 1) > 4\n", out);
    if (image->fit == FORAY_FIT_PAD)
        fprintf(out,
                "        whole = image.size%s\n"
                "        size = ImageOps.contain(Image.new(\"L\", whole), "
                "size,\n"
                "                                Image.BOX).size\n",
                image->exif ? "[::-1] if turned else image.size" : "");
    if (image->exif)
        fputs("        size = size[::-1] if turned else size\n", out);
    fputs("        image.draft(None, (2 * size[0], 2 * size[1]))  # of JPEG\n",
          out);
}

/* The modes of Pillow that foray has no samples for. */
static void print_modes(FILE *out, bool alpha_matters)
{
    fputs("        if image.mode == \"CMYK\":\n"
          "            raise ValueError(f\"{path}: CMYK\")\n"
          "        if image.mode == \"P\":\n"
          "            image = image.convert(\n"
          "                \"RGBA\" if \"transparency\" in image.info else "
          "\"RGB\")\n"
          "        elif image.mode == \"1\":\n"
          "            image = image.convert(\"L\")\n",
          out);
    if (alpha_matters)
        fputs("        elif \"transparency\" in image.info:\n"
              "            image = image.convert(\"LA\" if image.mode == \"L\" "
              "else \"RGBA\")\n",
              out);
}

static void print_color(FILE *out, enum foray_color color)
{
    if (color == FORAY_COLOR_GRAY)
        fputs("        if image.mode in (\"LA\", \"RGB\", \"RGBA\"):\n"
              "            image = image.convert(\"L\")\n",
              out);
    else if (color != FORAY_COLOR_ALL)
        fputs("        if image.mode in (\"LA\", \"RGBA\"):\n"
              "            image = image.convert(image.mode[:-1])\n",
              out);
    if (color == FORAY_COLOR_RGB2GRAY)
        fputs("        pixels = np.asarray(image)\n"
              "        return rgb2gray(pixels) if pixels.ndim == 3 else "
              "pixels\n",
              out);
    else
        fputs("        return np.asarray(image)\n", out);
}

bool print_python_has_archives(const struct hog_run *run)
{
    for (size_t i = 0; i < run->batch.n; i++)
        if (strcasestr(run->batch.paths[i], ".tar:"))
            return true;
    return false;
}

static void print_open(FILE *out)
{
    fputs("\n\n@functools.lru_cache(16)\n"
          "def open_archive(path):\n"
          "    return tarfile.open(path)\n\n\n"
          "def open_image(path):\n"
          "    \"\"\"A file, or ARCHIVE.tar:NAME.\"\"\"\n"
          "    found = re.match(r\"(.*?\\.tar):(.*)\", os.fsdecode(path), "
          "re.I | re.S)\n"
          "    if not found or os.path.exists(path):\n"
          "        return Image.open(path)\n"
          "    return Image.open(open_archive(found[1]).extractfile(found[2]))"
          "\n",
          out);
}

void print_python_read(FILE *out, const struct hog_run *run)
{
    const struct foray_image_options *image = &run->batch.image;
    bool archives = print_python_has_archives(run);

    if (archives)
        print_open(out);
    fprintf(out,
            "\n\ndef read(path):\n"
            "    with %s(path) as image:\n",
            archives ? "open_image" : "Image.open");
    print_draft(out, image);
    if (image->exif)
        fputs("        image = ImageOps.exif_transpose(image)\n", out);
    print_modes(out, image->rows || image->color == FORAY_COLOR_ALL);
    print_resize(out, image, "        ");
    print_color(out, image->color);
}

/* An image of a stack is an array: what of Pillow it goes through depends on
 * what is asked for. */
void print_python_stack(FILE *out, const struct hog_run *run)
{
    const struct foray_image_options *image = &run->batch.image;
    const struct foray_array *stack = run->batch.stack;
    size_t channels = stack->ndim == 4 ? stack->shape[3] : 1;
    bool sampled = stack->dtype == FORAY_U8 || stack->dtype == FORAY_U16;
    bool alpha = sampled && channels % 2 == 0;

    fputs("\n\ndef read(pixels):\n", out);
    if (stack->ndim == 4 && channels == 1)
        fputs("    pixels = pixels[..., 0]\n", out);
    if (image->rows) {
        fputs("    image = Image.fromarray(np.ascontiguousarray(pixels))\n",
              out);
        print_resize(out, image, "    ");
        fputs("    pixels = np.asarray(image)\n", out);
    }
    if (alpha && image->color != FORAY_COLOR_ALL)
        fprintf(out, "    pixels = pixels[..., %s]  # without alpha\n",
                channels == 2 ? "0" : ":-1");
    if (channels > 2 && image->color == FORAY_COLOR_RGB2GRAY)
        fputs("    pixels = rgb2gray(pixels)\n", out);
    if (channels > 2 && image->color == FORAY_COLOR_GRAY)
        fputs(stack->dtype == FORAY_U16
                  ? "    weights = np.array([19595, 38470, 7471], np.uint64)\n"
                    "    pixels = (pixels @ weights + 0x8000 >> 16).astype("
                    "np.uint16)\n"
                  : "    image = Image.fromarray(np.ascontiguousarray(pixels))"
                    "\n"
                    "    pixels = np.asarray(image.convert(\"L\"))\n",
              out);
    fputs("    return pixels\n", out);
}
