#include "resize/names.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "data/output.h"
#include "shell/message.h"

static bool is_writable(const char *name)
{
    static const char *const suffixes[] = {".jpg", ".jpeg", ".png", ".pgm",
                                           ".ppm"};

    for (size_t k = 0; k < sizeof suffixes / sizeof *suffixes; k++)
        if (output_has_suffix(name, suffixes[k]))
            return true;
    return false;
}

/* What is behind the folders of a path, and behind the archive. */
static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    const char *archive = strcasestr(base, ".tar:");

    return archive ? archive + strlen(".tar:") : base;
}

/* A damaged archive among the images, which fails, gets a name nobody wants. */
static char *name_of(const char *folder, const char *suffix, const char *input)
{
    const char *base = base_of(input);
    const char *dot = strrchr(base, '.');
    bool stays = output_has_suffix(base, ".tar");
    size_t length = suffix && !stays && dot && dot != base
                        ? (size_t)(dot - base)
                        : strlen(base);
    char *name;

    if (stays && !suffix)
        suffix = "png";

    if (asprintf(&name, "%s/%.*s%s%s", folder, (int)length, base,
                 suffix ? "." : "", suffix ? suffix : "") < 0)
        return NULL;
    return name;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(**(char **const *)a, **(char **const *)b);
}

/* Sorted, equal names are neighbours; what is sorted points into the list and
 * so knows the inputs. */
static int check_equal(const struct resize_names *names, char *const *inputs)
{
    char ***sorted = calloc(names->n, sizeof *sorted);
    int failed = 0;

    if (!sorted) {
        message("out of memory");
        return -1;
    }
    for (size_t i = 0; i < names->n; i++)
        sorted[i] = &names->paths[i];
    qsort(sorted, names->n, sizeof *sorted, by_name);
    for (size_t i = 1; i < names->n && !failed; i++)
        if (!strcmp(*sorted[i - 1], *sorted[i])) {
            message("%s and %s would both become %s",
                    inputs[sorted[i - 1] - names->paths],
                    inputs[sorted[i] - names->paths], *sorted[i]);
            failed = -1;
        }
    free(sorted);
    return failed;
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;

    return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

int resize_names_make(struct resize_names *names, const char *folder,
                      const char *suffix, char *const *inputs, size_t n)
{
    names->n = n;
    names->paths = calloc(n, sizeof *names->paths);
    for (size_t i = 0; i < n; i++) {
        char *name = names->paths ? name_of(folder, suffix, inputs[i]) : NULL;

        if (!name) {
            message("out of memory");
            return -1;
        }
        names->paths[i] = name;
        if (!is_writable(name)) {
            message("%s: its name tells no format that is written: give "
                    "--format",
                    inputs[i]);
            return -1;
        }
        if (same_file(name, inputs[i])) {
            message("%s would be overwritten: name another folder", inputs[i]);
            return -1;
        }
    }
    return check_equal(names, inputs);
}

void resize_names_free(struct resize_names *names)
{
    for (size_t i = 0; names->paths && i < names->n; i++)
        free(names->paths[i]);
    free(names->paths);
}
