/* HOG features of many images: one row of one array an image.
 *
 *     const char *const paths[] = {"cat.jpg", "dog.jpg"};
 *     struct foray_hog_batch batch = {.paths = paths, .n = 2};
 *     struct foray_hog_plan plan;
 *     struct foray_array x = {0};
 *     struct foray_pool *pool = NULL;
 *     struct foray_error err;
 *
 *     if (foray_hog_batch_plan(&plan, &batch, &err) ||
 *         foray_array_create(&x, "features.npy", plan.dtype, 2,
 *                            (size_t[]){plan.n, plan.length}, &err) ||
 *         foray_pool_open(&pool, NULL, &err) ||
 *         foray_hog_batch_run(pool, &batch, &plan, &x, NULL, NULL, &err))
 *         fprintf(stderr, "%s\n", err.msg);
 *     foray_pool_close(pool);
 *     foray_array_close(&x, NULL);
 *
 * Each worker opens, decodes, computes and writes its own rows; the parent
 * touches no pixel. Rows are in the order of the inputs and the bytes do not
 * depend on the number of workers.
 *
 * Images may keep their sizes: `places` are structs of the caller's, which the
 * plan fills in. Features then lie one behind another in an array of one axis,
 * plan.length of them, those of image i from places[i].offset on.
 *
 * With a `journal` a run that was interrupted goes on when the same batch is
 * run again over the same file of features (create it `resumable`, storage.h;
 * map.h says what a journal is). What the index needs is kept beside it, in
 * JOURNAL.rows.partial. The options that make a difference and the version are
 * compared, and of the images whose rows are done path, size and time of
 * change; of those in an archive its own, and their place in it. Both files
 * stay when all is done: foray_hog_batch_discard removes them, once the
 * features have their name.
 */
#ifndef FORAY_HOG_BATCH_H
#define FORAY_HOG_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/array.h>
#include <foray/error.h>
#include <foray/export.h>
#include <foray/hog.h>
#include <foray/image.h>
#include <foray/map.h>
#include <foray/pool.h>

FORAY_BEGIN

/* XX(name, word): what became of an image; the words are fixed. */
#define FORAY_IMAGE_STATUS_MAP(XX)                                             \
    XX(NOT_RUN, "not_run")                                                     \
    XX(OK, "ok")                                                               \
    XX(MISSING, "missing")                                                     \
    XX(UNREADABLE, "unreadable")                                               \
    XX(UNSUPPORTED, "unsupported")                                             \
    XX(TRUNCATED, "truncated")                                                 \
    XX(CORRUPT, "corrupt")                                                     \
    XX(TOO_LARGE, "too_large")                                                 \
    XX(TOO_SMALL, "too_small")                                                 \
    XX(WRONG_SIZE, "wrong_size")                                               \
    XX(TIMEOUT, "timeout")                                                     \
    XX(CRASHED, "crashed")                                                     \
    XX(GONE, "gone") /* its row is kept: foray hog --update */

enum foray_image_status {
#define FORAY_IMAGE_STATUS_ENUM(name, word) FORAY_IMAGE_STATUS_##name,
    FORAY_IMAGE_STATUS_MAP(FORAY_IMAGE_STATUS_ENUM)
#undef FORAY_IMAGE_STATUS_ENUM
};

/** The word of a status, "too_small".  Owner: static storage. */
FORAY_API const char *foray_image_status_name(enum foray_image_status status);

/** The status that an error of foray_image_read or foray_hog_compute means; OK
 *  of 0.  Fork, threads: pure. */
FORAY_API enum foray_image_status foray_image_status_of(int code);

/* A message is shorter. */
enum { FORAY_HOG_MESSAGE_SIZE = 256 };

/* One row of the index. What is said of a try is said of the last one. */
struct foray_hog_row {
    uint32_t rows, cols; /* of the file, 0 when its header could not be read */
    uint32_t status;     /* enum foray_image_status */
    uint64_t bytes;      /* of the file, */
    int64_t mtime_ns;    /* and when it was changed, ns since 1970, both before
                            it was read; 0 of a stack, or when there is none */
    float seconds;       /* decode and compute; until its worker died, or the
                            run ended, if that came before */
    float read_seconds;  /* of these, until its pixels were there: decoded,
                            resized, in the colours asked for; 0 with a
                            stack */
    int32_t worker; /* slot of the worker that began it in this run; -1: none
                       did, for it was done before, or not begun yet */
    int32_t pid;    /* of that worker */
    double begin;   /* when: seconds since the run began */
    char *message;  /* what is wrong, of malloc; NULL when ok, or without
                       memory */
};

/** Free the messages of n rows, which are all zero then.
 *  Fork, threads: pure. */
FORAY_API void foray_hog_rows_clear(struct foray_hog_row *rows, size_t n);

/* Where the features of an image are in an array of those of all. */
struct foray_hog_place {
    uint64_t offset, length; /* elements; of an image that could not be planned
                                0 of them */
    uint32_t rows, cols;     /* of the image, turned upright if that is asked */
    uint32_t shape[5];       /* of its features (foray_hog_shape), then 0 */
};

