#include "deaths.h"

#include <time.h>

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void deaths_begin(struct deaths *deaths)
{
    deaths->n = deaths->total = 0;
    deaths->began = now();
}

void deaths_note(const struct foray_death *death, void *arg)
{
    struct deaths *deaths = arg;

    if (deaths->n < DEATHS_MAX)
        deaths->items[deaths->n++] =
            (struct death){*death, now() - deaths->began};
    deaths->total++;
}
