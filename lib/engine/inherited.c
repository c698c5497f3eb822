#include "engine/inherited.h"

#include <sys/mman.h>
#include <unistd.h>

#include "array/extent.h"
#include "storage/segment.h"

/* Less is copied faster than its pages are protected. */
enum { MIN_NBYTES = 64 << 10 };

/* Protecting a page takes as long as forking it. Of more than FULL bytes that
 * would be a half on top of the forks: a GUARD in each of at most MAX_GUARDS
 * steps will do, which a task that writes more than a step runs into. */
enum { FULL = 64 << 20, GUARD = 64 << 10, STEP = 1 << 20, MAX_GUARDS = 128 };

bool foray__inherited_has(const struct foray_array *array)
{
    struct foray__extent extent = foray__extent_of(array, -1);

    return !array->segment && foray_array_nbytes(array) >= MIN_NBYTES &&
           !foray__segment_overlaps(extent.low, extent.high);
}

static void protect(uintptr_t low, uintptr_t high)
{
    uintptr_t size = high - low, step = STEP, guard = GUARD;

    if (size <= FULL)
        step = guard = size;
    else if (size / step >= MAX_GUARDS)
        step = size / MAX_GUARDS / GUARD * GUARD;
    for (uintptr_t at = low; at < high; at += step)
        mprotect((void *)at, guard < high - at ? guard : high - at, PROT_READ);
}

void foray__inherited_protect(const struct foray_array *array)
{
    static struct foray__extent last; /* mostly the calls of a run share one */
    struct foray__extent extent = foray__extent_of(array, -1);
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    if (!foray_array_is_contiguous(array, FORAY_ANY_ORDER) ||
        (extent.low == last.low && extent.high == last.high))
        return;
    last = extent;
    extent.low = (extent.low + page - 1) / page * page;
    extent.high = extent.high / page * page;
    if (extent.low < extent.high)
        protect(extent.low, extent.high);
}
