#include <foray/kernel.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/read.h"
#include "compute/module.h"

#ifndef FORAY_INCLUDEDIR
#define FORAY_INCLUDEDIR "/usr/local/include"
#endif

static const char *const more_flags[] = {"-g", "-Wall", NULL};

/* The compiler's words of one step, added to those before. */
static void add_words(char **words, char *more)
{
    char *both = NULL;

    if (!*words || !more || !**words) {
        free(*words);
        *words = more;
        return;
    }
    if (asprintf(&both, "%s%s", *words, more) >= 0) {
        free(*words);
        *words = both;
    }
    free(more);
}

/* The text with all headers in it: what is compiled, and what is looked for
 * among the modules. *fd is the caller's to close. */
static int preprocess(int *fd, const struct foray__compiler *compiler,
                      const char *source, char **words, struct foray_error *err)
{
    char path[FORAY_KERNEL_PATH_SIZE];
    const char *flags[] = {"-Wall", "-E", "-I" FORAY_INCLUDEDIR, NULL};
    const char *more[] = {"-x", "c", path, NULL};
    int code;

    if (access(FORAY_INCLUDEDIR "/foray.h", R_OK))
        flags[2] = NULL;
    /* A name that begins with - is no option. */
    if (snprintf(path, sizeof path, "%s%s", *source == '-' ? "./" : "",
                 source) >= (int)sizeof path)
        return foray__fail(err, FORAY_ETOOLARGE,
                           "the kernel's path is too "
                           "long");
    FORAY_TRY(foray__compiler_file(fd, "", 0, err));
    code = foray__compiler_run(compiler, flags, more, -1, *fd, words, err);
    if (code)
        close(*fd);
    return code;
}

static int digest_of(char digest[FORAY__SHA256_TEXT],
                     const struct foray__compiler *compiler, int fd,
                     struct foray_error *err)
{
    struct foray__sha256 sha;
    char bytes[1 << 14];
    uint64_t offset = 0;
    ssize_t n;

    foray__sha256_init(&sha);
    foray__sha256_add_text(&sha, "foray map");
    foray__compiler_digest(compiler, &sha);
    for (int k = 0; more_flags[k]; k++)
        foray__sha256_add_text(&sha, more_flags[k]);
    while ((n = foray__read_at(fd, bytes, sizeof bytes, offset)) > 0) {
        foray__sha256_add(&sha, bytes, (size_t)n);
        offset += (uint64_t)n;
    }
    if (n < 0)
        return foray__fail(err, FORAY_EIO,
                           "cannot read what the compiler made of the kernel");
    foray__sha256_text(digest, &sha);
    return 0;
}

static int make(char *path, const struct foray__compiler *compiler, int fd,
                char **words, struct foray_error *err)
{
    struct foray__module_folder folder;
    struct foray__module module;
    char digest[FORAY__SHA256_TEXT], *more = NULL;
    bool found;
    int code;

    FORAY_TRY(digest_of(digest, compiler, fd, err));
    FORAY_TRY(foray__module_folder_open(&folder, err));
    code = foray__module_find(&found, &module, &folder, digest, err);
    if (!code && !found) {
        lseek(fd, 0, SEEK_SET); /* the compiler left it at its end */
        code = foray__module_make(&module, &folder, compiler, more_flags,
                                  "cpp-output", fd, &more, err);
        add_words(words, more);
    }
    if (!code) {
        strcpy(path, module.path);
        foray__module_release(&module);
    }
    close(folder.fd);
    return code;
}

static int check_source(const char *source, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    struct stat st;

    if (stat(source, &st))
        return foray__fail(err, FORAY_ENOENT, "there is no kernel %s",
                           foray__tail(tail, source));
    if (!S_ISREG(st.st_mode))
        return foray__fail(err, FORAY_EINVAL, "the kernel %s is no file",
                           foray__tail(tail, source));
    return 0;
}

int foray_kernel_compile(char path[FORAY_KERNEL_PATH_SIZE], char **words,
                         const char *source, struct foray_error *err)
{
    struct foray__compiler compiler;
    char *said = NULL;
    int fd, code;

    if (words)
        *words = NULL;
    FORAY_TRY(check_source(source, err));
    FORAY_TRY(foray__compiler_find(&compiler, err));
    code = preprocess(&fd, &compiler, source, &said, err);
    if (!code) {
        code = make(path, &compiler, fd, &said, err);
        close(fd);
    }
    if (words && said && *said)
        *words = said;
    else
        free(said);
    return code;
}
