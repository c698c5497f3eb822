#include "engine/holdings.h"

#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "base/error.h"
#include "engine/descriptor.h"
#include "engine/inherited.h"
#include "engine/received.h"
#include "storage/segment.h"

/* What the heap of calls is too small for. */
enum { MAX_INLINE = 8 << 20 };

static bool is_large(const struct foray__snapshots *snapshots,
                     const struct foray_array *array)
{
    size_t nbytes = foray_array_nbytes(array);

    /* Stores into an r+ argument are seen by the tasks that share it, at every
     * size: so it is never inline. */
    return !array->segment && !snapshots->here &&
           (nbytes > snapshots->max_nbytes || nbytes > MAX_INLINE ||
            snapshots->mode == FORAY_READ_WRITE);
}

/* In other modes than r a task's stores are to be its own, or everybody's:
 * inherited memory is neither. */
static bool is_inherited(const struct foray__snapshots *snapshots,
                         const struct foray_array *array)
{
    return snapshots->inherits && snapshots->mode == FORAY_READ &&
           foray__inherited_has(array);
}

static bool is_same(const struct foray_array *a, const struct foray_array *b)
{
    return a->data == b->data && a->dtype == b->dtype &&
           a->swapped == b->swapped && a->itemsize == b->itemsize &&
           a->ndim == b->ndim &&
           !memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof a->shape[0]) &&
           !memcmp(a->strides, b->strides,
                   (size_t)a->ndim * sizeof a->strides[0]);
}

/* One that further calls of the list expect. */
static struct foray__snapshot *
find_expected(const struct foray__snapshots *snapshots,
              const struct foray_array *array)
{
    struct foray__snapshot *snapshot = snapshots->list;

    while (snapshot &&
           (!snapshot->n_expected || !is_same(&snapshot->source, array)))
        snapshot = snapshot->next;
    return snapshot;
}

static struct foray__snapshot *add(struct foray__snapshots *snapshots,
                                   const struct foray_array *array)
{
    struct foray__snapshot *snapshot = calloc(1, sizeof *snapshot);

    if (!snapshot)
        return NULL;
    snapshot->source = *array;
    snapshot->next = snapshots->list;
    snapshots->list = snapshot;
    return snapshot;
}

static void drop(struct foray__snapshots *snapshots,
                 struct foray__snapshot *snapshot)
{
    struct foray__snapshot **at = &snapshots->list;

    while (*at != snapshot)
        at = &(*at)->next;
    *at = snapshot->next;
    if (snapshot->copy.segment)
        foray_array_close(&snapshot->copy, NULL);
    free(snapshot);
}

void foray__snapshots_expect(struct foray__snapshots *snapshots,
                             const struct foray_call *calls, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < calls[i].n && k < FORAY_MAX_ARGUMENTS; k++) {
            const struct foray_value *value = &calls[i].args[k];
            struct foray__snapshot *snapshot;

            if (value->kind != FORAY_KIND_ARRAY ||
                !is_large(snapshots, value->as.array) ||
                is_inherited(snapshots, value->as.array) ||
                foray__received_segment(value->as.array))
                continue;
            snapshot = find_expected(snapshots, value->as.array);
            if (!snapshot)
                snapshot = add(snapshots, value->as.array);
            if (snapshot) /* else each call dumps for itself */
                snapshot->n_expected++;
        }
}

static int hold(struct foray__holdings *holdings,
                const struct foray_segment *segment,
                struct foray__snapshot *snapshot, enum foray__access access,
                struct foray_error *err)
{
    if (holdings->n == holdings->capacity) {
        size_t capacity = holdings->n ? 2 * holdings->n : 4;
        void *items =
            realloc(holdings->items, capacity * sizeof *holdings->items);

        if (!items)
            return foray__fail(err, FORAY_ENOMEM, "no memory for a call");
        holdings->items = items;
        holdings->capacity = capacity;
    }
    holdings->items[holdings->n++] =
        (struct foray__holding){segment, snapshot, access};
    if (snapshot)
        snapshot->n_holders++;
    else
        atomic_fetch_add(&((struct foray_segment *)(uintptr_t)segment)->users,
                         1);
    return 0;
}

