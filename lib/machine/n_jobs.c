#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "machine/cpus.h"

int foray__n_jobs_among(int n_jobs, int cpus)
{
    if (n_jobs > 0)
        return n_jobs;
    if (n_jobs == 0)
        return cpus;
    return n_jobs < -cpus ? 1 : cpus + 1 + n_jobs;
}

int foray_n_jobs(int n_jobs)
{
    return n_jobs > 0 ? n_jobs : foray__n_jobs_among(n_jobs, foray_cpu_count());
}

/* The number that `digits` begins with, 1 or more; *end is what follows. */
static bool read_number(int *out, const char *digits, char **end)
{
    long n;

    if (!isdigit((unsigned char)*digits))
        return false;
    errno = 0;
    n = strtol(digits, end, 10);
    if (errno || n < 1 || n > INT_MAX)
        return false;
    *out = (int)n;
    return true;
}

static int share_of_cpus(int percent)
{
    long long n = (long long)percent * foray_cpu_count() / 100;

    return n ? (int)n : 1;
}

int foray_n_jobs_parse(int *out, const char *text, struct foray_error *err)
{
    bool back = *text == '-';
    char *end;
    int n;

    if (read_number(&n, text + back, &end)) {
        if (!*end) {
            *out = back ? -n : n;
            return 0;
        }
        if (!strcmp(end, "%") && !back && n <= 100) {
            *out = share_of_cpus(n);
            return 0;
        }
    }
    return foray__fail(err, FORAY_EINVAL,
                       "\"%.64s\" is no number of workers: write 4, -1 (all "
                       "CPUs), -2 (all but one) or a share of the CPUs such "
                       "as 50%%",
                       text);
}
