#include "images/written.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shell/options.h"

/* What is behind the last slash, and in `folder` what is before it. */
static const char *split(struct stat *folder, const char *path)
{
    const char *slash = strrchr(path, '/');
    char *before = slash ? strndup(path, (size_t)(slash + 1 - path)) : NULL;

    memset(folder, 0, sizeof *folder);
    if (before || !slash)
        (void)stat(before ? before : ".", folder);
    free(before);
    return slash ? slash + 1 : path;
}

bool written_same_name(const char *a, const char *b)
{
    struct stat at, bt;

    return !strcmp(a, b) ||
           (!strcmp(split(&at, a), split(&bt, b)) && at.st_ino &&
            at.st_ino == bt.st_ino && at.st_dev == bt.st_dev);
}

bool written_beside(const char *path, const char *output)
{
    char *begin = strdup(path);
    const char *slash = strrchr(path, '/');
    size_t at = slash ? (size_t)(slash - path) : 0;
    bool found = false;

    while (begin && !found && path[at += strcspn(path + at, ".")]) {
        begin[at] = '\0';
        found = written_same_name(begin, output);
        begin[at] = path[at];
        at++;
    }
    free(begin);
    return found;
}

/* What is there already: of the rest nothing can be lost. */
struct found {
    struct stat files[WRITTEN_MAX];
    char *real[WRITTEN_MAX]; /* names, without links; may be NULL */
    const struct written *of[WRITTEN_MAX];
    size_t n;
};

static void find(struct found *found, const struct written *files, size_t n)
{
    found->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (!files[i].path || stat(files[i].path, &found->files[found->n]))
            continue;
        found->real[found->n] = realpath(files[i].path, NULL);
        found->of[found->n++] = &files[i];
    }
}

static void lose(struct found *found)
{
    for (size_t k = 0; k < found->n; k++)
        free(found->real[k]);
}

/* Whether the last part of a path is this. */
static bool ends_in(const char *path, const char *base, size_t length)
{
    const char *slash = strrchr(path, '/'), *own = slash ? slash + 1 : path;

    return strlen(own) == length && !memcmp(own, base, length);
}

/* Whether an input may be the k-th of them, by the last part of its name: there
 * may be millions, and a look at each would take seconds. */
static bool may_be(const struct found *found, size_t k, const char *input)
{
    const char *member = strcasestr(input, ".tar:");
    const char *end = member ? member + strlen(".tar") : input + strlen(input);
    const char *base = end;

    while (base > input && base[-1] != '/')
        base--;
    return ends_in(found->of[k]->path, base, (size_t)(end - base)) ||
           (found->real[k] &&
            ends_in(found->real[k], base, (size_t)(end - base)));
}

/* The file of an input: of a member its archive. */
static int look_at(struct stat *st, const char *input)
{
    const char *member = strcasestr(input, ".tar:");
    char *archive;
    int failed = stat(input, st);

    if (!failed || !member)
        return failed;
    archive = strndup(input, (size_t)(member - input) + strlen(".tar"));
    failed = !archive || stat(archive, st);
    free(archive);
    return failed;
}

static int check_input(const struct found *found, const char *input)
{
    struct stat st;

    for (size_t k = 0; k < found->n; k++)
        if (may_be(found, k, input) && !look_at(&st, input) &&
            found->files[k].st_ino == st.st_ino &&
            found->files[k].st_dev == st.st_dev)
            return options_wrong("%s %s is one of the inputs",
                                 found->of[k]->option, found->of[k]->path);
    return 0;
}

static int check_inputs(const struct found *found, const struct inputs *inputs,
                        const struct inputs_options *where, char **operands,
                        int n_operands)
{
    int status = where->from ? check_input(found, where->from) : 0;

    for (int i = 0; i < n_operands && !status; i++)
        status = check_input(found, operands[i]);
    for (size_t i = 0; i < inputs->n && !status; i++)
        status = check_input(found, inputs->paths[i]);
    return status;
}

/* Among themselves. */
static int check_files(const struct written *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!files[i].path)
            continue;
        if (!strcmp(files[i].path, "-"))
            return options_wrong("%s -: this takes the name of a file",
                                 files[i].option);
        for (size_t k = 0; k < i; k++)
            if (files[k].path &&
                written_same_name(files[i].path, files[k].path))
                return options_wrong("%s would be written twice, by %s and by "
                                     "%s: each has a name of its own",
                                     files[i].path, files[k].option,
                                     files[i].option);
    }
    return 0;
}

int written_check(const struct written *files, size_t n,
                  const struct inputs *inputs,
                  const struct inputs_options *where, char **operands,
                  int n_operands)
{
    struct found found;
    int status = check_files(files, n);

    if (status)
        return status;
    find(&found, files, n);
    status = check_inputs(&found, inputs, where, operands, n_operands);
    lose(&found);
    return status;
}
