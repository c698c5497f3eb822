#include "injection.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helpers.h"
#include "namespace.h"

enum { MOST_SECONDS = 60 /* s */ };

/* Shared with the process of the injection and its workers. */
struct board {
    struct fault_control control;
    struct outcome outcome;
};
static struct board *board;
static fault_blocks_fn blocks;

const char *fault_family_name(enum fault_family family)
{
    static const char *const names[] = {
#define FAULT_FAMILY_WORD(NAME, name) name,
        FAULT_FAMILY_MAP(FAULT_FAMILY_WORD)
#undef FAULT_FAMILY_WORD
    };

    return names[family];
}

static void *symbol(const char *name)
{
    return dlsym(RTLD_DEFAULT, name);
}

/* Where the injector lies: beside this program. */
static int injector_path(char *path, size_t size)
{
    static const char module[] = "injector.so";
    ssize_t n = readlink("/proc/self/exe", path, size - sizeof module - 8);
    char *base;

    if (n <= 0)
        return 0;
    path[n] = 0;
    base = strrchr(path, '/') + 1;
    strcpy(base, module);
    if (!access(path, R_OK))
        return 1;
    snprintf(base, size - (size_t)(base - path), ".libs/%s", module);
    return !access(path, R_OK);
}

void injection_begin(char **argv)
{
    char path[PATH_MAX];
    fault_attach_fn attach;
    void *found_symbol = symbol("fault_attach");

    if (!found_symbol) {
        if (getenv("LD_PRELOAD") || !injector_path(path, sizeof path)) {
            fprintf(stderr, "no injector: built without shared libraries?\n");
            exit(77);
        }
        setenv("LD_PRELOAD", path, 1);
        execv("/proc/self/exe", argv);
        exit(99);
    }
    unsetenv("LD_PRELOAD");
    /* What others keep in /dev/shm is not counted, where that can be had. */
    namespace_mount("/dev/shm", "size=1G");
    board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        exit(99);
    *(void **)&attach = found_symbol;
    *(void **)&blocks = symbol("fault_blocks");
    scenario_prepare();
    image_scenario_prepare();
    hdf5_scenario_prepare();
    attach(&board->control);
}

/* What lies in the folder and is no output. */
static size_t other_names(const struct scenario *scenario)
{
    DIR *dir = opendir(scenario_folder());
    struct dirent *entry;
    size_t n = 0;

    while (dir && (entry = readdir(dir)))
        n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
             (!scenario->output || strcmp(entry->d_name, scenario->output));
    if (dir)
        closedir(dir);
    return n;
}

static struct belongings belongings(void)
{
    return (struct belongings){.descriptors = (long)count_descriptors(),
                               .mappings = (long)count_foray_mappings(),
                               .blocks = blocks()};
}

static int is_sentence(const struct foray_error *err, int code)
{
    return err->code == code && err->msg[0] && !strchr(err->msg, '\n') &&
           memchr(err->msg, 0, sizeof err->msg);
}

static int attempt(const struct scenario *scenario, char *words)
{
    static struct foray_error err;
    int code;

    memset(&err, 0, sizeof err);
    code = scenario->act(&err);
    board->control.armed = 0;
    if (code)
        memcpy(words, err.msg, sizeof err.msg);
    if (code < 0 && !is_sentence(&err, code))
        board->outcome.wordless = 1;
    return code;
}

static void try_it(const struct injection *injection)
{
    const struct scenario *scenario = injection->scenario;
    struct outcome *out = &board->outcome;
    struct belongings first;

    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    first = belongings();
    board->control.armed = 1;
    out->code = attempt(scenario, out->words);
    out->output = output_look(scenario);
    out->names = other_names(scenario);
    if (!injection->at)
        output_keep(scenario);
    out->again = attempt(scenario, out->words_again);
    out->left = belongings();
    out->left.descriptors -= first.descriptors;
    out->left.mappings -= first.mappings;
    out->left.blocks -= first.blocks;
    out->ended = 1;
    _exit(0);
}

void injection_run(struct outcome *out, const struct injection *injection)
{
    const struct scenario *scenario = injection->scenario;
    pid_t child;

    memset(board, 0, sizeof *board);
    board->control.families = injection->families;
    board->control.action = injection->action;
    board->control.reason = injection->reason;
    board->control.at = injection->at;
    output_lay_out(scenario);
    fflush(NULL);
    child = fork();
    if (!child)
        try_it(injection);
    board->outcome.status =
        campaign_wait(child, MOST_SECONDS, &board->outcome.hung);
    board->control.armed = 0;
    *out = board->outcome;
    out->hit = board->control.hits;
    memcpy(out->site, board->control.site, sizeof out->site);
    for (int k = 0; k < FAULT_FAMILIES; k++)
        out->counts[k] = board->control.counts[k];
    if (!out->ended) {
        out->output = output_look(scenario);
        out->names = other_names(scenario);
    }
    scenario_clear();
}

size_t injection_scenarios(const struct scenario **out, size_t max)
{
    const struct scenario *const lists[] = {array_scenarios, pool_scenarios,
                                            file_scenarios, image_scenarios,
                                            hdf5_scenarios};
    const char *only = getenv("FAULTS_SCENARIO");
    size_t n = 0;

    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
        for (const struct scenario *next = lists[k]; next->name; next++)
            if (n < max && (!only || !strcmp(only, next->name)))
                out[n++] = next;
    return n;
}
