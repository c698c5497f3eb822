#include <foray/verbose.h>

#include <inttypes.h>
#include <stdbool.h>

#include <foray/machine.h>

struct time_text {
    char text[32];
};

static bool is_silent(const struct foray_verbose *verbose)
{
    return verbose->verbose <= 0 || !verbose->stream;
}

/* "    1.4s" or " 2.5min"; by hand, as printf's point is the locale's. */
static struct time_text time_text(double seconds)
{
    struct time_text out;
    bool long_ago = seconds > 60;
    double tenths = (long_ago ? seconds / 60 : seconds) * 10 + 0.5;
    uint64_t n = tenths >= 0 && tenths < 1e18 ? (uint64_t)tenths : 0;

    if (long_ago)
        snprintf(out.text, sizeof out.text, "%2" PRIu64 ".%" PRIu64 "min",
                 n / 10, n % 10);
    else
        snprintf(out.text, sizeof out.text, " %3" PRIu64 ".%" PRIu64 "s",
                 n / 10, n % 10);
    return out;
}

static int width(size_t total)
{
    int digits = 1;

    for (; total >= 10; total /= 10)
        digits++;
    return digits < 3 ? 3 : digits;
}

void foray_verbose_begin(struct foray_verbose *verbose)
{
    int n = verbose->n_workers;

    verbose->total = verbose->completed = 0;
    verbose->seconds = 0;
    verbose->told = false;
    if (is_silent(verbose))
        return;
    fprintf(verbose->stream,
            "[Parallel(n_jobs=%d)]: Using backend %s with %d concurrent "
            "workers.\n",
            verbose->n_jobs, verbose->backend ? verbose->backend : "fork",
            n > 0 ? n : foray_n_jobs(verbose->n_jobs));
    fflush(verbose->stream);
}

static size_t integer_root(size_t n)
{
    size_t root = 0;

    for (size_t bit = (size_t)1 << (4 * sizeof n - 1); bit; bit >>= 1)
        if ((root | bit) <= n / (root | bit))
            root |= bit;
    return root;
}

/* Lines of an unknown total before `n` tasks: int(sqrt(n / v)) for
 * v = (11 - verbose)^2 / 2. */
static size_t growing(int verbose, size_t n)
{
    return integer_root(2 * n) / (size_t)(11 - verbose);
}

/* Whether a line is due that was not when `before` tasks were done. */
static bool is_due(const struct foray_verbose *verbose, size_t before,
                   size_t now, size_t total)
{
    size_t distance = total / (size_t)verbose->verbose + 1;

    if (now <= before)
        return false;
    if (total)
        return now + 1 < total &&
               (total - before) / distance != (total - now) / distance;
    return verbose->verbose > 10 || growing(verbose->verbose, before + 1) !=
                                        growing(verbose->verbose, now + 1);
}

static void print_line(const struct foray_verbose *verbose,
                       const struct foray_progress *now)
{
    int digits = width(now->total);
    struct time_text elapsed = time_text(now->seconds), left;

    if (!now->total) {
        fprintf(verbose->stream,
                "[Parallel(n_jobs=%d)]: Done %*zu tasks      | elapsed: %s\n",
                verbose->n_jobs, digits, now->completed, elapsed.text);
        return;
    }
    left = time_text(now->seconds / (double)now->completed *
                     (double)(now->total - now->completed));
    fprintf(verbose->stream,
            "[Parallel(n_jobs=%d)]: Done %*zu out of %*zu | elapsed: %s "
            "remaining: %s\n",
            verbose->n_jobs, digits, now->completed, digits, now->total,
            elapsed.text, left.text);
}

void foray_verbose_progress(const struct foray_progress *progress, void *arg)
{
    struct foray_verbose *verbose = arg;
    size_t before = verbose->completed;

    verbose->told = true;
    verbose->total = progress->total;
    verbose->completed = progress->completed;
    verbose->seconds = progress->seconds;
    if (is_silent(verbose) ||
        !is_due(verbose, before, progress->completed, progress->total))
        return;
    print_line(verbose, progress);
    fflush(verbose->stream);
}

void foray_verbose_end(struct foray_verbose *verbose)
{
    size_t n = verbose->completed;
    int digits = width(verbose->total ? verbose->total : n);

    if (is_silent(verbose) || !verbose->told ||
        (verbose->total && n < verbose->total))
        return;
    fprintf(verbose->stream,
            "[Parallel(n_jobs=%d)]: Done %*zu out of %*zu | elapsed: %s "
            "finished\n",
            verbose->n_jobs, digits, n, digits, n,
            time_text(verbose->seconds).text);
    fflush(verbose->stream);
}
