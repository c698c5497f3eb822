/* The nearest rows of a few queries, found among rows that come block by
 * block: first by bounds of their distances, at the end by the distances. */
#ifndef FORAY_LINALG_NEAREST_H
#define FORAY_LINALG_NEAREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/error.h>

/* A row that may be among the nearest. */
struct foray__candidate {
    double low, high; /* its distance, or what stands for it, lies between */
    int64_t index;
};

/* Those of one query. A row with a lower bound above `limit` is none: there
 * are k whose upper bounds are not above it. */
struct foray__nearest {
    struct foray__candidate *candidates;
    size_t n, room, k;
    double limit;
};

/* Room for k, and some more. false: no memory. */
bool foray__nearest_begin(struct foray__nearest *nearest, size_t k);
void foray__nearest_end(struct foray__nearest *nearest);

/* Take a row whose lower bound is not above the limit. false: there is no room,
 * for too many cannot be told apart by their bounds: make them exact. */
bool foray__nearest_take(struct foray__nearest *nearest, double low,
                         double high, int64_t index);

/* Leave out those that are none any more. */
void foray__nearest_thin(struct foray__nearest *nearest);

/* The bounds of all candidates are their distances now: leave the k nearest,
 * in order, of equally near ones the lower index first. */
void foray__nearest_settle(struct foray__nearest *nearest);

#endif
