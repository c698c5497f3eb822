/* The mean of each block is its first coefficient. Of chroma that has half the
 * rows and columns libjpeg makes 2 x 2 pixels of a block: there the others
 * count, too. */
#include "image/jpeg_part.h"

#include "image/jpeg_idct.h"

/* A code, and the number behind it: the symbol of the code, 0 and more; -1:
 * there is none. */
static inline int read_level(struct foray__jpeg_word *now,
                             const struct foray__jpeg_code *code,
                             int32_t *level)
{
    unsigned found = foray__jpeg_code_look(code, now->next), size = found & 15;

    if (!found)
        return -1;
    foray__jpeg_word_use(now, found >> 8);
    *level = foray__jpeg_code_extend(now->next, size);
    foray__jpeg_word_use(now, size);
    return (int)(found & 255);
}

static unsigned index_of(const struct foray__jpeg_word *now)
{
    return (unsigned)(now->next >> (64 - FORAY__JPEG_LOOK));
}

static inline bool read_mean(struct foray__jpeg_word *now,
                             struct foray__jpeg_part *part)
{
    uint32_t entry;
    int32_t more;

    foray__jpeg_word_load(now);
    entry = part->first->level[index_of(now)];
    if (entry) {
        foray__jpeg_word_use(now, entry & 255);
        more = (int32_t)entry >> 16;
    } else if (read_level(now, part->first, &more) < 0) {
        return false;
    }
    part->mean += more;
    return foray__jpeg_idct_fits(part->mean, part->steps[0]);
}

/* The coefficients from `place` on, one by one. */
static bool skip_slowly(struct foray__jpeg_word *now,
                        const struct foray__jpeg_code *code, unsigned place)
{
    while (place < 64) {
        unsigned found, run, size;

        foray__jpeg_word_load(now);
        found = foray__jpeg_code_look(code, now->next);
        run = found >> 4 & 15;
        size = found & 15;
        if (!found)
            return false;
        foray__jpeg_word_use(now, (found >> 8) + size);
        if (!size && run != 15)
            return true;
        place += run + 1;
    }
    return place == 64;
}

/* As many coefficients as the next entry knows of; false, and nothing is read,
 * when it is the last one of its block, or none. */
static inline bool skip_some(struct foray__jpeg_word *now, unsigned *place,
                             const struct foray__jpeg_code *code)
{
    unsigned entry = code->skip[index_of(now)], to = *place + (entry >> 8);

    if (to >= 64)
        return false;
    foray__jpeg_word_use(now, entry & 255);
    *place = to;
    return true;
}

/* All but the first, several at a time. */
static inline bool skip_rest(struct foray__jpeg_word *now,
                             const struct foray__jpeg_code *code)
{
    enum { ENDS = FORAY__JPEG_BLOCK_ENDS };
    struct foray__jpeg_word slow;
    unsigned place = 1, entry, to;
    bool done;

    do {
        foray__jpeg_word_load(now); /* for two entries, of 27 bits at most */
        if (!skip_some(now, &place, code))
            break;
    } while (skip_some(now, &place, code));
    entry = code->skip[index_of(now)];
    to = place + (entry >> 8);
    if (to == 64 || (to > ENDS && to < ENDS + 64)) {
        foray__jpeg_word_use(now, entry & 255);
        return true;
    }
    slow = *now; /* so that `now` may stay in registers */
    done = skip_slowly(&slow, code, place);
    *now = slow;
    return done;
}

/* The others, into a block of zeros, and which columns have any. */
static inline bool read_rest(struct foray__jpeg_word *now, int16_t levels[64],
                             unsigned *columns,
                             const struct foray__jpeg_part *part)
{
    static const uint8_t places[64] = {
        0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,
        12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
        58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

    for (unsigned k = 1; k < 64; k++) {
        uint32_t entry;
        int32_t level;
        int symbol;

        foray__jpeg_word_load(now);
        entry = part->rest->level[index_of(now)];
        if (entry) {
            foray__jpeg_word_use(now, entry & 255);
            k += entry >> 8 & 255;
            level = (int32_t)entry >> 16;
            if (k >= FORAY__JPEG_BLOCK_ENDS)
                return true;
        } else {
            symbol = read_level(now, part->rest, &level);
            if (symbol < 0)
                return false;
            if (!(symbol & 15) && symbol >> 4 != 15)
                return true;
            k += (unsigned)symbol >> 4;
        }
        if (k > 63 || !foray__jpeg_idct_fits(level, part->steps[places[k]]))
            return false;
        levels[places[k]] = (int16_t)level;
        *columns |= 1U << (places[k] & 7);
    }
    return true;
}

/* Blocks of an MCU that become a pixel each. */
static bool read_ones(struct foray__jpeg_bits *bits,
                      struct foray__jpeg_part *part, uint8_t *to)
{
    struct foray__jpeg_word now = bits->word;

    for (unsigned y = 0; y < part->down; y++)
        for (unsigned x = 0; x < part->across; x++) {
            if (!read_mean(&now, part) || !skip_rest(&now, part->rest))
                return false;
            to[y * part->width + x] =
                foray__jpeg_idct_one(part->mean, part->steps[0]);
        }
    bits->word = now;
    return true;
}

/* The block of an MCU that becomes four. */
static bool read_two(struct foray__jpeg_bits *bits,
                     struct foray__jpeg_part *part, uint8_t *to)
{
    struct foray__jpeg_word now = bits->word;
    int16_t levels[64] = {0};
    unsigned columns = 0;

    if (!read_mean(&now, part) || !read_rest(&now, levels, &columns, part))
        return false;
    bits->word = now;
    levels[0] = (int16_t)part->mean;
    return foray__jpeg_idct_two(to, part->width, levels, columns, part->steps);
}

bool foray__jpeg_part_read(struct foray__jpeg_bits *bits,
                           struct foray__jpeg_part *part, uint8_t *to)
{
    return part->size == 1 ? read_ones(bits, part, to)
                           : read_two(bits, part, to);
}
