/* The entropy-coded bits of a JPEG's scan, without the bytes that are stuffed
 * between them. Source: ITU-T T.81, B.1.1.5 and F.1.2.3. */
#ifndef FORAY_IMAGE_JPEG_BITS_H
#define FORAY_IMAGE_JPEG_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    FORAY__JPEG_WINDOW = 1 << 14,
    /* What an MCU has at most: ten blocks of 64 values of 31 bits; and a word
     * more. */
    FORAY__JPEG_AHEAD = 2560
};

/* What is read now: small enough for registers. */
struct foray__jpeg_word {
    uint64_t next;     /* bits, the first on top */
    unsigned n;        /* of them */
    const uint8_t *at; /* the byte of the window behind them */
};

struct foray__jpeg_bits {
    struct foray__jpeg_word word;
    const uint8_t *stop;     /* where the window ends; zeros follow */
    bool closed;             /* a marker, or the end of the file, comes next */
    const uint8_t *from;     /* the bytes that are not in the window yet */
    const uint8_t *file_end; /* behind the last of them */
    uint8_t window[FORAY__JPEG_WINDOW + FORAY__JPEG_AHEAD];
};

void foray__jpeg_bits_open(struct foray__jpeg_bits *bits, const void *bytes,
                           size_t nbytes);

/* More into the window: foray__jpeg_bits_ready. */
void foray__jpeg_bits_fill(struct foray__jpeg_bits *bits);

/* Whether all bits but those that fill the last byte are used, and this marker
 * follows; behind it the next bits begin. */
bool foray__jpeg_bits_pass(struct foray__jpeg_bits *bits, int marker);

/* How many are left; fewer than none: zeros were used that the file has not. */
static inline ptrdiff_t
foray__jpeg_bits_left(const struct foray__jpeg_bits *bits)
{
    return 8 * (bits->stop - bits->word.at) + (ptrdiff_t)bits->word.n;
}

/* Before each MCU: what it can have at most is there. */
static inline void foray__jpeg_bits_ready(struct foray__jpeg_bits *bits)
{
    if (!bits->closed && bits->stop - bits->word.at < FORAY__JPEG_AHEAD)
        foray__jpeg_bits_fill(bits);
}

/* At least 56 bits in `next`. Bits of a byte that is not counted in `n` may
 * stand below them: they are the same when they come again. */
static inline void foray__jpeg_word_load(struct foray__jpeg_word *now)
{
    uint64_t word;

    memcpy(&word, now->at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    now->next |= word >> now->n;
    now->at += (63 - now->n) >> 3;
    now->n |= 56;
}

static inline void foray__jpeg_word_use(struct foray__jpeg_word *now,
                                        unsigned n)
{
    now->next <<= n;
    now->n -= n;
}

#endif
