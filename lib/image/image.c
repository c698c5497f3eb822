/* From a file to pixels: decode, turn upright, resize, colour. Two buffers
 * take turns, and a step that has nothing to do costs nothing. */
#include "image/image_body.h"

#include <stdlib.h>
#include <string.h>

#include <foray/task.h>

#include "base/error.h"
#include "base/size.h"
#include "image/decoder.h"
#include "image/fit.h"
#include "image/format.h"
#include "image/source.h"

/* A file may be so much larger than its decoded pixels: profiles, thumbnails,
 * numbers written in decimal, a film behind the picture. */
enum { FILE_TIMES = 8, FILE_PLUS = 256 << 20 };

int foray_image_new(struct foray_image **out, struct foray_error *err)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a decoder");
    return 0;
}

void foray_image_free(struct foray_image *image)
{
    if (!image)
        return;
    foray__scratch_free(&image->file);
    foray__scratch_free(&image->buffer[0]);
    foray__scratch_free(&image->buffer[1]);
    foray__scratch_free(&image->resize);
    free(image);
}

const struct foray_array *foray_image_pixels(const struct foray_image *image)
{
    return image->any ? &image->pixels : NULL;
}

const void *foray__image_bytes(const struct foray_image *image, size_t *nbytes)
{
    *nbytes = image->nbytes;
    return image->bytes;
}

void foray__image_note_file(struct foray_image *image,
                            struct foray__fingerprint *into)
{
    image->noted = into;
}

void foray_image_note_stat(struct foray_image *image, uint64_t *nbytes,
                           int64_t *mtime_ns)
{
    image->noted_nbytes = nbytes;
    image->noted_mtime_ns = mtime_ns;
}

static void note(const struct foray_image *image,
                 const struct foray__source *source)
{
    if (image->noted)
        foray__fingerprint_take(image->noted, source);
    if (image->noted_nbytes)
        *image->noted_nbytes = source->size;
    if (image->noted_mtime_ns)
        *image->noted_mtime_ns = source->changed;
}

void foray_image_on_need(struct foray_image *image, foray_image_need_fn fn,
                         void *arg)
{
    image->need = fn;
    image->need_arg = arg;
}

const struct foray_image_info *
foray_image_last_info(const struct foray_image *image)
{
    return image->any ? &image->info : NULL;
}

/* What a file needs before its pixels: which format, and a header within the
 * limits. */
static int open_file(const struct foray__format **format,
                     struct foray_image_info *info,
                     struct foray__source *source,
                     const struct foray_image_options *options,
                     struct foray_error *err)
{
    FORAY_TRY(foray__format_find(format, source, err));
    FORAY_TRY((*format)->header(info, source, err));
    FORAY_TRY(foray__image_check_pixels(info->rows, info->cols, options,
                                        source->name, err));
    if (!(*format)->decode)
        return foray__format_lacking((*format)->name, source->name, err);
    return 0;
}

/* Of an image of a header at a part of its size, `each` bytes a sample. */
static size_t samples_nbytes(const struct foray_image_info *info, size_t scale,
                             size_t each)
{
    size_t nbytes;

    if (foray__mul(&nbytes, (info->rows + scale - 1) / scale,
                   (info->cols + scale - 1) / scale) &&
        foray__mul(&nbytes, nbytes, (size_t)info->channels) &&
        foray__mul(&nbytes, nbytes, each))
        return nbytes;
    return SIZE_MAX / 4;
}

/* The file, its pixels before and after a step, and what decoders keep until
 * they are done: of a JPEG the coefficients of several scans, at whatever
 * scale, of a TIFF a strip, of a WebP the pixels of its own. */
static int tell_need(const struct foray_image *image,
                     const struct foray__source *source, size_t scale,
                     struct foray_error *err)
{
    const struct foray_image_info *info = &image->info;
    bool keeps = info->format == FORAY_IMAGE_JPEG
                     ? info->many_scans
                     : info->format != FORAY_IMAGE_PNG &&
                           info->format != FORAY_IMAGE_PNM;
    size_t nbytes;

