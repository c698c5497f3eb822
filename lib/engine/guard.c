#include "engine/guard.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "array/extent.h"
#include "base/error.h"
#include "engine/stray.h"
#include "storage/segment.h"

enum { MAX_WRITTEN = 2 * FORAY_MAX_ARRAYS };

/* A segment, and where it is mapped for a second time. */
struct segment {
    const struct foray__attachment *at;
    char *alias;
    size_t length; /* whole pages */
};

/* Pages of slices: `begin` is a private copy, `before` what it was at first. */
struct range {
    const struct segment *segment;
    uintptr_t begin, end;
    char *before;
};

/* One a process: it has one thread of ours. */
static struct guard {
    struct foray_task *task;
    struct segment segments[MAX_WRITTEN];
    struct range ranges[MAX_WRITTEN];
    int n_segments, n_ranges;
    int range_of[FORAY__MAX_ARGS]; /* which range argument k is in, or -1 */
} guard;

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static bool lies_in(const struct foray__attachment *at, const void *data)
{
    const char *base = at->base, *byte = data;

    return base && at->access == FORAY__ACCESS_WRITE && byte >= base &&
           byte < base + at->length;
}

/* Whether some `whole` array in it may be written. */
static bool is_open(const struct foray__attachment *at)
{
    const struct foray__order *order = guard.task->order;

    for (int k = order->first[FORAY__WHOLE]; k < order->first[FORAY__ROLES];
         k++)
        if (lies_in(at, guard.task->full[k].data))
            return true;
    return false;
}

/* A second mapping of the same pages. NULL: it cannot be had. */
static void *map_again(void *address, size_t length, void *where)
{
    int flags = where ? MREMAP_MAYMOVE | MREMAP_FIXED : MREMAP_MAYMOVE;
    void *got = mremap(address, 0, length, flags, where);

    return got == MAP_FAILED ? NULL : got;
}

/* While a task works on pages of its own, what it passes on are copies. */
static void shadow(const struct foray__attachment *at, bool on)
{
    if (at->received)
        atomic_store(&at->received->shadowed, on);
}

/* The segment of argument k; NULL if it is not to be guarded. */
static struct segment *segment_of(const struct foray__attachments *attachments,
                                  int k, bool *failed)
{
    const void *data = guard.task->full[k].data;
    const struct foray__attachment *at = NULL;
    struct segment *segment;
    size_t page = page_size();

    for (size_t i = 0; i < attachments->n && !at; i++)
        if (lies_in(&attachments->items[i], data))
            at = &attachments->items[i];
    if (!at || is_open(at))
        return NULL;
    for (int i = 0; i < guard.n_segments; i++)
        if (guard.segments[i].at == at)
            return &guard.segments[i];
    segment = &guard.segments[guard.n_segments];
    segment->at = at;
    segment->length = (at->length + page - 1) / page * page;
    segment->alias = map_again(at->base, segment->length, NULL);
    if (!segment->alias) {
        *failed = true;
        return NULL;
    }
    guard.n_segments++;
    shadow(at, true);
    return segment;
}

/* The pages of a slice; two slices that share one are in one range. */
static void add_range(const struct segment *segment,
                      const struct foray_array *view)
{
    struct foray__extent extent = foray__extent_of(view, -1);
    uintptr_t page = page_size(), begin = extent.low / page * page;
    uintptr_t end = (extent.high + page - 1) / page * page;
    int n = 0;

    if (extent.low == extent.high)
        return;
    for (int i = 0; i < guard.n_ranges; i++) {
        struct range *range = &guard.ranges[i];

        if (range->begin < end && begin < range->end) {
            begin = begin < range->begin ? begin : range->begin;
            end = end > range->end ? end : range->end;
        } else {
            guard.ranges[n++] = *range;
        }
    }
    guard.ranges[n++] =
        (struct range){.segment = segment, .begin = begin, .end = end};
    guard.n_ranges = n;
}

static int range_of(const struct foray_array *view)
{
    struct foray__extent extent = foray__extent_of(view, -1);

    for (int i = 0; i < guard.n_ranges; i++)
        if (extent.low < extent.high && extent.low >= guard.ranges[i].begin &&
            extent.low < guard.ranges[i].end)
            return i;
    return -1;
}

static char *alias_of(const struct range *range)
{
    return range->segment->alias +
           (range->begin - (uintptr_t)range->segment->at->base);
}

