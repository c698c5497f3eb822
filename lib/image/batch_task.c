#include "image/batch_task.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/texts.h>

#include "base/clock.h"
#include "base/error.h"
#include "image/batch_places.h"
#include "image/decoder.h"

/* Decoder, descriptor and buffers, kept from image to image of one run. A
 * worker is a process or a thread that runs one task at a time; the caller may
 * run them, too, beside pools of other threads. */
static _Thread_local struct {
    uint64_t run;
    struct foray_image *image;
    struct foray_hog *hog;
    void *native;  /* one image of a stack, in this machine's byte order */
    void *picture; /* glyphs: f64 (rows, cols), then the same as u8 */
    size_t native_nbytes, picture_nbytes;
} state;

void foray__batch_release(void)
{
    foray_image_free(state.image);
    foray_hog_free(state.hog);
    free(state.native);
    free(state.picture);
    memset(&state, 0, sizeof state);
}

/* Threads of a pool end with it, and their buffers with them. */
static pthread_key_t at_end;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool has_key;

static void release_at_end(void *arg)
{
    (void)arg;
    foray__batch_release();
}

static void make_key(void)
{
    has_key = !pthread_key_create(&at_end, release_at_end);
}

static int prepare(const struct foray__batch_params *params,
                   struct foray_error *err)
{
    if (state.run == params->run && state.hog)
        return 0;
    foray__batch_release();
    state.run = params->run;
    pthread_once(&once, make_key);
    if (has_key) /* without memory the buffers stay */
        pthread_setspecific(at_end, &state);
    FORAY_TRY(foray_image_new(&state.image, err));
    return foray_hog_new(&state.hog, &params->hog, err);
}

/* At least `nbytes` in a buffer of the state; what was there is lost. */
static int reserve(void **bytes, size_t *have, size_t nbytes,
                   struct foray_error *err)
{
    void *more;

    if (*have >= nbytes)
        return 0;
    more = malloc(nbytes);
    if (!more)
        return foray__fail(err, FORAY_ENOMEM,
                           "out of memory: a buffer of %zu bytes", nbytes);
    free(*bytes);
    *bytes = more;
    *have = nbytes;
    return 0;
}

static int read_stack(const struct foray_array *slice, size_t index,
                      const struct foray_image_options *options,
                      struct foray_error *err)
{
    struct foray_array pixels, native;
    char name[40];
    int code;

    FORAY_TRY(foray_array_index(&pixels, slice, 0, 0, err));
    if (pixels.swapped) {
        FORAY_TRY(reserve(&state.native, &state.native_nbytes,
                          foray_array_nbytes(&pixels), err));
        FORAY_TRY(foray_array_wrap(&native, state.native, pixels.dtype,
                                   pixels.ndim, pixels.shape, err));
        FORAY_TRY(foray_array_copy(&native, &pixels, err));
        pixels = native;
    }
    code = foray_image_adopt(state.image, &pixels, "", options, NULL);
    if (!code)
        return 0;
    /* Only who fails is named: names of all would cost more than a tenth of
     * what small images do. */
    snprintf(name, sizeof name, "image %zu of the stack", index);
    return foray_image_adopt(state.image, &pixels, name, options, err);
}

static const char *task_path(struct foray_task *task)
{
    return foray_texts_at(foray_task_whole(task, 0), foray_task_whole(task, 1),
                          foray_task_index(task));
}

static const struct foray_hog_place *task_place(struct foray_task *task)
{
    return foray_row(foray_task_whole(task, 2), foray_task_index(task));
}

/* Where its features go. */
static int find_features(struct foray_array *out, struct foray_task *task,
                         const struct foray__batch_params *params,
                         struct foray_error *err)
{
    if (params->placed)
        return foray__batch_features_at(out, foray_task_whole(task, 3),
                                        task_place(task), err);
    return foray_array_index(out, foray_task_out(task, 0), 0, 0, err);
}

/* The file's size goes into the record whether its pixels can be decoded or
 * not, as far as there is a header. */
static int read_file(struct foray_task *task,
                     const struct foray__batch_params *params,
                     struct foray__batch_record *record,
                     struct foray_error *err)
{
    const char *path = task_path(task);
    struct foray_image_info info;
    const void *bytes;
    size_t nbytes;
    int code;

    memset(&record->file, 0, sizeof record->file);
    foray__image_note_file(state.image, &record->file);
    foray_image_on_need(state.image, foray_image_reserve, task);
    code = foray_image_read(state.image, path, &params->image, err);
    if (!record->file.path) /* it could not be opened */
        foray__fingerprint_look(&record->file, path);
    if (!code)
        info = *foray_image_last_info(state.image);
    else if (foray_image_info(&info, path, NULL))
        return code;
    if (!code && params->kept) {
        bytes = foray__image_bytes(state.image, &nbytes);
        record->file.content = foray__fingerprint_content(bytes, nbytes);
    }
    record->rows = (uint32_t)info.rows;
    record->cols = (uint32_t)info.cols;
    return code;
}

static int read_pixels(struct foray_task *task,
                       const struct foray__batch_params *params,
                       struct foray__batch_record *record,
                       struct foray_error *err)
{
    size_t index = foray_task_index(task);
    size_t rows = params->rows, cols = params->cols;
    const struct foray_array *pixels;
    char tail[FORAY__TAIL_SIZE];

