#include "array/npy_text.h"

#include <stdint.h>

size_t foray__latin1_to_utf8(char *out, const char *text, size_t length)
{
    size_t used = 0;

    for (size_t k = 0; k < length; k++) {
        unsigned c = (unsigned char)text[k];

        if (c < 0x80) {
            out[used++] = (char)c;
        } else {
            out[used++] = (char)(0xC0 | c >> 6);
            out[used++] = (char)(0x80 | (c & 0x3F));
        }
    }
    return used;
}

/* Read one character; 0 bytes when there is no valid one. */
static size_t decode(uint32_t *out, const char *text, size_t length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned first = (unsigned char)text[0];
    size_t n = first < 0x80             ? 1
               : (first & 0xE0) == 0xC0 ? 2
               : (first & 0xF0) == 0xE0 ? 3
               : (first & 0xF8) == 0xF0 ? 4
                                        : 0;
    uint32_t c = n == 1 ? first : first & (0x7FU >> n);

    if (!n || n > length)
        return 0;
    for (size_t k = 1; k < n; k++) {
        unsigned next = (unsigned char)text[k];

        if ((next & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (next & 0x3F);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return 0;
    *out = c;
    return n;
}

bool foray__utf8_to_latin1(char *out, size_t *out_length, const char *text,
                           size_t length)
{
    size_t used = 0, n;
    uint32_t c;

    for (size_t k = 0; k < length; k += n) {
        n = decode(&c, text + k, length - k);
        if (!n || c > 0xFF)
            return false;
    }
    for (size_t k = 0; k < length; k += n) {
        n = decode(&c, text + k, length - k);
        out[used++] = (char)c;
    }
    *out_length = used;
    return true;
}

bool foray__is_utf8(const char *text, size_t length)
{
    uint32_t c;
    size_t n;

    for (size_t k = 0; k < length; k += n) {
        n = decode(&c, text + k, length - k);
        if (!n)
            return false;
    }
    return true;
}
