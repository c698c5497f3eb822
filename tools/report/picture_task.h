/* One picture: what pictures.h asks of a worker. */
#ifndef FORAY_TOOLS_REPORT_PICTURE_TASK_H
#define FORAY_TOOLS_REPORT_PICTURE_TASK_H

#include <stdbool.h>

#include <foray/task.h>

#include "report/pictures.h"

enum { PICTURE_PATH_SIZE = 4096 };

/* Plain bytes for every task. */
struct picture_params {
    struct foray_image_options image;
    struct foray_hog_options hog;
    size_t rows, cols; /* that features are computed of; 0: each image its own
                        */
    bool stack;        /* images are elements of `whole` 0 */
};

/* An image, or its features. */
struct picture_request {
    bool glyphs;
    size_t index;                 /* in the stack */
    char path[PICTURE_PATH_SIZE]; /* or its file */
};

/* `in` 0: a struct picture_request; `out` 0: the struct picture_file. */
int picture_task(struct foray_task *task);

#endif