    if (!image->need)
        return 0;
    nbytes = samples_nbytes(info, scale, info->bits == 16 ? 4 : 2);
    if (keeps)
        nbytes += samples_nbytes(info, 1, 2);
    return image->need(nbytes + (size_t)source->size, source->name,
                       image->need_arg, err);
}

int foray_image_reserve(size_t nbytes, const char *path, void *task,
                        struct foray_error *err)
{
    int code = foray_task_reserve_for(task, nbytes, path);

    if (code) /* the task's own sentence is told */
        return foray__fail(err, code, "no memory for an image");
    return 0;
}

static int decode(struct foray_image *image, struct foray__source *source,
                  const struct foray_image_options *options,
                  struct foray_error *err)
{
    struct foray_image_info *info = &image->info;
    const struct foray__format *format;
    size_t channels, nbytes, scale = 1;
    struct foray_array pixels;

    FORAY_TRY(open_file(&format, info, source, options, err));
    if (format->scales)
        scale = foray__fit_jpeg_scale(info, options);
    FORAY_TRY(tell_need(image, source, scale, err));
    channels = (size_t)info->channels;
    /* Alpha weighs in a resize: only without one it may go before. */
    if (format->strips_alpha && !options->rows)
        channels =
            channels - (info->alpha && options->color != FORAY_COLOR_ALL);
    FORAY_TRY(foray__image_prepare(
        &pixels, image, info->bits == 16 ? FORAY_U16 : FORAY_U8,
        (info->rows + scale - 1) / scale, (info->cols + scale - 1) / scale,
        channels, source->name, err));
    nbytes = foray_array_nbytes(&pixels) * scale * scale;
    FORAY_TRY(foray__source_load(
        source, &image->file, (uint64_t)nbytes * FILE_TIMES + FILE_PLUS, err));
    image->bytes = source->bytes;
    image->nbytes = source->nbytes;
    source->may_end = options->truncated;
    if (source->may_end) /* what is not decoded is not the image before */
        memset(pixels.data, 0, foray_array_nbytes(&pixels));
    FORAY_TRY(format->decode(&pixels, source, info, err));
    foray__image_advance(image, &pixels);
    return 0;
}

static int read_source(struct foray_image *image, struct foray__source *source,
                       const struct foray_image_options *options,
                       struct foray_error *err)
{
    const char *name = source->name;
    bool alpha;

    FORAY_TRY(decode(image, source, options, err));
    alpha = image->info.alpha && foray__image_channels(&image->pixels) ==
                                     (size_t)image->info.channels;
    if (options->exif && image->info.orientation > 1)
        FORAY_TRY(foray__image_turn(image, name, err));
    if (options->rows)
        FORAY_TRY(foray__image_resize(image, options, name, err));
    FORAY_TRY(foray__image_colour(image, options->color, alpha, name, err));
    image->any = true;
    return 0;
}

int foray__image_begin(struct foray_image *image,
                       const struct foray_image_options *options,
                       const char *name, struct foray_error *err)
{
    image->any = false;
    image->current = -1;
    FORAY_TRY(foray__image_check_options(options, err));
    return foray__image_check_pixels(options->rows, options->cols, options,
                                     name, err);
}

int foray_image_read(struct foray_image *image, const char *path,
                     const struct foray_image_options *options,
                     struct foray_error *err)
{
    static const struct foray_image_options defaults;
    struct foray__source source;
    int code;

    if (!options)
        options = &defaults;
    FORAY_TRY(foray__image_begin(image, options, path, err));
    FORAY_TRY(foray__source_open(&source, path, err));
    note(image, &source);
    code = read_source(image, &source, options, err);
    foray__source_close(&source);
    return code;
}

int foray_image_info(struct foray_image_info *out, const char *path,
                     struct foray_error *err)
{
    const struct foray__format *format;
    struct foray__source source;
    int code;

    FORAY_TRY(foray__source_open(&source, path, err));
    code = foray__format_find(&format, &source, err);
    if (!code)
        code = format->header(out, &source, err);
    if (!code && !format->decode)
        code = foray__format_lacking(format->name, path, err);
    foray__source_close(&source);
    return code;
}
