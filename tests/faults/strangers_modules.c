/* Compiled modules, planted or spoiled. */
#include "strangers.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray.h>

#include "helpers.h"

static int evaluate(const void *arg)
{
    static double x[4] = {1, 2, 3, 4}, y[4];
    struct foray_array in, out;
    const struct foray_array *outputs[] = {&out};
    struct foray_eval eval = {.text = "7*x", .in = {{"x", &in, NULL}}};
    size_t n = 4;
    int code;

    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    if (arg) {
        setenv("XDG_CACHE_HOME", arg, 1);
        setenv("HOME", arg, 1); /* a compiler may want one */
    }
    setenv("TMPDIR", shared, 1);
    if (foray_array_wrap(&in, x, FORAY_F64, 1, &n, NULL) ||
        foray_array_wrap(&out, y, FORAY_F64, 1, &n, NULL))
        return 98;
    code = foray_eval(NULL, &eval, outputs, NULL, NULL);
    if (code)
        return code == FORAY_EACCES ? 1 : 2;
    return y[3] == 28 ? 0 : 3;
}

/* Every module of a cache becomes something else. */
static size_t spoil(const char *folder, int kind)
{
    char path[512];
    DIR *dir = opendir(folder);
    struct dirent *entry;
    size_t n = 0;

    while (dir && (entry = readdir(dir))) {
        if (!strstr(entry->d_name, ".so"))
            continue;
        snprintf(path, sizeof path, "%s/%.200s", folder, entry->d_name);
        n++;
        if (kind == 0)
            put_words(path, "evil", 0700, STRANGER);
        else if (kind == 1 &&
                 (unlink(path) || symlink(in_shared("evil"), path)))
            exit(99);
        else if (kind == 2 && chmod(path, 0777))
            exit(99);
    }
    if (dir)
        closedir(dir);
    return n;
}

void try_modules(void)
{
    size_t cases = 0, failures = 0;
    char cache[160], modules[200], own[160];
    int answer;

    snprintf(cache, sizeof cache, "%s/cache", test_folder());
    snprintf(modules, sizeof modules, "%s/foray/modules", cache);
    if (mkdir(cache, 0700) || chown(cache, USER, USER))
        exit(99);
    empty_shared();
    put_words(in_shared("evil"), "evil", 0755, STRANGER);
    answer = as(USER, evaluate, cache);
    failures += count_case(&cases, answer, "an expression", answer);
    for (int kind = 0; kind < 3; kind++) {
        size_t n = spoil(modules, kind);

        answer = as(USER, evaluate, cache);
        failures +=
            count_case(&cases, answer || !n, "a spoiled module", answer);
    }
    /* The folder itself. */
    if (chmod(modules, 0777))
        exit(99);
    answer = as(USER, evaluate, cache);
    failures += count_case(&cases, answer != 1, "an open cache", answer);
    if (chmod(modules, 0700) || chown(modules, STRANGER, STRANGER))
        exit(99);
    answer = as(USER, evaluate, cache);
    failures += count_case(&cases, answer != 1, "a stranger's cache", answer);
    if (chown(modules, USER, USER) || chmod(cache, 0777))
        exit(99);
    answer = as(USER, evaluate, cache);
    failures +=
        count_case(&cases, answer != 1, "a cache in an open folder", answer);
    /* Without a home: planted in the temporary folder. */
    snprintf(own, sizeof own, "%s/foray-modules-%d", shared, (int)USER);
    for (int kind = 0; kind < 3; kind++) {
        empty_shared();
        if (kind == 0   ? mkdir(own, 0700) || chown(own, STRANGER, STRANGER)
            : kind == 1 ? chmod(cache, 0700) || symlink(modules, own) ||
                              lchown(own, STRANGER, STRANGER)
                        : mkdir(own, 0700) || chmod(own, 0777) ||
                              chown(own, USER, USER))
            exit(99);
        answer = as(USER, evaluate, NULL);
        failures += count_case(&cases, answer != 1 && answer != 2,
                               "a planted folder of modules", answer);
    }
    campaign_row(&strangers_campaign,
                 "modules are built and loaded where only the user can write",
                 cases, failures);
}
