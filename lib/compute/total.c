#include "compute/total.h"

#include <math.h>
#include <stdint.h>

/* Sums that go on side by side, so that they become vectors. */
enum { LANES = 8 };

/* Add `x` to `sum`; what was rounded away goes to `lost` (Knuth, TAOCP 4.2.2,
 * theorem B; exact, whichever of the two is larger). */
static inline void add_float(double *sum, double *lost, double x)
{
    double next = *sum + x;
    double part = next - *sum;

    *lost += (*sum - (next - part)) + (x - part);
    *sum = next;
}

void foray__total_add_floats(void *total, const void *block, size_t n)
{
    double sum[LANES] = {0}, lost[LANES] = {0};
    struct foray__total *into = total;
    const double *x = block;
    size_t i = 0;

    for (; n - i >= LANES; i += LANES)
        for (int k = 0; k < LANES; k++)
            add_float(&sum[k], &lost[k], x[i + (size_t)k]);
    for (int k = 0; i < n; i++, k++)
        add_float(&sum[k], &lost[k], x[i]);
    for (int k = 0; k < LANES; k++) {
        add_float(&into->sum, &into->lost, sum[k]);
        into->lost += lost[k];
    }
}

void foray__total_add_signed(void *total, const void *block, size_t n)
{
    struct foray__total *into = total;
    const int64_t *x = block;

    for (size_t i = 0; i < n; i++)
        into->whole += x[i];
}

void foray__total_add_unsigned(void *total, const void *block, size_t n)
{
    struct foray__total *into = total;
    const uint64_t *x = block;

    for (size_t i = 0; i < n; i++)
        into->whole += x[i];
}

void foray__total_combine(struct foray__total *left,
                          const struct foray__total *right)
{
    left->whole += right->whole;
    add_float(&left->sum, &left->lost, right->sum);
    left->lost += right->lost;
}

/* What was lost is no number once the sum is infinite or NaN. */
double foray__total_value(const struct foray__total *total,
                          enum foray_dtype number)
{
    double value = total->sum + total->lost;

    if (number != FORAY_F64)
        return (double)total->whole;
    return isfinite(value) ? value : total->sum;
}
