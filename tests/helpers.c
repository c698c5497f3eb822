#include "helpers.h"

#include <dirent.h>
#include <ftw.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/leave.h"

#include <foray/init.h>

void test_init(void)
{
    const char *forced = getenv("FORAY_FORCE_BACKEND");
    struct foray_error err;

    if (!forced || strcmp(forced, "forkserver") || !foray_init(&err))
        return;
    fprintf(stderr, "%s\n", err.msg);
    exit(99);
}

static char folder[64];
static pid_t folder_owner;

static int remove_entry(const char *path, const struct stat *st, int type,
                        struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void remove_folder(void)
{
    if (folder_owner == getpid())
        nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *test_folder(void)
{
    if (!folder_owner) {
        strcpy(folder, "/tmp/foray-test-XXXXXX");
        if (!mkdtemp(folder)) {
            perror(folder);
            exit(99);
        }
        folder_owner = getpid();
        atexit(remove_folder);
    }
    return folder;
}

const char *test_path(const char *name)
{
    static char ring[16][256];
    static int next;
    char *path = ring[next++ % 16];

    snprintf(path, sizeof ring[0], "%s/%s", test_folder(), name);
    return path;
}

const char *data_path(const char *format, ...)
{
    static char ring[16][1024];
    static int next;
    const char *source = getenv("srcdir");
    char *path = ring[next++ % 16];
    va_list list;
    int n = snprintf(path, sizeof ring[0], "%s/data/", source ? source : ".");

    va_start(list, format);
    vsnprintf(path + n, sizeof ring[0] - (size_t)n, format, list);
    va_end(list);
    return path;
}

int exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

static size_t guarded_span(size_t nbytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (nbytes + page - 1) / page * page + page;
}

void *guarded(size_t nbytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), span = guarded_span(nbytes);
    char *base = mmap(NULL, span, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (base == MAP_FAILED || mprotect(base + span - page, page, PROT_NONE)) {
        perror("guarded");
        exit(99);
    }
    return base + span - page - nbytes;
}

void guarded_free(void *bytes, size_t nbytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), span = guarded_span(nbytes);

    munmap((char *)bytes + nbytes + page - span, span);
}

int in_child(int (*fn)(void *arg), void *arg)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    int status;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        /* cmocka's handlers would go on with the tests in the child. */
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
            signal(faults[i], SIG_DFL);
        test_init();
        foray__leave(fn(arg));
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static size_t count_entries(const char *path, const char *part)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    size_t n = 0;

    while (dir && (entry = readdir(dir)))
        n += entry->d_name[0] != '.' && strstr(entry->d_name, part) != NULL;
    if (dir)
        closedir(dir);
    return n;
}

size_t count_shm_names(void)
{
    return count_entries("/dev/shm", "foray");
}

int no_more_shm_names(size_t before)
{
    double start = seconds_now();

    while (count_shm_names() > before && seconds_now() - start < PATIENCE)
        nap(10e-3);
    return count_shm_names() <= before;
}

size_t count_descriptors(void)
{
    return count_entries("/proc/self/fd", "");
}

size_t count_foray_mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4352];
    size_t n = 0;

    while (maps && fgets(line, sizeof line, maps))
        n += strstr(line, "(deleted)") || strstr(line, "/foray-test-");
    if (maps)
        fclose(maps);
    return n;
}

int test_is_close(double a, double b, double tolerance)
{
    return a == b || (isnan(a) && isnan(b)) || fabs(a - b) <= tolerance;
}

/* As /proc has it: R, S, T for stopped, Z for a zombie; 0: there is none. */
static char state_of(pid_t pid)
{
    char path[64], line[256], *end;
    FILE *file;
    char state = 0;

    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    file = fopen(path, "r");
    if (!file)
        return 0;
    if (fgets(line, sizeof line, file) && (end = strrchr(line, ')')) != NULL)
        state = end[2];
    fclose(file);
    return state;
}

int process_lives(pid_t pid)
{
    char state = state_of(pid);

    return state && state != 'Z'; /* a zombie of somebody else's is dead */
}

double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void nap(double seconds)
{
    struct timespec left = {(time_t)seconds, (long)(fmod(seconds, 1) * 1e9)};

    while (nanosleep(&left, &left))
        continue;
}

int process_stops(pid_t pid)
{
    double start = seconds_now();

    while (state_of(pid) != 'T' && seconds_now() - start < PATIENCE)
        nap(1e-3);
    return state_of(pid) == 'T';
}

/* 50 ms is what is promised on a machine that is not overloaded. */
int process_ends(pid_t pid)
{
    double start = seconds_now();

    while (process_lives(pid) && seconds_now() - start < PATIENCE)
        nap(1e-3);
    return !process_lives(pid);
}
