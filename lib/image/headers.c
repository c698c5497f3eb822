#include "image/headers.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

/* Files a thread takes at once; it is worth beginning one for as many. */
enum { STRIDE = 32, MOST_THREADS = 16 };

struct reading {
    struct foray__header *out;
    const char *const *paths;
    size_t n;
    atomic_size_t next;
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void read_range(const struct reading *reading, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++)
        /* Each thread would have to list an archive for itself. */
        reading->out[i].known =
            !strcasestr(reading->paths[i], ".tar:") &&
            !foray_image_info(&reading->out[i].info, reading->paths[i], NULL);
}

static void *read_some(void *arg)
{
    struct reading *reading = arg;
    size_t begin;

    while ((begin = atomic_fetch_add(&reading->next, STRIDE)) < reading->n)
        read_range(reading, begin, begin + least(reading->n - begin, STRIDE));
    return NULL;
}

void foray__headers_read(struct foray__header *out, const char *const *paths,
                         size_t n, int most_threads)
{
    struct reading reading = {.out = out, .paths = paths, .n = n};
    size_t wanted =
        least(least((size_t)most_threads, MOST_THREADS), n / STRIDE);
    size_t begun = 0;
    pthread_t threads[MOST_THREADS];
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (begun + 1 < wanted &&
           !pthread_create(&threads[begun], NULL, read_some, &reading))
        begun++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    read_some(&reading);
    while (begun)
        pthread_join(threads[--begun], NULL);
}
