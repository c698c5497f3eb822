#include "compute/moments.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "compute/elements.h"
#include "compute/moments_kernel.h"

__extension__ typedef unsigned __int128 unsigned_wide;

/* What visits the elements. */
struct adding {
    struct foray__moments *moments;
    const struct foray__moments_kernel *kernel;
};

static uint64_t numbers_of(const struct foray__moments *moments)
{
    return moments->count - moments->nans;
}

/* Add `x` to the sum; what was rounded away is kept beside it (Knuth, TAOCP
 * 4.2.2, theorem B). */
static void add_float(struct foray__moments *into, double x)
{
    double next = into->sum + x;
    double part = next - into->sum;

    into->lost += (into->sum - (next - part)) + (x - part);
    into->sum = next;
}

void foray__moments_join(struct foray__moments *into,
                         const struct foray__moments *from)
{
    double n = (double)numbers_of(into), m = (double)numbers_of(from);
    double distance = from->mean - into->mean;
    bool is_first = n == 0;

    into->count += from->count;
    into->nans += from->nans;
    if (m == 0)
        return;
    into->squares += from->squares;
    if (is_first) {
        into->mean = from->mean;
    } else {
        into->mean += distance * (m / (n + m));
        into->squares += distance * distance * (n * (m / (n + m)));
    }
    if (is_first || from->least < into->least)
        into->least = from->least;
    if (is_first || from->greatest > into->greatest)
        into->greatest = from->greatest;
    if (is_first || from->low < into->low)
        into->low = from->low;
    if (is_first || from->high > into->high)
        into->high = from->high;
    into->total += from->total;
    add_float(into, from->sum);
    into->lost += from->lost;
}

static void take_floats(struct foray__moments *block,
                        const struct foray__float_block *scan, size_t n)
{
    memset(block, 0, sizeof *block);
    block->count = n;
    block->nans = scan->nans;
    block->sum = scan->sum;
    block->least = scan->least;
    block->greatest = scan->greatest;
    if (numbers_of(block))
        block->mean = scan->sum / (double)numbers_of(block);
}

/* Visitors of blocks. */
#define DEFINE_ADD_FLOATS(bits, type)                                          \
    static void add_f##bits(void *arg, const void *x, size_t n)                \
    {                                                                          \
        const struct adding *adding = arg;                                     \
        struct foray__float_block scan;                                        \
        struct foray__moments block;                                           \
                                                                               \
        adding->kernel->scan##bits(&scan, x, n);                               \
        take_floats(&block, &scan, n);                                         \
        block.squares = adding->kernel->squares##bits(x, n, block.mean);       \
        foray__moments_join(adding->moments, &block);                          \
    }

DEFINE_ADD_FLOATS(64, double)
DEFINE_ADD_FLOATS(32, float)

/* Halves of 32 bits are added, so that the sums of a block stay exact in
 * 64. */
#define DEFINE_ADD_INTEGERS(name, type)                                        \
    static void name(void *arg, const void *elements, size_t n)                \
    {                                                                          \
        const struct adding *adding = arg;                                     \
        struct foray__moments block = {.count = n};                            \
        const type *x = elements;                                              \
        type low = x[0], high = x[0], upper = 0;                               \
        uint64_t lower = 0;                                                    \
                                                                               \
        for (size_t i = 0; i < n; i++) {                                       \
            low = x[i] < low ? x[i] : low;                                     \
            high = x[i] > high ? x[i] : high;                                  \
            upper += x[i] >> 32;                                               \
            lower += (uint64_t)x[i] & 0xffffffff;                              \
        }                                                                      \
        block.low = low;                                                       \
        block.high = high;                                                     \
        block.total = (foray__wide)upper * ((foray__wide)1 << 32) + lower;     \
        block.mean = (double)block.total / (double)n;                          \
        for (size_t i = 0; i < n; i++) {                                       \
            double d = (double)x[i] - block.mean;                              \
                                                                               \
            block.squares += d * d;                                            \
        }                                                                      \
        foray__moments_join(adding->moments, &block);                          \
    }

DEFINE_ADD_INTEGERS(add_signed, int64_t)
DEFINE_ADD_INTEGERS(add_unsigned, uint64_t)

struct foray__measure foray__measure(enum foray_dtype number)
{
    return (struct foray__measure){number, foray__moments_kernel_choose()};
}

int foray__moments_add(struct foray__moments *moments,
                       const struct foray_array *array,
                       const struct foray__measure *measure,
                       struct foray_error *err)
{
    struct adding adding = {moments, measure->kernel};
    foray__block_fn add = measure->number == FORAY_I64   ? add_signed
                          : measure->number == FORAY_U64 ? add_unsigned
                                                         : add_f64;

    /* f32 needs no copy to be read as f64. */
    if (array->dtype == FORAY_F32)
        return foray__elements_each(array, FORAY_F32, add_f32, &adding, err);
    return foray__elements_each(array, measure->number, add, &adding, err);
}

static struct foray_wide wide_of(foray__wide x)
{
    return (struct foray_wide){.low = (uint64_t)x, .high = (int64_t)(x >> 64)};
}

/* What was lost is no number once the sum is infinite or NaN. */
static double sum_of(const struct foray__moments *moments)
{
    double sum = moments->sum + moments->lost;

    return isfinite(sum) ? sum : moments->sum;
}

void foray__moments_finish(struct foray_stats *out,
                           const struct foray__moments *moments,
                           enum foray_dtype number)
{
    bool is_integer = number != FORAY_F64;
    double n = (double)numbers_of(moments);

    memset(out, 0, sizeof *out);
    out->count = moments->count;
    out->nans = moments->nans;
    out->is_integer = is_integer;
    out->sum = is_integer ? (double)moments->total : sum_of(moments);
    out->least = wide_of(moments->low);
    out->greatest = wide_of(moments->high);
    out->total = wide_of(moments->total);
    if (n == 0) {
        out->min = out->max = out->mean = out->std = (double)NAN;
        return;
    }
    out->min = is_integer ? (double)moments->low : moments->least;
    out->max = is_integer ? (double)moments->high : moments->greatest;
    out->mean = out->sum / n;
    out->std = sqrt(moments->squares / n);
}

const char *foray_wide_text(char buffer[FORAY_WIDE_SIZE],
                            struct foray_wide wide)
{
    unsigned_wide rest = (unsigned_wide)(uint64_t)wide.high << 64 | wide.low;
    bool is_negative = wide.high < 0;
    char *at = &buffer[FORAY_WIDE_SIZE - 1];

    if (is_negative)
        rest = -rest;
    *at = '\0';
    do
        *--at = (char)('0' + (int)(rest % 10));
    while (rest /= 10);
    if (is_negative)
        *--at = '-';
    memmove(buffer, at, strlen(at) + 1);
    return buffer;
}
