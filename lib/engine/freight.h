/* Freight: the parcels of a run that a registered backend carries. They are
 * submitted in order, a few at a time, and come back in any. */
#ifndef FORAY_ENGINE_FREIGHT_H
#define FORAY_ENGINE_FREIGHT_H

#include <foray/backend.h>

#include "engine/bytes.h"
#include "engine/course.h"
#include "engine/parcel.h"
#include "engine/pool_body.h"

/* Seconds that a wait lasts at most: somebody is to look whether the run is
 * cancelled. */
#define FORAY__FREIGHT_PATIENCE 0.05

/* A parcel: the first member of what its sender knows of it. */
struct foray__shipment {
    struct foray__bytes bytes; /* begin with the parcel's head */
    uint64_t id;
    bool submitted;
    struct foray__shipment *next;
};

struct foray__freight {
    struct foray_pool *pool;
    struct foray__course *course;
    /* One is back, or lost (bytes NULL): it is in no list, and the callee's. */
    void (*arrived)(struct foray__shipment *shipment,
                    const struct foray_done *done, void *arg);
    void *arg;
    struct foray__shipment *list, **last; /* packed, not back */
    size_t n_listed, n_submitted;
    uint64_t n_packed;
    struct foray__ambient ambient; /* what tasks inherit */
    bool cancelled;                /* the backend was told */
    bool broken;                   /* nothing comes back any more */
};

/* Tries that a call or a task of a pool has at most. */
uint32_t foray__freight_attempts(const struct foray_pool *pool);

void foray__freight_begin(struct foray__freight *freight,
                          struct foray_pool *pool, struct foray__course *course,
                          void (*arrived)(struct foray__shipment *,
                                          const struct foray_done *, void *),
                          void *arg);

/* Room for a head; what it is to carry goes behind it. False when out of
 * memory. */
bool foray__shipment_begin(struct foray__shipment *shipment);

/* Complete the head, which says what is in the parcel, and put the parcel to
 * the others. False when out of memory: it is the caller's still. */
bool foray__freight_add(struct foray__freight *freight,
                        struct foray__shipment *shipment,
                        struct foray__parcel *head);

/* Keep the backend busy. Errors: the backend's. */
int foray__freight_submit(struct foray__freight *freight,
                          struct foray_error *err);

/* Submit, wait at most so many seconds for one, and take what else is there.
 * Errors: the backend's, which nothing comes back from then; what init failed
 * with in a worker. The course is stopping then. */
int foray__freight_wait(struct foray__freight *freight, double seconds,
                        struct foray_error *err);

/* Take one that was not submitted out of the list. */
void foray__freight_take(struct foray__freight *freight,
                         struct foray__shipment *shipment);

/* Wait until nothing is under way. */
void foray__freight_finish(struct foray__freight *freight);

#endif