/* Put private pages in the place of shared ones. */
static bool cover(struct range *range)
{
    const int protection = PROT_READ | PROT_WRITE;
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    size_t length = range->end - range->begin;
    void *before = mmap(NULL, length, protection, flags, -1, 0);

    if (before == MAP_FAILED)
        return false;
    memcpy(before, alias_of(range), length);
    if (mmap((void *)range->begin, length, protection, flags | MAP_FIXED, -1,
             0) == MAP_FAILED) {
        munmap(before, length);
        return false;
    }
    memcpy((void *)range->begin, before, length);
    range->before = before;
    return true;
}

/* Everything as it was. A worker that cannot do that ends. */
static void lift(void)
{
    for (int i = 0; i < guard.n_ranges; i++) {
        struct range *range = &guard.ranges[i];
        size_t length = range->end - range->begin;

        if (!range->before)
            continue;
        munmap(range->before, length);
        if (!map_again(alias_of(range), length, (void *)range->begin))
            _exit(125);
    }
    for (int i = 0; i < guard.n_segments; i++) {
        const struct segment *segment = &guard.segments[i];

        if (mprotect(segment->at->base, segment->length,
                     PROT_READ | PROT_WRITE))
            _exit(125);
        munmap(segment->alias, segment->length);
        shadow(segment->at, false);
    }
    guard.n_segments = 0;
}

uintptr_t foray__guard_origin(uintptr_t address)
{
    for (int i = 0; i < guard.n_segments; i++) {
        const struct segment *segment = &guard.segments[i];

        if (address - (uintptr_t)segment->alias < segment->length)
            return address - (uintptr_t)segment->alias +
                   (uintptr_t)segment->at->base;
    }
    return address;
}

static bool lower(const struct foray__attachments *attachments)
{
    const struct foray__order *order = guard.task->order;
    int first = order->first[FORAY__INOUT], last = order->first[FORAY__WHOLE];
    bool failed = false;

    guard.n_segments = guard.n_ranges = 0;
    for (int k = first; k < last; k++) {
        const struct segment *segment = segment_of(attachments, k, &failed);

        if (segment)
            add_range(segment, &guard.task->views[k]);
    }
    for (int k = first; k < last; k++)
        guard.range_of[k] = range_of(&guard.task->views[k]);
    for (int i = 0; i < guard.n_segments && !failed; i++)
        failed = mprotect(guard.segments[i].at->base, guard.segments[i].length,
                          PROT_READ) != 0;
    for (int i = 0; i < guard.n_ranges && !failed; i++)
        failed = !cover(&guard.ranges[i]);
    return !failed;
}

/* Copy every slice from where the task has it to the same place behind `to`:
 * what was before, or the shared memory. */
static void copy_slices(char *(*to)(const struct range *range))
{
    const struct foray__order *order = guard.task->order;

    for (int k = order->first[FORAY__INOUT]; k < order->first[FORAY__WHOLE];
         k++) {
        const struct foray_array *view = &guard.task->views[k];
        const struct range *range;
        struct foray_array copy = *view;

        if (guard.range_of[k] < 0)
            continue;
        range = &guard.ranges[guard.range_of[k]];
        copy.data = to(range) + ((uintptr_t)view->data - range->begin);
        if (foray_array_copy(&copy, view, NULL))
            _exit(125); /* never: they are alike */
    }
}

static char *before_of(const struct range *range)
{
    return range->before;
}

/* The first byte that was changed outside of the slices, 0 if none was. */
static uintptr_t find_stray(void)
{
    copy_slices(before_of);
    for (int i = 0; i < guard.n_ranges; i++) {
        const struct range *range = &guard.ranges[i];
        const char *now = (const char *)range->begin;
        size_t length = range->end - range->begin;

        if (!memcmp(now, range->before, length))
            continue;
        for (size_t at = 0; at < length; at++)
            if (now[at] != range->before[at])
                return range->begin + at;
    }
    return 0;
}

int foray__guard_run(struct foray_task *task,
                     const struct foray__attachments *attachments, size_t index)
{
    uintptr_t stray;
    int code;

    foray__task_cut(task, index);
    guard.task = task;
    if (!lower(attachments)) {
        lift();
        code = foray__fail(&task->error, FORAY_ENOMEM,
                           "task %zu cannot be guarded: no memory for a copy "
                           "of its slices",
                           index);
        task->error.task = (int64_t)index;
        task->error.worker = task->worker;
        foray__task_blank(task, index);
        return code;
    }
    code = foray__task_run(task, index);
    stray = find_stray();
    if (stray && !code) {
        code = foray__stray_fail(task, stray);
        foray__task_blank(task, index);
    }
    copy_slices(alias_of);
    lift();
    return code;
}
