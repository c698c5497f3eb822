#include "images/provenance_in.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/output.h"
#include "shell/json_text.h"

/* What foray writes is far smaller. */
enum { MAX_BYTES = 64 << 10 };

/* A text that ends where the file does; NULL: it is none, or not small. A pipe
 * is not waited for. */
static char *read_text(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = NULL;
    struct stat file;
    ssize_t n = -1;

    if (fd < 0)
        return NULL;
    if (!fstat(fd, &file) && S_ISREG(file.st_mode) && file.st_size < MAX_BYTES)
        text = calloc(1, MAX_BYTES);
    if (text)
        n = read(fd, text, MAX_BYTES - 1);
    close(fd);
    if (n > 0 && !memchr(text, 0, (size_t)n))
        return text;
    free(text);
    return NULL;
}

static bool is_word(const char *value, const char *word)
{
    size_t n = strlen(word);

    return value && *value == '"' && !strncmp(value + 1, word, n) &&
           value[n + 1] == '"';
}

/* "[3, 6804]", "[20412]" */
static bool is_shape(const char *value, const struct foray_dataset *array)
{
    char shape[128];

    if (!value || array->ndim < 1 || array->ndim > 2)
        return false;
    if (array->ndim == 1)
        snprintf(shape, sizeof shape, "[%zu]", array->shape[0]);
    else
        snprintf(shape, sizeof shape, "[%zu, %zu]", array->shape[0],
                 array->shape[1]);
    return !strncmp(value, shape, strlen(shape));
}

bool provenance_tells_of(const char *json, const struct foray_dataset *array)
{
    return json_is_object(json) && json_member(json, "foray") &&
           is_word(json_member(json, "dtype"),
                   foray_dtype_name(array->dtype)) &&
           is_shape(json_member(json, "shape"), array);
}

char *provenance_find(const char *path, const struct foray_dataset *array)
{
    char *beside, *text;

    if (!output_has_suffix(path, ".npy") ||
        asprintf(&beside, "%.*s.json", (int)(strlen(path) - strlen(".npy")),
                 path) < 0)
        return NULL;
    text = read_text(beside);
    free(beside);
    if (text && provenance_tells_of(text, array))
        return text;
    free(text);
    return NULL;
}

static void print_member(const char *before, const char *object,
                         const char *name)
{
    const char *value =
        object && *object == '{' ? json_member(object, name) : NULL;

    if (!value)
        return;
    fputs(before, stdout);
    json_print(stdout, value);
}

void provenance_print(const char *json)
{
    print_member("  made by   foray ", json, "foray");
    print_member(", command ", json, "command");
    print_member(", images ", json, "images");
    print_member(", status ", json, "status");
    print_member("\n  a row is  ", json_member(json, "row"), "shape");
    print_member(", method ", json_member(json, "options"), "method");
    putchar('\n');
}