/* Called while headers are read, in the caller's thread, every few thousand: so
 * many of n are. Another value than 0 ends the plan. */
typedef int (*foray_hog_planned_fn)(size_t done, size_t n, void *arg);

/* What goes in: files, or a stack of images in one array. */
struct foray_hog_batch {
    const char *const *paths; /* n of them, or NULL with a stack; relative ones
                                 from the folder the pool was opened in; files,
                                 or in tar archives (image.h) */
    size_t n;
    const struct foray_array *stack; /* (images, rows, cols[, channels]) */
    struct foray_image_options image;
    struct foray_hog_options hog;
    size_t rows, cols; /* that images have, as in an earlier run; 0:
                          as the first that can be read */
    struct foray_hog_place *places; /* files keep their sizes: n, which
                                       foray_hog_batch_plan fills in and
                                       foray_hog_batch_run goes by; NULL: all
                                       have one size */
    bool may_be_none; /* with places: that there are no images, or that none
                         can be read with skip, is no error */
    enum foray_dtype dtype;       /* of the features: f64 (0), f32, f16 */
    enum foray_on_error on_error; /* the pool's */
    const char *visualize;        /* folder of the glyph pictures, which is
                                     there already; or NULL */
    const size_t *numbers;        /* of files: what their pictures are called
                                     by instead of 0, 1, ...; or NULL */
    const char *journal; /* a file that says which rows are done, or NULL */
    bool verify;         /* when it goes on: that their files have the same
                            content, not only the same size and time */
    int plan_threads;    /* at most so many read headers; 0: as many as there
                            are usable CPUs */
    foray_hog_planned_fn planned; /* or NULL */
    void *planned_arg;
};

/* What a batch will make, known from headers alone. */
struct foray_hog_plan {
    size_t n;      /* images: rows of the output */
    size_t length; /* features of one: columns of the output; with places: of
                      all, and the output has no other axis */
    size_t feature_shape[5]; /* with places 0 */
    int feature_ndim;
    enum foray_dtype dtype;
    size_t nbytes;     /* of the output's data */
    size_t rows, cols; /* common size of the images, after resize; with places
                          0 */
};

enum { FORAY_HOG_DIGEST_SIZE = 65 };

/** SHA-256 of a list of paths, each with a NUL behind it, in hexadecimal
 *  digits: what `find -print0 | sha256sum` says of them.
 *  Fork, threads: pure. */
FORAY_API void foray_hog_digest(char out[FORAY_HOG_DIGEST_SIZE],
                                const char *const *paths, size_t n);

/** Read the headers of all images and plan the output. Threads help
 *  (plan_threads); they take no signals and have ended when it returns.
 *  With stop an image that cannot be read is an error; with skip it is left to
 *  the run. Images that differ in size without a resize are FORAY_ESHAPE in
 *  both: the message names two of them. With places they may, and one that is
 *  too small for a single feature is like one that cannot be read.
 *  Errors: those of foray_image_info and foray_hog_new; FORAY_ESHAPE,
 *  FORAY_ETOOSMALL, FORAY_ETOOLARGE (max_pixels), FORAY_EDTYPE, FORAY_EINVAL
 *  (no images, unless batch->rows says how large they would be; pictures of a
 *  method that has none; places, and a stack or a size), FORAY_ECANCELED
 *  (batch->planned said so). */
FORAY_API FORAY_CHECK int
foray_hog_batch_plan(struct foray_hog_plan *out,
                     const struct foray_hog_batch *batch,
                     struct foray_error *err);

/** Compute.
 *  Shape:  features (n, length) of the plan's dtype, made by
 *          foray_array_create; rows of failed images become NaN. With places
 *          (length), and what failed images have of it becomes NaN.
 *          index: n rows, filled for every image, also after an error; may be
 *          NULL. What was in it is overwritten.
 *  Owner:  messages in the index are the caller's: foray_hog_rows_clear.
 *  With `visualize` each image's glyphs are drawn as NUMBER-name.png, its
 *  number in the batch or in `numbers`, the brightest 255; a picture that
 *  cannot be written ends the run, also with skip, for that is no fault of the
 *  image.
 *  Errors: those of foray_map; with stop the first image that failed;
 *  FORAY_EINVAL when the journal is of another batch: what differs is told.
 *  `pool` may be NULL, see pool.h; `report` may be, too.
 *  Threads, fork: as foray_map. */
FORAY_API FORAY_CHECK int foray_hog_batch_run(
    struct foray_pool *pool, const struct foray_hog_batch *batch,
    const struct foray_hog_plan *plan, const struct foray_array *features,
    struct foray_hog_row *index, struct foray_report *report,
    struct foray_error *err);

/** Remove the journal of a batch that no run uses, and what is kept beside it;
 *  nothing happens where there is none.
 *  Errors: those of foray_journal_discard; what is there stays. */
FORAY_API int foray_hog_batch_discard(const char *journal,
                                      struct foray_error *err);

FORAY_END
#endif
