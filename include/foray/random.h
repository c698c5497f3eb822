/* Random numbers that depend on a seed and a stream, and on nothing else.
 *
 *     static int mean_of_draws(struct foray_task *task)
 *     {
 *         const struct foray_array *means = foray_task_whole(task, 0);
 *         double sum = 0;
 *         struct foray_rng rng;
 *
 *         foray_task_rng(&rng, task, 2026);
 *         for (int i = 0; i < 1000; i++)
 *             sum += foray_rng_f64(&rng);
 *         FORAY_AT(means, double, foray_task_index(task)) = sum / 1000;
 *         return 0;
 *     }
 *
 * Each pair of seed and stream has a sequence of its own, so that tasks draw
 * the same numbers whichever worker runs them, in whatever order. Nothing is
 * shared, locked or warmed up: to begin a stream takes some nanoseconds.
 *
 * The generator is Philox4x64-10, and what it draws is NumPy's, bit for bit:
 * with bits = np.random.Philox(key=seed + (stream << 64)), foray_rng_u64 is
 * bits.random_raw() and foray_rng_f64 is np.random.Generator(bits).random().
 * A sequence has 2^258 numbers. They are no secrets: make no keys of them.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1,
 * 2, 3", SC 2011.
 * Threads, fork: a generator is plain memory, one thread's at a time; a copy
 * goes on from where the original stood.
 */
#ifndef FORAY_RANDOM_H
#define FORAY_RANDOM_H

#include <stdint.h>

#include <foray/export.h>
#include <foray/task.h>

FORAY_BEGIN

/* Copy it freely; what it holds may change with the version. */
struct foray_rng {
    uint64_t key[2];     /* seed, stream */
    uint64_t counter[4]; /* of the last block, least significant word first */
    uint64_t block[4];   /* four numbers, made at once */
    unsigned left;       /* of them, not drawn yet: the last ones */
};

/** Begin the sequence of a seed and a stream; all of both are good, 0 too. */
FORAY_API void foray_rng_init(struct foray_rng *rng, uint64_t seed,
                              uint64_t stream);

/** Begin the sequence of this task: the stream is foray_task_index, so that
 *  n_jobs and the backend make no difference. Two runs with one seed draw the
 *  same: give each a seed of its own. In foray_map a task is a slice of
 *  `chunk` rows, and what a row gets changes with the chunk. */
FORAY_API void foray_task_rng(struct foray_rng *out,
                              const struct foray_task *task, uint64_t seed);

/** Skip `n` numbers, as `n` calls of foray_rng_u64 would, at once. */
FORAY_API void foray_rng_advance(struct foray_rng *rng, uint64_t n);

/** The next number, 0 .. 2^64-1. */
FORAY_API uint64_t foray_rng_u64(struct foray_rng *rng);

/** In [0, 1): the upper 53 bits of the next number times 2^-53. */
FORAY_API double foray_rng_f64(struct foray_rng *rng);

/** In 0 .. n-1, each equally likely; 0 for n 0. Draws a number, and rarely
 *  more. For n > 2^32 the same as NumPy's integers(n), which draws numbers of
 *  32 bits below that.
 *  Source: Lemire, "Fast random integer generation in an interval", 2019. */
FORAY_API uint64_t foray_rng_below(struct foray_rng *rng, uint64_t n);

/** Of the normal distribution with mean 0 and standard deviation 1, by the
 *  polar method: points (2 foray_rng_f64 - 1, 2 foray_rng_f64 - 1) until one
 *  has 0 < s < 1, where s is its squared distance from 0; of that one
 *  x sqrt(-2 ln(s) / s), while y is dropped. Exact but for rounding, with the
 *  same bits on every CPU; not the numbers of NumPy's standard_normal. Draws
 *  2.55 numbers on average.
 *  Source: Marsaglia, Bray, "A convenient method for generating normal
 *  variables", SIAM Review 6, 1964. */
FORAY_API double foray_rng_normal(struct foray_rng *rng);

FORAY_END
#endif
