#include "image/jpeg_bits.h"

void foray__jpeg_bits_open(struct foray__jpeg_bits *bits, const void *bytes,
                           size_t nbytes)
{
    bits->word = (struct foray__jpeg_word){.at = bits->window};
    bits->stop = bits->window;
    bits->closed = false;
    bits->from = bytes;
    bits->file_end = bits->from + nbytes;
}

/* Bytes up to the next FF, which is one of the scan if a zero is stuffed behind
 * it. Returns where the window ends then. */
static uint8_t *copy_run(struct foray__jpeg_bits *bits, uint8_t *to,
                         size_t room)
{
    size_t left = (size_t)(bits->file_end - bits->from);
    size_t most = left < room ? left : room;
    const uint8_t *mark = memchr(bits->from, 0xff, most);
    size_t n = mark ? (size_t)(mark - bits->from) : most;

    memcpy(to, bits->from, n);
    to += n;
    bits->from += n;
    if (mark && left - n >= 2 && !mark[1]) {
        *to++ = 0xff;
        bits->from += 2;
    } else if (mark || left == n) {
        bits->closed = true;
    }
    return to;
}

void foray__jpeg_bits_fill(struct foray__jpeg_bits *bits)
{
    size_t kept = (size_t)(bits->stop - bits->word.at);
    uint8_t *to = bits->window + kept;
    const uint8_t *end = bits->window + FORAY__JPEG_WINDOW;

    memmove(bits->window, bits->word.at, kept);
    while (!bits->closed && to < end)
        to = copy_run(bits, to, (size_t)(end - to));
    bits->word.at = bits->window;
    bits->stop = to;
    if (bits->closed)
        memset(to, 0, FORAY__JPEG_AHEAD);
}

bool foray__jpeg_bits_pass(struct foray__jpeg_bits *bits, int marker)
{
    ptrdiff_t left;

    foray__jpeg_bits_ready(bits);
    left = foray__jpeg_bits_left(bits);
    if (!bits->closed || left < 0 || left > 7 ||
        bits->file_end - bits->from < 2 || bits->from[0] != 0xff ||
        bits->from[1] != marker)
        return false;
    foray__jpeg_bits_open(bits, bits->from + 2,
                          (size_t)(bits->file_end - bits->from) - 2);
    return true;
}
