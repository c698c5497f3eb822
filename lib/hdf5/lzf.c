#include "hdf5/lzf.h"

#include <string.h>

/* One step: `length` bytes from the input, which begin at `literal`, or from
 * `back` bytes before the end of the output. */
struct step {
    const unsigned char *literal;
    size_t back, length;
};

/* 000nnnnn: n + 1 bytes follow. nnnooooo oooooooo: n + 2 bytes from o + 1 back;
 * for an n of 7 a byte in between is added to it. */
static bool read_step(struct step *step, const unsigned char **bytes,
                      const unsigned char *end)
{
    const unsigned char *p = *bytes;
    unsigned head = *p++;
    size_t length = head >> 5;

    if (head < 32) {
        *step = (struct step){p, 0, head + 1};
        if (step->length > (size_t)(end - p))
            return false;
        *bytes = p + step->length;
        return true;
    }
    if (end - p < (length == 7 ? 2 : 1))
        return false;
    if (length == 7)
        length += *p++;
    *step =
        (struct step){NULL, ((size_t)(head & 31) << 8 | *p++) + 1, length + 2};
    *bytes = p;
    return true;
}

size_t foray__lzf_size(const unsigned char *bytes, size_t size)
{
    const unsigned char *end = bytes + size;
    struct step step;
    size_t n = 0;

    while (bytes < end) {
        if (!read_step(&step, &bytes, end) || step.back > n)
            return 0;
        n += step.length;
    }
    return n;
}

bool foray__lzf_unpack(const unsigned char *bytes, size_t size,
                       unsigned char *out, size_t nbytes)
{
    const unsigned char *end = bytes + size;
    struct step step;
    size_t n = 0;

    while (bytes < end) {
        if (!read_step(&step, &bytes, end) || step.back > n ||
            step.length > nbytes - n)
            return false;
        if (step.literal)
            memcpy(out + n, step.literal, step.length);
        else if (step.back >= step.length)
            memcpy(out + n, out + n - step.back, step.length);
        else /* a pattern that repeats itself */
            for (size_t i = 0; i < step.length; i++)
                out[n + i] = out[n + i - step.back];
        n += step.length;
    }
    return n == nbytes;
}
