/* Extended headers of pax: lines "LENGTH KEY=VALUE\n", of which the length
 * counts all. */
#include "storage/tar.h"

#include <stdlib.h>
#include <string.h>

/* Digits up to `end`, at least one. */
static bool read_number(uint64_t *out, const char *at, const char *end)
{
    uint64_t value = 0;

    if (at == end)
        return false;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9' || value > INT64_MAX / 10 - 1)
            return false;
        value = 10 * value + (uint64_t)(*at - '0');
    }
    *out = value;
    return true;
}

/* An empty value says what was said before no more. */
static bool set_name(struct foray__tar_extended *out, const char *value,
                     const char *end, bool *no_memory)
{
    char *name = NULL;

    if (memchr(value, '\0', (size_t)(end - value)))
        return false;
    if (value < end) {
        name = strndup(value, (size_t)(end - value));
        *no_memory = !name;
        if (!name)
            return false;
    }
    free(out->name);
    out->name = name;
    return true;
}

static bool is_key(const char *wanted, const char *key, size_t length)
{
    return strlen(wanted) == length && !memcmp(wanted, key, length);
}

static bool take(struct foray__tar_extended *out, const char *key,
                 size_t length, const char *value, const char *end,
                 bool *no_memory)
{
    static const char sparse[] = "GNU.sparse.";

    if (is_key("GNU.sparse.name", key, length)) {
        out->sparse = out->renamed = true;
    } else if (length >= sizeof sparse - 1 &&
               !memcmp(key, sparse, sizeof sparse - 1)) {
        out->sparse = true;
        return true;
    } else if (is_key("size", key, length)) {
        out->has_size = value < end;
        return !out->has_size || read_number(&out->size, value, end);
    } else if (!is_key("path", key, length) || out->renamed) {
        return true;
    }
    return set_name(out, value, end, no_memory);
}

bool foray__tar_pax(struct foray__tar_extended *out, const char *bytes,
                    size_t n, bool *no_memory)
{
    const char *end = bytes + n;

    *no_memory = false;
    while (bytes < end && *bytes) { /* zeros may fill it up */
        const char *blank = memchr(bytes, ' ', (size_t)(end - bytes)), *key;
        const char *equals, *line_end;
        uint64_t length;

        if (!blank || !read_number(&length, bytes, blank) ||
            length > (uint64_t)(end - bytes) ||
            length < (uint64_t)(blank - bytes) + 2)
            return false;
        key = blank + 1;
        line_end = bytes + length - 1;
        equals = memchr(key, '=', (size_t)(line_end - key));
        if (*line_end != '\n' || !equals ||
            !take(out, key, (size_t)(equals - key), equals + 1, line_end,
                  no_memory))
            return false;
        bytes += length;
    }
    return true;
}
