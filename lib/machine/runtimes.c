#include "machine/runtimes.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/feature.h"

enum { MAX_NAMES = 6 };

/* A kind of runtime: how its file is called, and its calls. In a list the
 * first name that the library has is taken. Distributions install any BLAS
 * under the name libblas. */
struct kind {
    const char *name;
    const char *files[4]; /* beginnings of the base name */
    const char *set[MAX_NAMES], *get[MAX_NAMES];
    /* libgomp does nothing at fork. LLVM's does, and dies in a child of a host
     * that paused it. */
    bool pause_first;
    bool per_thread; /* what is set counts for the thread that sets it */
};

static const struct kind kinds[] = {
    {"openblas",
     {"libopenblas", "libscipy_openblas", "libblas"},
     {"openblas_set_num_threads", "openblas_set_num_threads64_",
      "openblas_set_num_threads_64", "scipy_openblas_set_num_threads",
      "scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads_64"},
     {"openblas_get_num_threads", "openblas_get_num_threads64_",
      "openblas_get_num_threads_64", "scipy_openblas_get_num_threads",
      "scipy_openblas_get_num_threads64_", "scipy_openblas_get_num_threads_64"},
     false,
     false},
    {"mkl",
     {"libmkl_rt", "libblas"},
     {"MKL_Set_Num_Threads"},
     {"MKL_Get_Max_Threads"},
     false,
     false},
    {"blis",
     {"libblis", "libblas"},
     {"bli_thread_set_num_threads"},
     {"bli_thread_get_num_threads"},
     false,
     false},
    {"flexiblas",
     {"libflexiblas"},
     {"flexiblas_set_num_threads"},
     {"flexiblas_get_num_threads"},
     false,
     false},
    {"gomp",
     {"libgomp"},
     {"omp_set_num_threads"},
     {"omp_get_max_threads"},
     true,
     true},
    {"iomp",
     {"libiomp"},
     {"omp_set_num_threads"},
     {"omp_get_max_threads"},
     false,
     true},
    {"omp",
     {"libomp"},
     {"omp_set_num_threads"},
     {"omp_get_max_threads"},
     false,
     true},
};

enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

/* Files whose names look right, gathered while the dynamic linker's lock is
 * held; their symbols are looked up afterwards. */
struct candidates {
    int count;
    char paths[FORAY__MAX_RUNTIMES][4096];
};

static bool has_name_of(const struct kind *kind, const char *path)
{
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;

    for (int i = 0; i < 4 && kind->files[i]; i++)
        if (!strncmp(file, kind->files[i], strlen(kind->files[i])))
            return true;
    return false;
}

static int gather(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct candidates *candidates = arg;

    (void)size;
    for (int i = 0; i < N_KINDS; i++) {
        if (!has_name_of(&kinds[i], info->dlpi_name))
            continue;
        if (candidates->count < FORAY__MAX_RUNTIMES)
            snprintf(candidates->paths[candidates->count++],
                     sizeof candidates->paths[0], "%s", info->dlpi_name);
        break;
    }
    return 0;
}

/* Set the function pointer at `out` to the first symbol there is, or NULL. ISO
 * C has no cast from an object's address to a function's. */
static void *take(void *out, void *handle, const char *const names[MAX_NAMES])
{
    void *symbol = NULL;

    for (int i = 0; i < MAX_NAMES && names[i] && !symbol; i++)
        symbol = dlsym(handle, names[i]);
    memcpy(out, &symbol, sizeof symbol);
    return symbol;
}