static void place_at(struct foray__place *out, const struct foray_array *array,
                     struct foray_segment *segment)
{
    struct foray__descriptor descriptor;
    struct foray_array placed = *array;

    placed.segment = segment;
    foray__descriptor_make(&descriptor, &placed, 0);
    out->segment = descriptor.segment;
    out->access = descriptor.access;
    out->mode = descriptor.view.mode;
    out->offset = descriptor.offset;
}

static int place_snapshot(struct foray__place *out,
                          const struct foray_array *array,
                          struct foray__snapshots *snapshots,
                          struct foray__holdings *holdings,
                          struct foray_error *err)
{
    const struct foray_placement placement = {.folder = snapshots->folder};
    struct foray__snapshot *snapshot = find_expected(snapshots, array);

    if (!snapshot)
        snapshot = add(snapshots, array);
    if (!snapshot)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a call");
    if (!snapshot->copy.segment) {
        int code = foray_array_dump(&snapshot->copy, array, &placement, err);

        if (code) {
            drop(snapshots, snapshot);
            return code;
        }
        snapshot->copy.mode = snapshots->mode;
        holdings->n_dumped += foray_array_nbytes(array);
    }
    if (snapshot->n_expected)
        snapshot->n_expected--;
    place_at(out, &snapshot->copy, snapshot->copy.segment);
    out->view = &snapshot->copy;
    return hold(holdings, snapshot->copy.segment, snapshot, out->access, err);
}

int foray__holdings_check(const struct foray_array *array,
                          struct foray_error *err)
{
    if (array->ndim < 0 || array->ndim > FORAY_MAX_NDIM || !array->itemsize ||
        (!array->data && foray_array_nitems(array)))
        return foray__fail(err, FORAY_EINVAL,
                           "an argument is no array: open or create it first");
    return array->segment ? foray__segment_check(array->segment, err) : 0;
}

int foray__holdings_place(struct foray__place *out,
                          const struct foray_array *array,
                          struct foray__snapshots *snapshots,
                          struct foray__holdings *holdings,
                          struct foray_error *err)
{
    struct foray_segment *segment;

    FORAY_TRY(foray__holdings_check(array, err));
    segment = array->segment ? array->segment : foray__received_segment(array);
    if (segment) {
        place_at(out, array, segment);
        return hold(holdings, segment, NULL, out->access, err);
    }
    out->mode = snapshots->mode;
    if (snapshots->here) {
        out->segment = FORAY__HERE;
        out->offset = (uint64_t)(uintptr_t)array->data;
        return 0;
    }
    if (!is_large(snapshots, array))
        return 0;
    if (!is_inherited(snapshots, array))
        return place_snapshot(out, array, snapshots, holdings, err);
    out->segment = FORAY__INHERITED;
    out->offset = (uint64_t)(uintptr_t)array->data;
    return 0;
}

int foray__holdings_share(struct foray__holdings *out,
                          const struct foray__holdings *others)
{
    for (size_t i = 0; i < others->n; i++) {
        const struct foray__holding *item = &others->items[i];

        FORAY_TRY(hold(out, item->segment, item->snapshot, item->access, NULL));
    }
    return 0;
}

void foray__holdings_cut(struct foray__holdings *holdings, size_t n,
                         struct foray__snapshots *snapshots)
{
    while (holdings->n > n) {
        const struct foray__holding *item = &holdings->items[--holdings->n];

        if (!item->snapshot)
            atomic_fetch_sub(
                &((struct foray_segment *)(uintptr_t)item->segment)->users, 1);
        else if (!--item->snapshot->n_holders && !item->snapshot->n_expected)
            drop(snapshots, item->snapshot);
    }
}

void foray__holdings_release(struct foray__holdings *holdings,
                             struct foray__snapshots *snapshots)
{
    foray__holdings_cut(holdings, 0, snapshots);
    free(holdings->items);
    memset(holdings, 0, sizeof *holdings);
}

void foray__snapshots_clear(struct foray__snapshots *snapshots)
{
    while (snapshots->list)
        drop(snapshots, snapshots->list);
}
