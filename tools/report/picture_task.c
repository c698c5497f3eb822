#include "report/picture_task.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <foray/hog.h>

/* Rows and columns of a photo at most; of an image whose own features are
 * drawn; and the quality of both. */
enum { SIDE = 160, OWN_SIDE = 256, QUALITY = 75 };

/* Of other features than an image's own. */
enum { CELL = 8 };

/* What a task has while it works. */
struct work {
    struct foray_task *task;
    const struct picture_params *params;
    const struct picture_request *request;
    struct foray_image *image;
};

static int read_image(struct work *work,
                      const struct foray_image_options *options)
{
    struct foray_array element;

    if (!work->params->stack)
        return foray_image_read(work->image, work->request->path, options,
                                NULL);
    if (foray_array_index(&element, foray_task_whole(work->task, 0), 0,
                          work->request->index, NULL))
        return -1;
    return foray_image_adopt(work->image, &element, "an image", options, NULL);
}

/* Rows and columns of the image as the options turn it, before any resize. */
static int find_size(size_t *rows, size_t *cols, const struct work *work)
{
    struct foray_image_options options = work->params->image;
    struct foray_image_info info;
    int channels;

    options.rows = options.cols = 0;
    if (work->params->stack) {
        const struct foray_array *stack = foray_task_whole(work->task, 0);

        *rows = stack->shape[1];
        *cols = stack->shape[2];
        return 0;
    }
    if (foray_image_info(&info, work->request->path, NULL))
        return -1;
    foray_image_result_shape(rows, cols, &channels, &info, &options);
    return 0;
}

/* The larger of two sides becomes SIDE, if it is longer. */
static size_t shrunk(size_t side, size_t larger)
{
    size_t small = (side * SIDE + larger / 2) / larger;

    return larger <= SIDE ? side : small ? small : 1;
}

static int read_small(struct work *work)
{
    struct foray_image_options options = work->params->image;
    size_t rows, cols, larger;

    if (find_size(&rows, &cols, work) || !rows || !cols)
        return -1;
    larger = rows > cols ? rows : cols;
    options.color = FORAY_COLOR_DEFAULT;
    options.fit = FORAY_FIT_STRETCH;
    options.filter = FORAY_FILTER_BILINEAR;
    options.jpeg_scale = FORAY_JPEG_AUTO;
    options.truncated = true;
    options.rows = shrunk(rows, larger);
    options.cols = shrunk(cols, larger);
    if (!read_image(work, &options))
        return 0;
    options.rows = options.cols = 0; /* 16 bits, or no picture at all */
    return read_image(work, &options);
}

/* From the least number, black, to the largest, white. */
static void scale_levels(uint8_t *out, const double *numbers, size_t n)
{
    double least = INFINITY, most = -INFINITY;

    for (size_t i = 0; i < n; i++) {
        least = fmin(least, numbers[i]);
        most = fmax(most, numbers[i]);
    }
    for (size_t i = 0; i < n; i++) {
        double level = most > least
                           ? (numbers[i] - least) / (most - least) * 255 + 0.5
                           : 0;

        out[i] = level > 0 ? (uint8_t)level : 0; /* NaN is black */
    }
}

/* Every so many rows and columns of an array of any numbers. */
struct levels {
    struct foray_array array; /* u8 */
    uint8_t *bytes;           /* its memory */
};

static int make_levels(struct levels *out, const struct foray_array *pixels)
{
    size_t larger = pixels->shape[0] > pixels->shape[1] ? pixels->shape[0]
                                                        : pixels->shape[1];
    ptrdiff_t step = (ptrdiff_t)((larger + SIDE - 1) / SIDE);
    struct foray_array view, numbers;
    double *values = NULL;
    size_t n = 0;
    int code = foray_array_slice(&view, pixels, 0, 0, FORAY_TO_END, step, NULL);

    memset(out, 0, sizeof *out);
    if (!code)
        code = foray_array_slice(&view, &view, 1, 0, FORAY_TO_END, step, NULL);
    if (!code) {
        n = foray_array_nitems(&view);
        values = malloc(n * sizeof *values);
        out->bytes = malloc(n);
        code = values && out->bytes ? 0 : -1;
    }
    if (!code)
        code = foray_array_wrap(&numbers, values, FORAY_F64, view.ndim,
                                view.shape, NULL);
    if (!code)
        code = foray_array_copy(&numbers, &view, NULL);
    if (!code) {
        scale_levels(out->bytes, values, n);
        code = foray_array_wrap(&out->array, out->bytes, FORAY_U8, view.ndim,
                                view.shape, NULL);
    }
    free(values);
    return code;
}

/* As a file in memory; one that is too large is none. */
static void encode(struct picture_file *out, const struct foray_array *pixels)
{
    int fd = memfd_create("picture", MFD_CLOEXEC);
    off_t size;

    if (fd < 0)
        return;
    if (foray_image_write_fd(pixels, fd, "picture", FORAY_IMAGE_JPEG, QUALITY,
                             NULL) == FORAY_ENOTSUP &&
        foray_image_write_fd(pixels, fd, "picture", FORAY_IMAGE_PNG, 0, NULL))
        (void)ftruncate(fd, 0);
    size = lseek(fd, 0, SEEK_END);
    if (size > 0 && size <= PICTURE_BYTES &&
        pread(fd, out->bytes, PICTURE_BYTES, 0) == size)
        out->n = (uint32_t)size;
    close(fd);
}

