#include "engine/here.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/size.h"
#include "storage/segment.h"

/* Where an argument lies: where the program has it, but in mode c. */
static const void *base_of(const struct foray__packet_array *from, void *arg)
{
    const struct foray_segment *segment = foray__segment_find(from->segment);
    struct foray__here *here = arg;

    if (!segment || from->access != FORAY__ACCESS_COPY)
        return segment ? segment->base : NULL;
    return foray__attachments_copy(&here->copies, segment);
}

void foray__here_calls(struct foray__here *here)
{
    here->order.calls = true;
    here->task.order = &here->order;
    here->task.office = &here->office;
    here->office.base = base_of;
    here->office.arg = here;
    here->office.placer.place = foray__mailbag_place;
    here->office.placer.arg = &here->bag;
    here->office.placer.max_inline = FORAY__MAILBAG_INLINE;
}

/* Mode c is private to a task in every backend: a mapping of our own, reset
 * after each. */
static int open_copy(struct foray__here *here, int k,
                     const struct foray_array *array, struct foray_error *err)
{
    const struct foray_segment *segment = array->segment;
    struct foray__descriptor descriptor;
    void *base = foray__attachments_copy(&here->copies, segment);

    if (!base)
        return foray__fail_errno(err, errno,
                                 "cannot map a segment of %zu bytes again",
                                 segment->length);
    foray__descriptor_make(&descriptor, array, 0);
    foray__descriptor_open(&here->task.full[k], &descriptor, base);
    return 0;
}

static int copy_params(struct foray__here *here, const struct foray__run *run,
                       struct foray_error *err)
{
    if (!run->params_size)
        return 0;
    here->params = aligned_alloc(64, foray__round_up(run->params_size, 64));
    if (!here->params)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a run");
    memcpy(here->params, run->params, run->params_size);
    return 0;
}

int foray__here_tasks(struct foray__here *here, const struct foray__run *run,
                      struct foray_error *err)
{
    struct foray_task *task = &here->task;

    foray__run_order(&here->order, run);
    for (int k = 0; k < run->first[FORAY__ROLES]; k++) {
        const struct foray_array *array = run->args[k];

        if (array->segment && array->mode == FORAY_COPY)
            FORAY_TRY(open_copy(here, k, array, err));
        else
            task->full[k] = *array;
        if (array->segment)
            here->flow.files[k] = (struct foray__flow_file){
                array->segment->fd, array->segment->base};
        task->full[k].segment = NULL;
        if (k < run->first[FORAY__INOUT])
            task->full[k].mode = FORAY_READ;
    }
    FORAY_TRY(copy_params(here, run, err));
    task->order = &here->order;
    task->params = here->params;
    foray__task_prepare(task);
    foray__flow_begin(&here->flow, task);
    return 0;
}

/* Tasks have what the run was begun with, each as if it were the first. */
static void enter(struct foray__here *here)
{
    foray__ambient_enter(&here->level,
                         here->ambient ? here->ambient : &here->order.ambient);
}

int foray__here_call(struct foray__here *here, size_t index, foray_task_fn fn,
                     const struct foray__packet *packet, int retries,
                     double *seconds)
{
    struct foray_task *task = &here->task;
    double start;
    int code;

    enter(here);
    for (;; task->attempt++) {
        start = foray__now();
        code = foray__call_run(task, index, fn, packet);
        *seconds = foray__now() - start;
        foray__ambient_reset(&here->level);
        foray__attachments_fini(&here->copies);
        if (!foray__task_tries_again(task, code, retries))
            break;
        foray__mailbag_empty(&here->bag);
    }
    foray__ambient_leave(&here->level);
    return code;
}

int foray__here_task(struct foray__here *here, size_t index, int retries)
{
    struct foray_task *task = &here->task;
    int code;

    if (foray__task_is_done(task, index))
        return 0;
    enter(here);
    foray__flow_enter(&here->flow, task, index, index + 1);
    for (;; task->attempt++) {
        if (task->attempt > 1)
            foray__task_restore(task, index);
        code = foray__task_run(task, index);
        foray__ambient_reset(&here->level);
        for (size_t k = 0; k < here->copies.n; k++)
            foray__attachment_reset(&here->copies.items[k]);
        if (here->reset)
            here->reset(here);
        if (!foray__task_tries_again(task, code, retries))
            break;
    }
    if (!code)
        foray__task_mark(task);
    foray__flow_leave(&here->flow, task);
    foray__ambient_leave(&here->level);
    return code;
}

void foray__here_fini(struct foray__here *here)
{
    foray__flow_end(&here->flow);
    foray__mailbag_empty(&here->bag);
    foray__attachments_fini(&here->copies);
    foray__bytes_free(&here->task.returned);
    free(here->params);
}
