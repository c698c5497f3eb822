#include "compute/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <foray/storage.h>

#include "base/error.h"
#include "base/read.h"
#include "storage/file.h"

extern char **environ;

static const char *const usual_flags[] = {"-std=gnu11",
                                          "-O3",
                                          "-fPIC",
                                          "-shared",
                                          "-ffp-contract=off",
                                          "-fno-math-errno",
                                          "-fno-trapping-math",
#if defined __x86_64__ || defined __i386__
                                          "-march=native",
#else
                                          "-mcpu=native",
#endif
                                          NULL};

enum { MAX_ARGUMENTS = 64, MAX_WORDS = 1 << 20 };

static bool is_program(const char *path)
{
    struct stat st;

    return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* A program's name in one of PATH's folders; relative ones do not count, as
 * what they mean changes. */
static bool find_in_path(char out[4096], const char *name)
{
    const char *folders = getenv("PATH");

    while (folders && *folders) {
        size_t n = strcspn(folders, ":");

        if (*folders == '/' &&
            snprintf(out, 4096, "%.*s/%s", (int)n, folders, name) < 4096 &&
            is_program(out))
            return true;
        folders += n + (folders[n] == ':');
    }
    return false;
}

/* Whether a value of CC is one word that can be a program. */
static bool is_sane(const char *text)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                            "XYZ0123456789_+-./");

    return *text && *text != '-' && !text[n] && n < 2048 &&
           (*text == '/' || !strchr(text, '/'));
}

int foray__compiler_find(struct foray__compiler *out, struct foray_error *err)
{
    const char *wanted = secure_getenv("CC");

    if (wanted && is_sane(wanted)) {
        if (*wanted == '/' && is_program(wanted)) {
            snprintf(out->path, sizeof out->path, "%s", wanted);
            return 0;
        }
        if (*wanted != '/' && find_in_path(out->path, wanted))
            return 0;
    }
    if (find_in_path(out->path, "cc"))
        return 0;
    return foray__fail(err, FORAY_ENOENT,
                       "there is no C compiler: install one (Debian, Ubuntu: "
                       "apt-get install gcc libc6-dev), or let CC name it");
}

/* Lines of /proc/cpuinfo that say what the first CPU can do. */
static void digest_cpu(struct foray__sha256 *sha)
{
    FILE *in = fopen("/proc/cpuinfo", "re");
    char *line = NULL;
    size_t size = 0;

    while (in && getline(&line, &size, in) > 1) /* an empty one ends it */
        if (!strncmp(line, "flags", 5) || !strncmp(line, "model name", 10) ||
            !strncmp(line, "Features", 8) || !strncmp(line, "CPU ", 4))
            foray__sha256_add_text(sha, line);
    free(line);
    if (in)
        fclose(in);
}

void foray__compiler_digest(const struct foray__compiler *compiler,
                            struct foray__sha256 *sha)
{
    char text[160] = "";
    struct stat st;

    if (!stat(compiler->path, &st))
        snprintf(text, sizeof text, "%llu %llu %lld %lld.%09ld",
                 (unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
                 (long long)st.st_size, (long long)st.st_mtim.tv_sec,
                 st.st_mtim.tv_nsec);
    foray__sha256_add_text(sha, compiler->path);
    foray__sha256_add_text(sha, text);
    for (int k = 0; usual_flags[k]; k++)
        foray__sha256_add_text(sha, usual_flags[k]);
    digest_cpu(sha);
}

/* Signals as a program expects them, whatever the host has done to them. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    return posix_spawnattr_setsigmask(attributes, &none) ||
           posix_spawnattr_setsigdefault(attributes, &all) ||
           posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETSIGDEF);
}

static int set_stream(posix_spawn_file_actions_t *actions, int fd, int stream)
{
    return fd >= 0 ? posix_spawn_file_actions_adddup2(actions, fd, stream)
                   : posix_spawn_file_actions_addopen(actions, stream,
                                                      "/dev/null", O_RDWR, 0);
}

/* 0 with *pid, or an errno. */
static int spawn(pid_t *pid, const struct foray__compiler *compiler,
                 const char *const *argv, const int streams[3])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *const *arguments = (char *const *)(uintptr_t)argv; /* read only */
    int failed = ENOMEM;

