#include "images/index.h"

#include <string.h>

#include "shell/digits.h"

enum { NUMBER_SIZE = 24 }; /* "[", a number, "]" and a NUL */

const char *index_name(char out[INDEX_NAME_SIZE], size_t i, const void *index)
{
    const struct index *of = index;
    size_t length;
    char *at;

    if (!of->stack)
        return of->paths[i];
    length = strnlen(of->stack, INDEX_NAME_SIZE - NUMBER_SIZE);
    at = mempcpy(out, of->stack, length);
    *at++ = '[';
    at = digits_put(at, of->first + i, 1);
    *at++ = ']';
    *at = '\0';
    return out;
}
