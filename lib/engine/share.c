#include "engine/share.h"

/* This process's. */
static struct {
    const struct foray__shared *shared;
    const struct foray__runtimes *runtimes;
    int said[FORAY__MAX_RUNTIMES]; /* by runtimes, when they were capped */
    int n_threads;
    struct foray__nesting nesting;
    /* Words before `first` are done with in this run. */
    uint32_t generation;
    uint64_t first;
} self;

void foray__share_enter(const struct foray__shared *shared,
                        const struct foray__runtimes *runtimes, int n_threads,
                        struct foray__nesting nesting)
{
    self.shared = shared;
    self.runtimes = runtimes;
    self.n_threads = n_threads;
    self.nesting = nesting;
    foray__nesting_enter(nesting);
    foray__runtimes_cap(runtimes, n_threads);
    foray__runtimes_ask(self.said, runtimes);
}

void foray__share_spread(void)
{
    static struct foray__runtimes found; /* large, and one for the process */

    foray__runtimes_scan(&found);
    self.runtimes = &found;
    foray__runtimes_cap(&found, self.n_threads);
    foray__runtimes_ask(self.said, &found);
}

static uint64_t current_of(unsigned slot, const void *arg)
{
    const struct foray__shared *shared = arg;

    return atomic_load_explicit(&shared->slots[slot].current,
                                memory_order_relaxed);
}

/* Tasks of the present run that are not done, counted up to n_workers. */
static int count_left(int n_workers)
{
    const struct foray__claims *claims = &self.shared->claims;
    uint32_t generation =
        atomic_load_explicit(&claims->generation, memory_order_relaxed);

    if (self.generation != generation) {
        self.generation = generation;
        self.first = 0;
    }
    return (int)foray__claims_n_left(claims, &self.first, (uint64_t)n_workers,
                                     current_of, self.shared);
}

static void set(int n_threads)
{
    if (n_threads == self.n_threads)
        return;
    self.n_threads = self.nesting.n_cpus = n_threads;
    foray__nesting_enter(self.nesting);
    foray__runtimes_change(self.runtimes, self.said, n_threads);
}

int foray__share_adjust(void)
{
    const struct foray__division *division = &self.shared->division;
    int share;

    if (division->n_cpus) {
        share = division->n_cpus / count_left(division->n_workers);
        set(share > 1 ? share : 1);
    }
    return self.runtimes->busy ? 1 : self.n_threads;
}
