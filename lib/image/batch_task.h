/* What the caller of a batch and its tasks share. */
#ifndef FORAY_IMAGE_BATCH_TASK_H
#define FORAY_IMAGE_BATCH_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/hog.h>
#include <foray/image.h>
#include <foray/task.h>

#include "image/fingerprint.h"

enum { FORAY__BATCH_FOLDER_SIZE = 4096 };

/* Plain bytes for every task of a run. */
struct foray__batch_params {
    uint64_t run; /* another in each run, of any process: buffers of an older
                     one are dropped, and records not taken for this one's */
    struct foray_image_options image;
    struct foray_hog_options hog;
    size_t rows, cols; /* every image has, after the resize */
    bool placed;       /* or each its own: `whole` 2 */
    bool stack;        /* images are slices of `in` 0, not files */
    bool kept;   /* records are, so that they say what content they are of */
    int numbers; /* which of `whole` they are that pictures have; 0: none */
    char visualize[FORAY__BATCH_FOLDER_SIZE]; /* folder, "" for none */
};

enum foray__batch_outcome {
    FORAY__BATCH_NOTHING, /* it failed or did not run */
    FORAY__BATCH_DONE,
    FORAY__BATCH_NO_PICTURE /* features yes, but the picture was not written */
};

/* What a task leaves in its row of `inout` 0, also when it fails. */
struct foray__batch_record {
    uint32_t rows, cols;            /* as in the file */
    float seconds;                  /* decode and compute; -1 until then */
    uint32_t outcome;               /* enum foray__batch_outcome */
    struct foray__fingerprint file; /* that its features are of */
    uint64_t run; /* whose params these are, that began it last; 0: none */
    double began; /* foray__now() */
    float read_seconds; /* of `seconds`, until the pixels were there */
    int32_t worker, pid;
};

/* One image: `in` 0 the stack, or `whole` 0 and 1 the paths (texts.h); `inout`
 * 0 the records (u8 (n, sizeof record)); `out` 0 the features (n, length), or
 * `whole` 2 the places (u8 (n, sizeof place)), and `whole` 3 the features of
 * all. The numbers of pictures, u64 (n), are the last of `whole`. */
int foray__batch_task(struct foray_task *task);

/* Free the buffers that tasks left in this thread: the serial backend's. */
void foray__batch_release(void);

#endif