static bool take_calls(struct foray__runtime_calls *out, void *handle,
                       const struct kind *kind)
{
    static const char *const pause[MAX_NAMES] = {"omp_pause_resource_all"};
    static const char *const in_parallel[MAX_NAMES] = {"omp_in_parallel"};
    void *set = take(&out->set_threads, handle, kind->set);
    Dl_info file;
    size_t length;

    /* libblas finds the symbols of the library that it needs: that one's file
     * has the calls. */
    if (!set || !dladdr(set, &file) || !file.dli_fname)
        return false;
    take(&out->get_threads, handle, kind->get);
    if (kind->pause_first) {
        take(&out->pause, handle, pause);
        take(&out->in_parallel, handle, in_parallel);
    }
    out->pause_first = kind->pause_first;
    out->per_thread = kind->per_thread;
    snprintf(out->about.name, sizeof out->about.name, "%s", kind->name);
    length = strlen(file.dli_fname);
    snprintf(out->about.path, sizeof out->about.path, "%s",
             length < sizeof out->about.path
                 ? file.dli_fname
                 : file.dli_fname + length - sizeof out->about.path + 1);
    return true;
}

bool foray__runtimes_has(const struct foray__runtimes *runtimes,
                         const struct foray__runtime_calls *calls)
{
    for (int i = 0; i < runtimes->count; i++)
        if (runtimes->items[i].set_threads == calls->set_threads)
            return true;
    return false;
}

static void add(struct foray__runtimes *runtimes, const char *path)
{
    void *handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);

    for (int i = 0; handle && i < N_KINDS; i++) {
        struct foray__runtime_calls calls = {0};

        if (!has_name_of(&kinds[i], path) ||
            !take_calls(&calls, handle, &kinds[i]))
            continue;
        if (!foray__runtimes_has(runtimes, &calls))
            runtimes->items[runtimes->count++] = calls;
        break;
    }
    if (handle)
        dlclose(handle); /* as many references as before */
}

void foray__runtimes_scan(struct foray__runtimes *out)
{
    struct candidates *candidates = calloc(1, sizeof *candidates);

    out->count = 0;
    out->busy = false;
    if (!candidates)
        return;
    dl_iterate_phdr(gather, candidates);
    for (int i = 0; i < candidates->count; i++)
        add(out, candidates->paths[i]);
    free(candidates);
    dlerror(); /* the host must not read our misses */
}

static bool has_one_thread(void)
{
    struct stat st;

    /* A link for each thread, one for itself and one for its parent. */
    return !stat("/proc/self/task", &st) && st.st_nlink == 3;
}

static bool end_threads(const struct foray__runtime_calls *calls)
{
    enum { PAUSE_HARD = 2 }; /* omp_pause_hard */

    return calls->pause && foray__feature("pause") &&
           !(calls->in_parallel && calls->in_parallel()) &&
           !calls->pause(PAUSE_HARD);
}

void foray__runtimes_quiesce(struct foray__runtimes *runtimes)
{
    bool left = false;

    for (int i = 0; i < runtimes->count; i++)
        if (runtimes->items[i].pause_first && !end_threads(&runtimes->items[i]))
            left = true;
    runtimes->busy = left && !has_one_thread();
}

void foray__runtimes_cap(const struct foray__runtimes *runtimes, int nthreads)
{
    for (int i = 0; i < runtimes->count; i++)
        runtimes->items[i].set_threads(runtimes->busy ? 1 : nthreads);
}

static int ask(const struct foray__runtime_calls *calls)
{
    return calls->get_threads ? calls->get_threads() : 0;
}

void foray__runtimes_ask(int said[FORAY__MAX_RUNTIMES],
                         const struct foray__runtimes *runtimes)
{
    for (int i = 0; i < runtimes->count; i++)
        said[i] = ask(&runtimes->items[i]);
}

void foray__runtimes_change(const struct foray__runtimes *runtimes,
                            int said[FORAY__MAX_RUNTIMES], int nthreads)
{
    for (int i = 0; i < runtimes->count && !runtimes->busy; i++) {
        const struct foray__runtime_calls *calls = &runtimes->items[i];

        if (ask(calls) != said[i])
            continue;
        calls->set_threads(nthreads);
        said[i] = ask(calls);
    }
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
