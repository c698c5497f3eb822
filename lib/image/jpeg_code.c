#include "image/jpeg_code.h"

enum { LOOK = FORAY__JPEG_LOOK, SIZE = 1 << LOOK };

/* All bits that begin with a code. */
static void put(struct foray__jpeg_code *code, uint32_t bits, int length,
                uint8_t symbol)
{
    size_t n = (size_t)1 << (LOOK - length);

    for (size_t i = 0; i < n; i++)
        code->first[((size_t)bits << (LOOK - length)) + i] =
            (uint16_t)(length << 8 | symbol);
}

bool foray__jpeg_code_make(struct foray__jpeg_code *code,
                           const uint8_t lengths[FORAY__JPEG_LONGEST + 1],
                           const uint8_t symbols[256], uint8_t most)
{
    uint32_t bits = 0;
    int k = 0;

    memset(code->first, 0, sizeof code->first);
    memcpy(code->symbols, symbols, sizeof code->symbols);
    for (int length = 1; length <= FORAY__JPEG_LONGEST; length++) {
        code->offset[length] = k - (int32_t)bits;
        code->last[length] = -1;
        for (int i = 0; i < lengths[length]; i++, k++, bits++) {
            /* The code of ones only is not used. */
            if (k == 256 || bits + 1 >= UINT32_C(1) << length ||
                symbols[k] > most)
                return false;
            if (length <= LOOK)
                put(code, bits, length, symbols[k]);
            code->last[length] = (int32_t)bits;
        }
        bits <<= 1;
    }
    return true;
}

unsigned foray__jpeg_code_long(const struct foray__jpeg_code *code,
                               uint64_t next)
{
    for (int length = LOOK + 1; length <= FORAY__JPEG_LONGEST; length++) {
        int32_t bits = (int32_t)(next >> (64 - length));

        if (bits <= code->last[length])
            return (unsigned)length << 8 |
                   code->symbols[bits + code->offset[length]];
    }
    return 0;
}

/* What `index`, the next bits, says of as many coefficients as it can. */
static uint16_t skip(const struct foray__jpeg_code *code, unsigned index)
{
    enum { MOST = 32 }; /* places: they stay below BLOCK_ENDS */
    unsigned used = 0, places = 0;

    while (used < LOOK && places <= MOST) {
        unsigned found = code->first[index << used & (SIZE - 1)];
        unsigned length = found >> 8, run = found >> 4 & 15, size = found & 15;

        if (!length || used + length > LOOK)
            break;
        used += length + size;
        if (!size && run != 15) {
            places += FORAY__JPEG_BLOCK_ENDS;
            break;
        }
        places += run + 1;
    }
    return used ? (uint16_t)(places << 8 | used) : UINT16_MAX;
}

void foray__jpeg_code_skip(struct foray__jpeg_code *code)
{
    for (unsigned index = 0; index < SIZE; index++)
        code->skip[index] = skip(code, index);
}

void foray__jpeg_code_level(struct foray__jpeg_code *code)
{
    for (unsigned index = 0; index < SIZE; index++) {
        unsigned found = code->first[index], length = found >> 8;
        unsigned run = found >> 4 & 15, size = found & 15;
        uint64_t next = (uint64_t)index << (64 - LOOK) << length;
        uint32_t level = (uint32_t)foray__jpeg_code_extend(next, size);

        if (!size && run != 15)
            run = FORAY__JPEG_BLOCK_ENDS;
        code->level[index] = found && length + size <= LOOK
                                 ? level << 16 | run << 8 | (length + size)
                                 : 0;
    }
}
