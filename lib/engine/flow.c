#include "engine/flow.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "array/extent.h"
#include "storage/medium.h"
#include "storage/memory.h"
#include "storage/segment.h"

/* Arrays that are smaller together fit into any memory. */
enum { ALWAYS_FITS = 4 << 20 };

/* Gaps that are shorter are not worth a range of their own. */
enum { MIN_GAP = 64 << 10, FOLIO = 2 << 20 };

void foray__flow_plan(struct foray__run *run, size_t budget)
{
    size_t bytes = 0;

    run->filed = 0;
    for (int k = 0; k < run->first[FORAY__ROLES]; k++) {
        struct foray_segment *segment = run->args[k]->segment;

        if (!segment || segment->mode == FORAY_COPY ||
            run->args[k]->mode == FORAY_COPY || !foray__segment_filed(segment))
            continue;
        run->filed |= UINT32_C(1) << k;
        bytes += foray_array_nbytes(run->args[k]);
    }
    if (run->access || !run->filed)
        return;
    if (bytes > budget ||
        (bytes > ALWAYS_FITS && bytes > foray__memory_free("").free_bytes / 2))
        run->access = FORAY_STREAM;
}

static bool is_filed(const struct foray_task *task, int k)
{
    return task->order->filed >> k & 1;
}

static bool is_written(const struct foray_task *task, int k)
{
    return k >= task->order->first[FORAY__INOUT] &&
           k < task->order->first[FORAY__WHOLE];
}

static void advise(struct foray__extent extent, int advice)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = extent.low / page * page;

    if (extent.low < extent.high)
        madvise((void *)begin, extent.high - begin, advice);
}

/* Told of the memory of a slice, from a few ranges that have it all. */
typedef void (*visit_fn)(void *arg, struct foray__extent extent);

static ptrdiff_t step_of(const struct foray_array *array, int axis)
{
    return array->shape[axis] > 1 ? labs(array->strides[axis]) : 0;
}

/* Where there are large gaps, row by row along the longest step. */
static void visit(const struct foray_array *view, visit_fn fn, void *arg)
{
    struct foray__extent extent = foray__extent_of(view, -1);
    struct foray_array row = *view;
    int longest = 0;

    for (int axis = 1; axis < view->ndim; axis++)
        if (step_of(view, axis) > step_of(view, longest))
            longest = axis;
    if (extent.low == extent.high)
        return;
    if (!view->ndim || step_of(view, longest) < MIN_GAP ||
        view->shape[longest] > FORAY__FLOW_RANGES ||
        (extent.high - extent.low) / 2 < foray_array_nbytes(view)) {
        fn(arg, extent);
        return;
    }
    row.shape[longest] = 1;
    for (size_t i = 0; i < view->shape[longest]; i++) {
        row.data = (char *)view->data + (ptrdiff_t)i * view->strides[longest];
        visit(&row, fn, arg);
    }
}

static bool in_memory(uintptr_t address)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    unsigned char there = 0;

    return !mincore((void *)(address / page * page), 1, &there) && there & 1;
}

/* To ask for what is there costs as much as to add it up. That it is there is
 * also what the kernel says of files that are not this user's. */
static void read_ahead(void *arg, struct foray__extent extent)
{
    const struct foray__flow *flow = arg;

    if (flow->access != FORAY_ACCESS_AUTO || !in_memory(extent.low) ||
        !in_memory(extent.high - 1))
        advise(extent, MADV_WILLNEED);
}

/* What task `index` will read. */
static void will_need(struct foray__flow *flow, const struct foray_task *task,
                      uint64_t index)
{
    const struct foray__order *order = task->order;
    struct foray__area block;

    foray__grid_block(&block, &order->grid, (size_t)index);
    for (int k = 0; k < order->first[FORAY__OUT]; k++) {
        struct foray_array view;

        if (!is_filed(task, k))
            continue;
        view = task->full[k];
        foray__grid_view(&view, &task->full[k], &order->grid, &block,
                         &task->area, k < order->first[FORAY__INOUT]);
        visit(&view, read_ahead, flow);
    }
}

void foray__flow_begin(struct foray__flow *flow, const struct foray_task *task)
{
    const struct foray__order *order = task->order;
    int n = order->first[FORAY__ROLES];

    flow->access = order->access;
    flow->expected = UINT64_MAX;
    flow->active = order->filed && flow->access != FORAY_RANDOM;
    for (int k = 0; order->filed && k < n; k++)
        if (is_filed(task, k)) /* a run before may have left the other */
            advise(foray__extent_of(&task->full[k], -1),
                   flow->access == FORAY_RANDOM ? MADV_RANDOM : MADV_NORMAL);
}

void foray__flow_enter(struct foray__flow *flow, const struct foray_task *task,
                       uint64_t index, uint64_t next)
{
    size_t n_tasks;

    if (!flow->active || !foray__grid_count(&n_tasks, &task->order->grid))
        return;
    if (index != flow->expected)
        will_need(flow, task, index);
    flow->expected = next;
    if (next < n_tasks)
        will_need(flow, task, next);
}

/* The ranges of a task that is over. */
struct leaving {
    struct foray__flow *flow;
    const struct foray__flow_file *file;
    bool written;
    int first; /* range of the array */
};

static void let_go(void *arg, struct foray__extent extent)
{
    struct leaving *leaving = arg;
    struct foray__flow *flow = leaving->flow;
    struct foray__flow_range range = {
        .fd = leaving->file->fd,
        .offset = (off_t)(extent.low - (uintptr_t)leaving->file->base),
        .length = (off_t)(extent.high - extent.low),
        .written = leaving->written};

    advise(extent, MADV_DONTNEED);
    if (range.fd < 0)
        return;
    if (range.written)
        sync_file_range(range.fd, range.offset, range.length,
                        SYNC_FILE_RANGE_WRITE);
    if (flow->n_behind < FORAY__FLOW_RANGES)
        flow->behind[flow->n_behind++] = range;
}

/* The page cache has pages together, in pieces of up to FOLIO bytes, and lets
 * go of a piece only when it is told of all of it: so also of those that begin
 * before the range. Pages that somebody has mapped or changed stay. */
static void drop(const struct foray__flow_range *range)
{
    off_t begin = range->offset < FOLIO ? 0 : range->offset - FOLIO;

    begin = begin / FOLIO * FOLIO;
    posix_fadvise(range->fd, begin, range->offset + range->length - begin,
                  POSIX_FADV_DONTNEED);
}

void foray__flow_end(struct foray__flow *flow)
{
    for (int i = 0; i < flow->n_behind; i++) {
        const struct foray__flow_range *range = &flow->behind[i];

        if (range->written)
            sync_file_range(range->fd, range->offset, range->length,
                            SYNC_FILE_RANGE_WAIT_BEFORE |
                                SYNC_FILE_RANGE_WRITE |
                                SYNC_FILE_RANGE_WAIT_AFTER);
        drop(range);
    }
    flow->n_behind = 0;
}

void foray__flow_leave(struct foray__flow *flow, const struct foray_task *task)
{
    struct leaving leaving = {.flow = flow};

    if (!flow->active || flow->access != FORAY_STREAM)
        return;
    foray__flow_end(flow);
    for (int k = 0; k < task->order->first[FORAY__WHOLE]; k++) {
        if (!is_filed(task, k))
            continue;
        leaving.file = &flow->files[k];
        leaving.written = is_written(task, k);
        visit(&task->views[k], let_go, &leaving);
    }
}
