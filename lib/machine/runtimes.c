#include "machine/runtimes.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A kind of runtime: how its file is called, and its calls. In a list the
 * first name that the library has is taken. */
struct kind {
    const char *name;
    const char *files[4]; /* beginnings of the base name */
    const char *set[6], *get[6];
    bool openmp; /* has omp_pause_resource_all */
};

static const struct kind kinds[] = {
    {"openblas",
     {"libopenblas", "libscipy_openblas", "libblas.so", "libblas-"},
     {"openblas_set_num_threads", "openblas_set_num_threads64_",
      "scipy_openblas_set_num_threads", "scipy_openblas_set_num_threads64_"},
     {"openblas_get_num_threads", "openblas_get_num_threads64_",
      "scipy_openblas_get_num_threads", "scipy_openblas_get_num_threads64_"},
     false},
    {"mkl",
     {"libmkl_rt"},
     {"MKL_Set_Num_Threads"},
     {"MKL_Get_Max_Threads"},
     false},
    {"blis",
     {"libblis"},
     {"bli_thread_set_num_threads"},
     {"bli_thread_get_num_threads"},
     false},
    {"flexiblas",
     {"libflexiblas"},
     {"flexiblas_set_num_threads"},
     {"flexiblas_get_num_threads"},
     false},
    {"gomp",
     {"libgomp"},
     {"omp_set_num_threads"},
     {"omp_get_max_threads"},
     true},
    {"iomp",
     {"libiomp"},
     {"omp_set_num_threads"},
     {"omp_get_max_threads"},
     true},
    {"omp", {"libomp"}, {"omp_set_num_threads"}, {"omp_get_max_threads"}, true},
};

/* Files whose names look right, gathered while the dynamic linker's lock is
 * held; their symbols are looked up afterwards. */
struct candidates {
    int count;
    struct {
        const struct kind *kind;
        char path[4096];
    } items[FORAY__MAX_RUNTIMES];
};

static const struct kind *kind_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (int k = 0; k < 4 && kinds[i].files[k]; k++)
            if (!strncmp(file, kinds[i].files[k], strlen(kinds[i].files[k])))
                return &kinds[i];
    return NULL;
}

static int gather(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct candidates *candidates = arg;
    const struct kind *kind = kind_of(info->dlpi_name);

    (void)size;
    if (kind && candidates->count < FORAY__MAX_RUNTIMES) {
        candidates->items[candidates->count].kind = kind;
        snprintf(candidates->items[candidates->count++].path,
                 sizeof candidates->items[0].path, "%s", info->dlpi_name);
    }
    return 0;
}

/* ISO C has no cast from an object's address to a function's. */
static void *first_symbol(void *handle, const char *const names[6])
{
    void *symbol = NULL;

    for (int i = 0; i < 6 && names[i] && !symbol; i++)
        symbol = dlsym(handle, names[i]);
    return symbol;
}

#define TAKE(field, names)                                                     \
    do {                                                                       \
        void *symbol_ = first_symbol(handle, names);                           \
        memcpy(&(field), &symbol_, sizeof(field));                             \
    } while (0)

static bool resolve(struct foray__runtime_calls *out, const struct kind *kind,
                    const char *path)
{
    static const char *const pause[6] = {"omp_pause_resource_all"};
    static const char *const in_parallel[6] = {"omp_in_parallel"};
    void *handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
    size_t length = strlen(path);

    memset(out, 0, sizeof *out);
    if (!handle)
        return false;
    TAKE(out->set_threads, kind->set);
    TAKE(out->get_threads, kind->get);
    if (kind->openmp) {
        TAKE(out->pause, pause);
        TAKE(out->in_parallel, in_parallel);
    }
    snprintf(out->about.name, sizeof out->about.name, "%s", kind->name);
    snprintf(out->about.path, sizeof out->about.path, "%s",
             length < sizeof out->about.path
                 ? path
                 : path + length - sizeof out->about.path + 1);
    dlclose(handle); /* as many references as before */
    return out->set_threads != NULL;
}

void foray__runtimes_scan(struct foray__runtimes *out)
{
    struct candidates *candidates = calloc(1, sizeof *candidates);

    out->count = 0;
    if (!candidates)
        return;
    dl_iterate_phdr(gather, candidates);
    for (int i = 0; i < candidates->count; i++)
        out->count +=
            resolve(&out->items[out->count], candidates->items[i].kind,
                    candidates->items[i].path);
    free(candidates);
}

void foray__runtimes_quiesce(const struct foray__runtimes *runtimes)
{
    enum { PAUSE_HARD = 2 }; /* omp_pause_hard */

    for (int i = 0; i < runtimes->count; i++) {
        const struct foray__runtime_calls *calls = &runtimes->items[i];

        if (calls->pause && !(calls->in_parallel && calls->in_parallel()))
            calls->pause(PAUSE_HARD);
    }
}

void foray__runtimes_cap(const struct foray__runtimes *runtimes, int nthreads)
{
    for (int i = 0; i < runtimes->count; i++)
        runtimes->items[i].set_threads(nthreads);
}

size_t foray_runtimes(struct foray_runtime *out, size_t n)
{
    struct foray__runtimes runtimes;

    foray__runtimes_scan(&runtimes);
    for (size_t i = 0; i < (size_t)runtimes.count && i < n; i++) {
        out[i] = runtimes.items[i].about;
        if (runtimes.items[i].get_threads)
            out[i].max_threads = runtimes.items[i].get_threads();
        if (out[i].max_threads < 0) /* BLIS: not set, which is one thread */
            out[i].max_threads = 1;
    }
    return (size_t)runtimes.count;
}
