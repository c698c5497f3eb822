#include "resize/times.h"

#include <unistd.h>

#include <foray/storage.h>

#include "shell/clock.h"

int resize_times_open(struct resize_times *out, size_t n,
                      struct foray_error *err)
{
    const size_t shape[2] = {n, sizeof(struct resize_time)};

    return foray_array_create(&out->array, NULL, FORAY_U8, 2, shape, err);
}

void resize_times_close(struct resize_times *times)
{
    foray_array_close(&times->array, NULL);
}

void resize_times_begin(struct resize_times *times)
{
    times->began = clock_now();
}

void resize_time_begin(struct resize_time *time, const struct foray_task *task)
{
    if (!time)
        return;
    time->began = clock_now();
    time->ended = 0;
    time->row = foray_task_worker(task) + 1;
    time->pid = (int32_t)getpid();
}

void resize_time_end(struct resize_time *time)
{
    if (time)
        time->ended = clock_now();
}

static struct resize_time *time_of(const struct resize_times *times, size_t i)
{
    return foray_row(&times->array, i);
}

void resize_times_fail(struct resize_times *times, size_t i)
{
    if (times->array.data && !(time_of(times, i)->ended > 0))
        resize_time_end(time_of(times, i));
}

void resize_times_fill(struct foray_hog_row *rows, struct resize_times *times,
                       size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct resize_time *time = time_of(times, i);

        resize_times_fail(times, i);
        rows[i].worker = time->row - 1;
        rows[i].pid = time->pid;
        rows[i].begin = time->began - times->began;
        rows[i].seconds = (float)(time->ended - time->began);
    }
}
