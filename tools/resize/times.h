/* Who made each image of `foray resize`, and when: for --trace. */
#ifndef FORAY_TOOLS_RESIZE_TIMES_H
#define FORAY_TOOLS_RESIZE_TIMES_H

#include <foray/hog_batch.h>
#include <foray/task.h>

/* Plain bytes, written by tasks. All zero: none began it. */
struct resize_time {
    double began, ended; /* of a clock that only goes on; ended 0: not yet */
    int32_t row;         /* its worker's slot, from 1 */
    int32_t pid;
};

struct resize_times {
    struct foray_array array; /* u8 (n, sizeof time) */
    double began;             /* the run */
};

/* For n images. Returns 0 or the error. */
int resize_times_open(struct resize_times *out, size_t n,
                      struct foray_error *err);
void resize_times_close(struct resize_times *times);

/* The run begins now. */
void resize_times_begin(struct resize_times *times);

/* A task begins its image, and has ended it; NULL: nobody wants to know. */
void resize_time_begin(struct resize_time *time, const struct foray_task *task);
void resize_time_end(struct resize_time *time);

/* Image i has failed: its worker may not have come to say when. */
void resize_times_fail(struct resize_times *times, size_t i);

/* What is known of n images, into their rows; those that did not end are cut at
 * this moment. */
void resize_times_fill(struct foray_hog_row *rows, struct resize_times *times,
                       size_t n);

#endif