    if (posix_spawn_file_actions_init(&actions))
        return ENOMEM;
    if (!posix_spawnattr_init(&attributes)) {
        if (!set_attributes(&attributes) &&
            !set_stream(&actions, streams[0], 0) &&
            !set_stream(&actions, streams[1], 1) &&
            !set_stream(&actions, streams[2], 2))
            failed = posix_spawn(pid, compiler->path, &actions, &attributes,
                                 arguments, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* Its exit status. A host that reaps all children leaves none to ask for: then
 * its output tells, and 0 is answered. */
static int wait_for(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What a file has, as a string. */
static char *read_words(int fd)
{
    struct stat st;
    size_t size = fstat(fd, &st) ? 0 : (size_t)st.st_size;
    char *words;
    ssize_t n;

    if (size > MAX_WORDS)
        size = MAX_WORDS;
    words = malloc(size + 1);
    if (!words)
        return NULL;
    n = foray__read_at(fd, words, size, 0);
    words[n < 0 ? 0 : n] = '\0';
    return words;
}

/* The first line that is an error of the compiler's own, or the first at all:
 * of the linker's words the last is the one that says nothing. */
static int fail_with_words(const char *words, int status,
                           struct foray_error *err)
{
    const char *line = strstr(words, ": error: ");

    while (line && line > words && line[-1] != '\n')
        line--;
    if (!line || !strncmp(line, "collect2", strlen("collect2")))
        line = words;
    if (!*line)
        return foray__fail(err, FORAY_EINVAL,
                           "the compiler failed without a word (status %d)",
                           status);
    return foray__fail(err, FORAY_EINVAL, "the compiler failed: %.*s",
                       (int)strcspn(line, "\n"), line);
}

static int run(const struct foray__compiler *compiler, const char *const *argv,
               int input, int output, int said, char **words,
               struct foray_error *err)
{
    int streams[3] = {input, output, said}, failed, status;
    pid_t pid;

    failed = spawn(&pid, compiler, argv, streams);
    if (failed)
        return foray__fail_errno(err, failed, "cannot start the compiler %s",
                                 compiler->path);
    status = wait_for(pid);
    *words = read_words(said);
    if (!*words)
        return foray__fail(err, FORAY_ENOMEM,
                           "no memory for what the compiler says");
    return status ? fail_with_words(*words, status, err) : 0;
}

int foray__compiler_file(int *fd, const void *bytes, size_t nbytes,
                         struct foray_error *err)
{
    struct foray_folder folder;
    int code;

    FORAY_TRY(foray_folder_choose(&folder, NULL, nbytes, err));
    FORAY_TRY(foray__file_nameless(fd, folder.path, err));
    code = foray__file_write(*fd, bytes, nbytes, 0, folder.path, err);
    if (code)
        close(*fd);
    return code;
}

int foray__compiler_run(const struct foray__compiler *compiler,
                        const char *const *flags, const char *const *more,
                        int input, int output, char **words,
                        struct foray_error *err)
{
    const char *argv[MAX_ARGUMENTS] = {compiler->path};
    int n = 1, said, code;

    *words = NULL;
    for (int k = 0; usual_flags[k]; k++)
        argv[n++] = usual_flags[k];
    for (int k = 0; flags[k] && n < MAX_ARGUMENTS - 1; k++)
        argv[n++] = flags[k];
    for (int k = 0; more[k] && n < MAX_ARGUMENTS - 1; k++)
        argv[n++] = more[k];
    FORAY_TRY(foray__compiler_file(&said, "", 0, err));
    code = run(compiler, argv, input, output, said, words, err);
    close(said);
    return code;
}
