/* One Huffman code of a JPEG, as tables that are looked up by the next bits.
 * Source: ITU-T T.81, C and F.2.2.3. */
#ifndef FORAY_IMAGE_JPEG_CODE_H
#define FORAY_IMAGE_JPEG_CODE_H

#include "image/jpeg_bits.h"

enum {
    FORAY__JPEG_LOOK = 12,    /* bits that a table is looked up by */
    FORAY__JPEG_LONGEST = 16, /* of a code */
    FORAY__JPEG_BLOCK_ENDS = 128
};

struct foray__jpeg_code {
    /* The symbol that begins with these bits, and 256 times its length; 0:
     * longer, or none. */
    uint16_t first[1 << FORAY__JPEG_LOOK];

    /* How many bits all coefficients have whose codes lie whole in these, and
     * 256 times how many places of a block they fill, and BLOCK_ENDS more when
     * the last one says that; UINT16_MAX: as above. */
    uint16_t skip[1 << FORAY__JPEG_LOOK];

    /* The coefficient whose code and bits lie whole in these: how many there
     * are, 256 times how many places are passed over before it, more than a
     * block has when the block ends, and 65536 times its level; 0: as above. */
    uint32_t level[1 << FORAY__JPEG_LOOK];

    /* Of each length: the last code, -1 for none, and what takes a code to its
     * symbol. */
    int32_t last[FORAY__JPEG_LONGEST + 1], offset[FORAY__JPEG_LONGEST + 1];
    uint8_t symbols[256];
};

/* From the list in the file: how many codes there are of each length from 1,
 * and their symbols. False: there is no such code, or a symbol is larger than
 * `most`. */
bool foray__jpeg_code_make(struct foray__jpeg_code *code,
                           const uint8_t lengths[FORAY__JPEG_LONGEST + 1],
                           const uint8_t symbols[256], uint8_t most);

/* Fill `skip` and `level`, of a code for coefficients, or `level` of one for
 * the first of each block. */
void foray__jpeg_code_skip(struct foray__jpeg_code *code);
void foray__jpeg_code_level(struct foray__jpeg_code *code);

/* A symbol that is longer than the tables know, as in `first`. 0: none. */
unsigned foray__jpeg_code_long(const struct foray__jpeg_code *code,
                               uint64_t next);

/* The number that these bits begin with, T.81's EXTEND. */
static inline int32_t foray__jpeg_code_extend(uint64_t next, unsigned size)
{
    int32_t value = size ? (int32_t)(next >> (64 - size)) : 0;

    return size && !(value >> (size - 1)) ? value - (1 << size) + 1 : value;
}

/* The symbol that the next bits begin with, as in `first`. */
static inline unsigned
foray__jpeg_code_look(const struct foray__jpeg_code *code, uint64_t next)
{
    unsigned found = code->first[next >> (64 - FORAY__JPEG_LOOK)];

    return found ? found : foray__jpeg_code_long(code, next);
}

#endif
