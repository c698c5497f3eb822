#include "shell/deaths.h"

#include "shell/clock.h"

void deaths_begin(struct deaths *deaths)
{
    deaths->n = deaths->total = 0;
    deaths->began = clock_now();
}

void deaths_note(const struct foray_death *death, void *arg)
{
    struct deaths *deaths = arg;

    if (deaths->n < DEATHS_MAX)
        deaths->items[deaths->n++] =
            (struct death){*death, clock_now() - deaths->began};
    deaths->total++;
}