/* A JPEG has 1 channel or 3: of 2 and 4 the last, of an array that is no
 * picture, is left out. */
static int encode_any(struct picture_file *out,
                      const struct foray_array *pixels)
{
    struct levels levels = {0};
    struct foray_array view = *pixels;
    int code = 0;

    if (pixels->ndim == 3 && pixels->shape[2] % 2 == 0)
        code = foray_array_slice(&view, pixels, 2, 0, -1, 1, NULL);
    if (!code && (view.dtype != FORAY_U8 || view.shape[0] > SIDE ||
                  view.shape[1] > SIDE ||
                  !foray_array_is_contiguous(&view, FORAY_C_ORDER))) {
        code = make_levels(&levels, &view);
        view = levels.array;
    }
    if (!code)
        encode(out, &view);
    free(levels.bytes);
    return code;
}

/* The image as the run saw it, if that is small; else the small picture. */
static int read_for_glyphs(struct work *work, struct foray_hog_options *options)
{
    struct foray_image_options image = work->params->image;
    const struct foray_hog_options *given = &work->params->hog;
    size_t rows = work->params->rows;
    bool own = rows && rows <= OWN_SIDE && work->params->cols <= OWN_SIDE;

    *options = (struct foray_hog_options){.orientations = given->orientations,
                                          .block_rows = 1,
                                          .block_cols = 1,
                                          .cell_rows = CELL,
                                          .cell_cols = CELL};
    if (!own)
        return read_small(work);
    if (given->cell_rows > 1 && given->cell_cols > 1) {
        options->cell_rows = given->cell_rows;
        options->cell_cols = given->cell_cols;
    }
    image.truncated = true;
    image.jpeg_scale = FORAY_JPEG_AUTO; /* to look at, that will do */
    return read_image(work, &image);
}

/* Memory for drawing: numbers, and behind them their levels. */
struct canvas {
    double *numbers;
    uint8_t *levels;
    float *features;
};

static int draw_on(struct picture_file *out, struct foray_hog *hog,
                   const struct foray_array *pixels, size_t length,
                   const struct canvas *canvas)
{
    const size_t *shape = pixels->shape;
    struct foray_array features, picture, gray;

    if (foray_array_wrap(&features, canvas->features, FORAY_F32, 1, &length,
                         NULL) ||
        foray_array_wrap(&picture, canvas->numbers, FORAY_F64, 2, shape,
                         NULL) ||
        foray_array_wrap(&gray, canvas->levels, FORAY_U8, 2, shape, NULL) ||
        foray_hog_compute(hog, pixels, &features, NULL) ||
        foray_hog_draw(hog, &picture, NULL))
        return -1;
    scale_levels(canvas->levels, canvas->numbers, shape[0] * shape[1]);
    encode(out, &gray);
    return 0;
}

static int draw(struct picture_file *out, struct foray_hog *hog,
                const struct foray_array *pixels)
{
    size_t n = pixels->shape[0] * pixels->shape[1], length;
    struct canvas canvas = {0};
    int code = foray_hog_length(&length, hog, pixels->shape[0],
                                pixels->shape[1], NULL);

    if (code)
        return code;
    canvas.features = malloc(length * sizeof *canvas.features);
    canvas.numbers = malloc(n * (sizeof *canvas.numbers + 1));
    canvas.levels = (uint8_t *)(canvas.numbers + n);
    code = canvas.features && canvas.numbers
               ? draw_on(out, hog, pixels, length, &canvas)
               : -1;
    free(canvas.features);
    free(canvas.numbers);
    return code;
}

static void make_glyphs(struct picture_file *out, struct work *work)
{
    struct foray_hog_options options;
    struct foray_hog *hog = NULL;

    if (!read_for_glyphs(work, &options) &&
        !foray_hog_new(&hog, &options, NULL))
        (void)draw(out, hog, foray_image_pixels(work->image));
    foray_hog_free(hog);
}

static void make_photo(struct picture_file *out, struct work *work)
{
    if (!read_small(work))
        (void)encode_any(out, foray_image_pixels(work->image));
}

int picture_task(struct foray_task *task)
{
    struct picture_file *out = foray_task_out(task, 0)->data;
    struct work work = {.task = task,
                        .params = foray_task_params(task),
                        .request = foray_task_in(task, 0)->data};

    if (foray_image_new(&work.image, NULL))
        return foray_task_fail(task, "no memory for a decoder");
    foray_image_on_need(work.image, foray_image_reserve, task);
    if (work.request->glyphs)
        make_glyphs(out, &work);
    else
        make_photo(out, &work);
    foray_image_free(work.image);
    return 0;
}
