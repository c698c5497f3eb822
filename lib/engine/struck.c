#include "engine/struck.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "storage/segment.h"

bool foray__struck_in_run(struct foray__struck *out,
                          const struct foray__run *run, int arg)
{
    static const char *const roles[] = {"in", "inout", "out", "whole"};
    const struct foray_segment *segment;
    int role = 0;

    if (arg < 0 || arg >= run->first[FORAY__ROLES])
        return false;
    while (arg >= run->first[role + 1])
        role++;
    segment = run->args[arg]->segment;
    out->array = *run->args[arg];
    out->segment = segment;
    out->begin = segment ? (char *)out->array.data - (char *)segment->base : 0;
    out->read_only = role == FORAY__IN;
    out->outside = run->guard && (role == FORAY__INOUT || role == FORAY__OUT);
    snprintf(out->name, sizeof out->name, "%s[%d]", roles[role],
             arg - run->first[role]);
    return true;
}

bool foray__struck_in_call(struct foray__struck *out,
                           const struct foray__packet *packet,
                           const struct foray__holdings *holdings, int arg)
{
    const struct foray__packet_array *from =
        arg < 0 ? NULL : foray__packet_array_of(packet, (size_t)arg);

    if (!from)
        return false;
    foray__packet_array_open(&out->array, from, packet);
    out->segment = NULL;
    out->begin = from->offset;
    for (size_t i = 0; i < holdings->n; i++)
        if (holdings->items[i].segment->id == from->segment)
            out->segment = holdings->items[i].segment;
    out->read_only = out->array.mode == FORAY_READ;
    out->outside = false;
    snprintf(out->name, sizeof out->name, "argument %d", arg);
    return true;
}

/* "3, 5": the element that byte `offset` is in. False when it is in none, or
 * the strides do not say: those of C order and of its slices decompose
 * greedily, the largest first. */
static bool find_element(char *index, size_t size,
                         const struct foray_array *array, int64_t offset)
{
    int64_t rest = offset;
    size_t used = 0;

    if (offset < 0 || !array->ndim)
        return false;
    for (int k = 0; k < array->ndim; k++) {
        int64_t stride = array->strides[k], i;

        if (stride <= 0 || array->strides[0] < stride)
            return false;
        i = rest / stride;
        if (k == 0 && (size_t)i >= array->shape[0])
            return false;
        rest -= i * stride;
        used += (size_t)snprintf(index + used, size - used, "%s%lld",
                                 k ? ", " : "", (long long)i);
        if (used >= size)
            return false;
    }
    return rest < (int64_t)array->itemsize;
}

void foray__struck_tell(char *text, size_t size,
                        const struct foray__struck *struck, int64_t offset)
{
    const char *path = struck->segment ? struck->segment->path : NULL;
    char tail[FORAY__TAIL_SIZE], index[128], file[FORAY__TAIL_SIZE + 4] = "";

    if (path)
        snprintf(file, sizeof file, " (%s)", foray__tail(tail, path));
    if (find_element(index, sizeof index, &struck->array, offset))
        snprintf(text, size, " at element [%s] of %s%s%s", index, struck->name,
                 file,
                 struck->read_only ? ", which is read-only"
                 : struck->outside ? ", outside of its slice"
                                   : "");
    else
        snprintf(text, size, " %lld bytes from the begin of %s%s",
                 (long long)offset, struck->name, file);
}

void foray__struck_tell_cut(char *text, size_t size,
                            const struct foray__struck *struck, int64_t offset)
{
    int64_t byte = struck->begin + offset;
    struct stat st;

    *text = '\0';
    if (struck->segment && !fstat(struck->segment->fd, &st) &&
        byte >= st.st_size)
        snprintf(text, size, ", byte %lld of a file that was cut to %lld",
                 (long long)byte, (long long)st.st_size);
}
