#include "engine/received.h"

#include <unistd.h>

#include "array/extent.h"
#include "engine/nesting.h"
#include "storage/segment.h"

/* Some run has it: the task's own arrays have their segment by name. */
static bool is_given(struct foray_segment *segment)
{
    return segment->pid == getpid() && atomic_load(&segment->users) &&
           !atomic_load(&segment->shadowed);
}

static bool allows(const struct foray_segment *segment, enum foray_mode mode)
{
    return segment->mode != FORAY_COPY &&
           (mode == FORAY_READ || segment->mode != FORAY_READ);
}

struct foray_segment *foray__received_segment(const struct foray_array *array)
{
    struct foray__extent extent;
    struct foray_segment *segment;

    if (array->segment || array->mode == FORAY_COPY || !foray__nesting().depth)
        return NULL;
    extent = foray__extent_of(array, -1);
    segment = foray__segment_around(extent.low, extent.high);
    return segment && is_given(segment) && allows(segment, array->mode)
               ? segment
               : NULL;
}