    if (params->stack) {
        const struct foray_array *slice = foray_task_in(task, 0);

        record->rows = (uint32_t)slice->shape[1];
        record->cols = (uint32_t)slice->shape[2];
        FORAY_TRY(read_stack(slice, index, &params->image, err));
    } else {
        FORAY_TRY(read_file(task, params, record, err));
    }
    pixels = foray_image_pixels(state.image);
    if (params->placed) {
        const struct foray_hog_place *place = task_place(task);

        rows = place->rows;
        cols = place->cols;
    }
    if (pixels->shape[0] == rows && pixels->shape[1] == cols)
        return 0;
    return foray__fail(
        err, FORAY_ESHAPE,
        "%s: %zu x %zu pixels, but %zu x %zu when the run was planned: it was "
        "changed meanwhile",
        params->stack ? "the stack" : foray__tail(tail, task_path(task)),
        pixels->shape[0], pixels->shape[1], rows, cols);
}

/* What is behind the folders of a path, and behind the archive. */
static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *archive = strcasestr(base, ".tar:");

    return archive ? archive + strlen(".tar:") : base;
}

/* NUMBER-name.png: the image's base name without its extension. */
static int picture_path(char *out, size_t size, struct foray_task *task,
                        const struct foray__batch_params *params,
                        struct foray_error *err)
{
    const char *name = params->stack ? "image" : base_of(task_path(task));
    const char *dot = strrchr(name, '.');
    int length = (int)(dot && dot != name ? dot - name : (long)strlen(name));
    size_t number = foray_task_index(task);
    int n;

    if (params->numbers)
        number = (size_t)FORAY_AT(foray_task_whole(task, params->numbers),
                                  uint64_t, number);
    n = snprintf(out, size, "%s/%zu-%.*s.png", params->visualize, number,
                 length, name);

    if (n < 0 || (size_t)n >= size)
        return foray__fail(err, FORAY_EINVAL,
                           "the name of the picture of image %zu is too long",
                           foray_task_index(task));
    return 0;
}

/* Gray levels 0..255 in proportion, the brightest glyph 255. */
static void scale_picture(uint8_t *out, const double *picture, size_t n)
{
    double most = 0;

    for (size_t i = 0; i < n; i++)
        if (picture[i] > most)
            most = picture[i];
    for (size_t i = 0; i < n; i++) {
        double level = most > 0 ? picture[i] / most * 255 + 0.5 : 0;

        out[i] = level > 0 ? (uint8_t)level : 0; /* NaN is black */
    }
}

static int draw(struct foray_task *task,
                const struct foray__batch_params *params,
                struct foray_error *err)
{
    const size_t *shape = foray_image_pixels(state.image)->shape;
    size_t n = shape[0] * shape[1];
    char path[FORAY__BATCH_FOLDER_SIZE + 300];
    struct foray_array picture, gray;
    uint8_t *levels;

    FORAY_TRY(picture_path(path, sizeof path, task, params, err));
    FORAY_TRY(reserve(&state.picture, &state.picture_nbytes,
                      n * (sizeof(double) + 1), err));
    levels = (uint8_t *)state.picture + n * sizeof(double);
    FORAY_TRY(
        foray_array_wrap(&picture, state.picture, FORAY_F64, 2, shape, err));
    FORAY_TRY(foray_array_wrap(&gray, levels, FORAY_U8, 2, shape, err));
    FORAY_TRY(foray_hog_draw(state.hog, &picture, err));
    scale_picture(levels, state.picture, n);
    return foray_image_write(&gray, path, err);
}

/* The kernel is asked once in a run: a small image takes as long. */
static int32_t own_pid(uint64_t run)
{
    static _Thread_local struct {
        uint64_t run;
        int32_t pid;
    } self;

    if (self.run != run) {
        self.pid = (int32_t)getpid();
        self.run = run;
    }
    return self.pid;
}

/* Who begins it, and when, is there also of tasks that end their worker. */
static void begin_record(struct foray__batch_record *record,
                         const struct foray_task *task, uint64_t run)
{
    record->outcome = FORAY__BATCH_NOTHING; /* a try before may have drawn */
    record->began = foray__now();
    record->run = run;
    record->seconds = -1;
    record->read_seconds = 0;
    record->worker = foray_task_worker(task);
    record->pid = own_pid(run);
}

int foray__batch_task(struct foray_task *task)
{
    const struct foray__batch_params *params = foray_task_params(task);
    struct foray__batch_record *record = foray_task_inout(task, 0)->data;
    struct foray_array features;
    struct foray_error err;
    int code;

    begin_record(record, task, params->run);
    code = find_features(&features, task, params, &err);
    if (!code)
        code = prepare(params, &err);
    if (!code)
        code = read_pixels(task, params, record, &err);
    if (!params->stack) /* there the clock would take as long */
        record->read_seconds = (float)(foray__now() - record->began);
    if (!code)
        code = foray_hog_compute(state.hog, foray_image_pixels(state.image),
                                 &features, &err);
    record->seconds = (float)(foray__now() - record->began);
    if (!code && params->visualize[0]) {
        code = draw(task, params, &err);
        if (code)
            record->outcome = FORAY__BATCH_NO_PICTURE;
    }
    if (!code)
        record->outcome = FORAY__BATCH_DONE;
    return code ? foray_task_raise(task, &err) : 0;
}
