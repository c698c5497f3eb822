/* A search for nearest rows, and a task of it: a slice of the queries that goes
 * over all rows in blocks. The product of both gives each distance but for what
 * it rounded; rows that may be among the nearest for all that is known are
 * kept, and their distances summed up in the end. */
#ifndef FORAY_LINALG_SEARCH_H
#define FORAY_LINALG_SEARCH_H

#include <stdbool.h>

#include <foray/linalg.h>
#include <foray/task.h>

/* What every task is told. */
struct foray__search {
    size_t k;
    enum foray_metric metric;
    enum foray_dtype dtype; /* of the products */
    bool among_themselves;  /* the queries are the rows */
    double rounding;        /* of a product, relative to both lengths */
};

/* The task of a foray_map: `in` the queries and their squared lengths, `out`
 * indices and distances, `whole` the rows and their squared lengths, params
 * struct foray__search. */
int foray__search_nearest(struct foray_task *task);

#endif
