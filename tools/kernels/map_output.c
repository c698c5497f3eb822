#include "kernels/map_run.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* One length of a shape: ROWS or a number. Its end; NULL if it is none. */
static const char *read_length(struct map_output *out, const char *text)
{
    unsigned long long length;
    char *end;

    if (out->ndim == FORAY_MAX_NDIM)
        return NULL;
    if (!strncmp(text, "ROWS", strlen("ROWS"))) {
        out->rows[out->ndim++] = true;
        return text + strlen("ROWS");
    }
    if (!isdigit((unsigned char)*text))
        return NULL;
    errno = 0;
    length = strtoull(text, &end, 10);
    if (errno || length > PTRDIFF_MAX)
        return NULL;
    out->rows[out->ndim] = false;
    out->shape[out->ndim++] = (size_t)length;
    return end;
}

/* Lengths with x between them. */
static bool read_shape(struct map_output *out, const char *text)
{
    out->ndim = 0;
    for (;;) {
        text = read_length(out, text);
        if (!text || (*text && *text != 'x'))
            return false;
        if (!*text)
            return true;
        text++;
    }
}

static bool read_dtype(struct map_output *out, const char *text)
{
    enum foray_dtype dtype;
    bool swapped;

    if (foray_dtype_parse(&dtype, &swapped, text, NULL) || swapped)
        return false;
    out->dtype = dtype;
    return true;
}

/* Take the last part, behind its colon, away from the path; NULL: there is
 * none. */
static char *last_part(char *path)
{
    char *colon = strrchr(path, ':');

    if (!colon || strchr(colon, '/'))
        return NULL;
    return colon;
}

const char *map_output_read(struct map_output *out, const char *text)
{
    static const char must[] = "must be OUT.npy, OUT.npy:DTYPE or "
                               "OUT.npy:DTYPE:SHAPE, such as y.npy:f64:ROWSx3";
    char *part;

    memset(out, 0, sizeof *out);
    out->ndim = -1;
    out->path = strdup(text);
    if (!out->path)
        return "found no memory";
    part = last_part(out->path);
    if (part && read_shape(out, part + 1)) {
        *part = '\0';
        part = last_part(out->path);
        if (!part)
            return must;
    } else {
        out->ndim = -1;
    }
    if (part) {
        if (!read_dtype(out, part + 1))
            return must;
        *part = '\0';
    }
    return *out->path ? NULL : must;
}
