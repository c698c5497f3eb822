#include "linalg/nearest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool foray__nearest_begin(struct foray__nearest *nearest, size_t k)
{
    memset(nearest, 0, sizeof *nearest);
    nearest->k = k;
    nearest->limit = INFINITY;
    nearest->room = 2 * k + 64;
    nearest->candidates = calloc(nearest->room, sizeof *nearest->candidates);
    return nearest->candidates != NULL;
}

void foray__nearest_end(struct foray__nearest *nearest)
{
    free(nearest->candidates);
    memset(nearest, 0, sizeof *nearest);
}

static void swap(struct foray__candidate *a, struct foray__candidate *b)
{
    struct foray__candidate c = *a;

    *a = *b;
    *b = c;
}

/* Exchange elements until those up to the one returned have upper bounds that
 * are not above those behind it (Hoare's partition). */
static ptrdiff_t part(struct foray__candidate *c, ptrdiff_t first,
                      ptrdiff_t last)
{
    double pivot = c[first + (last - first) / 2].high;
    ptrdiff_t i = first - 1, j = last + 1;

    for (;;) {
        do
            i++;
        while (c[i].high < pivot);
        do
            j--;
        while (c[j].high > pivot);
        if (i >= j)
            return j;
        swap(&c[i], &c[j]);
    }
}

/* The k-th least upper bound, counted from 0. */
static double select_high(struct foray__candidate *c, size_t n, size_t k)
{
    ptrdiff_t first = 0, last = (ptrdiff_t)n - 1;

    while (first < last) {
        ptrdiff_t end = part(c, first, last);

        if ((ptrdiff_t)k <= end)
            last = end;
        else
            first = end + 1;
    }
    return c[k].high;
}

void foray__nearest_thin(struct foray__nearest *nearest)
{
    size_t kept = 0;

    if (nearest->n < nearest->k)
        return;
    nearest->limit =
        select_high(nearest->candidates, nearest->n, nearest->k - 1);
    for (size_t i = 0; i < nearest->n; i++)
        if (nearest->candidates[i].low <= nearest->limit)
            nearest->candidates[kept++] = nearest->candidates[i];
    nearest->n = kept;
}

bool foray__nearest_take(struct foray__nearest *nearest, double low,
                         double high, int64_t index)
{
    if (nearest->n == nearest->room)
        foray__nearest_thin(nearest);
    /* Thinning for one or two at a time would take long. */
    if (nearest->n > nearest->room - nearest->room / 8)
        return false;
    nearest->candidates[nearest->n++] =
        (struct foray__candidate){low, high, index};
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct foray__candidate *x = a, *y = b;

    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

void foray__nearest_settle(struct foray__nearest *nearest)
{
    qsort(nearest->candidates, nearest->n, sizeof *nearest->candidates,
          compare);
    if (nearest->n < nearest->k)
        return;
    nearest->n = nearest->k;
    nearest->limit = nearest->candidates[nearest->k - 1].low;
}
