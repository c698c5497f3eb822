/* One image of `foray resize`: read, resampled, written. */
#ifndef FORAY_TOOLS_RESIZE_TASK_H
#define FORAY_TOOLS_RESIZE_TASK_H

#include <stdbool.h>

#include <foray/image.h>
#include <foray/task.h>

/* Plain bytes for every task. */
struct resize_params {
    struct foray_image_options image;
    enum foray_image_format format;
    int quality;
    bool timed; /* `inout` 1 are the times */
};

/* `whole` 0 and 1: the inputs, 2 and 3: the outputs (foray/texts.h); `inout` 0:
 * the records, 1: the times, if there are any. */
int resize_task(struct foray_task *task);

/* Before the pool begins, and when the run is over: decoders are kept from
 * image to image, one a thread. Errors: FORAY_ENOMEM. */
int resize_tasks_begin(struct foray_error *err);
void resize_tasks_end(void);

#endif
