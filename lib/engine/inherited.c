#include "engine/inherited.h"

#include <sys/mman.h>
#include <unistd.h>

#include "array/extent.h"
#include "storage/segment.h"

/* Less is copied faster than its pages are protected. */
enum { MIN_NBYTES = 64 << 10 };

bool foray__inherited_has(const struct foray_array *array)
{
    struct foray__extent extent = foray__extent_of(array, -1);

    return !array->segment && foray_array_nbytes(array) >= MIN_NBYTES &&
           !foray__segment_overlaps(extent.low, extent.high);
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
        mprotect((void *)extent.low, extent.high - extent.low, PROT_READ);
}
