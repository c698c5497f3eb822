#include "hdf5/filter.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5/inflate.h"
#include "hdf5/lzf.h"
#include "hdf5/shuffle.h"

enum { SUM = 4, MAX_KEPT = 8 << 20 };

const char foray__h5_no_memory[] = "needs more memory than there is";

void foray__h5_codec_free(struct foray__h5_codec *codec)
{
    foray__inflate_free(codec->inflate);
    foray__deflate_free(codec->deflate);
    free(codec->scratch[0]);
    free(codec->scratch[1]);
    memset(codec, 0, sizeof *codec);
}

static bool packs(enum foray__h5_filter kind)
{
    return kind == FORAY__H5_DEFLATE || kind == FORAY__H5_LZF;
}

bool foray__h5_filters_known(const struct foray__h5_filters *filters)
{
    int n_packing = 0;

    for (int i = 0; i < filters->n; i++) {
        n_packing += packs(filters->stages[i].kind);
        if (filters->stages[i].kind == FORAY__H5_SHUFFLE &&
            !filters->stages[i].size)
            return false;
    }
    return n_packing <= 1;
}

size_t foray__h5_encoded_bound(const struct foray__h5_filters *filters,
                               size_t nbytes)
{
    return nbytes + SUM * (size_t)filters->n;
}

/* Sums of big-endian 16-bit words and of those sums, each modulo 65535, with
 * 65535 itself instead of 0 but for data of zeros. After 360 words at most the
 * sums are folded, before they overflow. */
uint32_t foray__h5_fletcher32(const void *bytes, size_t nbytes)
{
    const unsigned char *p = bytes;
    uint32_t low = 0, high = 0;
    size_t words = nbytes / 2;

    while (words) {
        size_t n = words < 360 ? words : 360;

        words -= n;
        for (; n; n--, p += 2) {
            low += (uint32_t)p[0] << 8 | p[1];
            high += low;
        }
        low = (low & 0xffff) + (low >> 16);
        high = (high & 0xffff) + (high >> 16);
    }
    if (nbytes % 2) {
        low += (uint32_t)*p << 8;
        high += low;
        low = (low & 0xffff) + (low >> 16);
        high = (high & 0xffff) + (high >> 16);
    }
    low = (low & 0xffff) + (low >> 16);
    high = (high & 0xffff) + (high >> 16);
    return high << 16 | low;
}

/* Old writers on little-endian machines stored the bytes of each half the other
 * way round. */
static bool sum_is_right(const unsigned char *bytes, size_t nbytes)
{
    const unsigned char *p = bytes + nbytes;
    uint32_t sum = foray__h5_fletcher32(bytes, nbytes);
    uint32_t stored = (uint32_t)p[0] | (uint32_t)p[1] << 8 |
                      (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    uint32_t turned = (sum & 0x00ff00ff) << 8 | (sum & 0xff00ff00) >> 8;

    return stored == sum || stored == turned;
}

static bool reserve(struct foray__h5_codec *codec, size_t nbytes)
{
    if (nbytes <= codec->room)
        return true;
    for (int k = 0; k < 2; k++) {
        free(codec->scratch[k]);
        codec->scratch[k] = NULL;
    }
    codec->room = 0;
    codec->scratch[0] = malloc(nbytes);
    codec->scratch[1] = malloc(nbytes);
    if (!codec->scratch[0] || !codec->scratch[1])
        return false;
    codec->room = nbytes;
    return true;
}

/* What a rare large chunk needed is not kept. */
static void trim(struct foray__h5_codec *codec)
{
    if (codec->room <= MAX_KEPT)
        return;
    for (int k = 0; k < 2; k++) {
        free(codec->scratch[k]);
        codec->scratch[k] = NULL;
    }
    codec->room = 0;
}

static bool moves_bytes(const struct foray__h5_filters *filters, int i,
                        uint32_t mask)
{
    if (mask >> i & 1)
        return false;
    return packs(filters->stages[i].kind) ||
           (filters->stages[i].kind == FORAY__H5_SHUFFLE &&
            filters->stages[i].size > 1);
}

/* Bytes that went into stage i when the chunk was written: known as long as no
 * such filter comes before. */
static size_t size_before(const struct foray__h5_filters *filters, int i,
                          uint32_t mask, size_t nbytes)
{
    for (int k = 0; k < i; k++)
        if (filters->stages[k].kind == FORAY__H5_FLETCHER32 && !(mask >> k & 1))
            nbytes += SUM;
    return nbytes;
}

/* A chunk on its way through the stages. */
struct passage {
    struct foray__h5_codec *codec;
    const unsigned char *bytes;
    size_t size;
    unsigned char *out; /* the chunk, nbytes */
    size_t nbytes;
    int n_left; /* stages that move bytes, still to come */
    int turn;   /* the scratch buffer that is free */
};

/* Where the next `size` bytes go: into the chunk itself if they are all of it
 * and nothing moves them again. */
static unsigned char *next_place(struct passage *passage, size_t size)
{
    if (!--passage->n_left && size == passage->nbytes)
        return passage->out;
    passage->turn = !passage->turn;
    return passage->codec->scratch[passage->turn];
}

static const char *undo(struct passage *passage, enum foray__h5_filter kind,
                        size_t element, size_t before)
{
    struct foray__h5_codec *codec = passage->codec;
    unsigned char *place;

    if (kind == FORAY__H5_FLETCHER32) {
        if (passage->size < SUM)
            return "is too short for its checksum";
        passage->size -= SUM;
        return sum_is_right(passage->bytes, passage->size)
                   ? NULL
                   : "does not have the checksum that was stored with it";
    }
    if (kind == FORAY__H5_SHUFFLE) {
        if (element < 2)
            return NULL;
        place = next_place(passage, passage->size);
        foray__h5_unshuffle(place, passage->bytes, passage->size, element);
    } else if (kind == FORAY__H5_LZF) {
        place = next_place(passage, before);
        if (!foray__lzf_unpack(passage->bytes, passage->size, place, before))
            return "does not unpack to the size that it should have";
        passage->size = before;
    } else {
        if (!codec->inflate)
            codec->inflate = foray__inflate_new();
        if (!codec->inflate)
            return foray__h5_no_memory;
        place = next_place(passage, before);
        if (!foray__inflate(codec->inflate, passage->bytes, passage->size,
                            place, before))
            return "does not inflate to the size that it should have";
        passage->size = before;
    }
    passage->bytes = place;
    return NULL;
}

const char *foray__h5_decode(struct foray__h5_codec *codec,
                             const struct foray__h5_filters *filters,
                             uint32_t mask, const void *stored, size_t size,
                             void *out, size_t nbytes)
{
    struct passage passage = {codec, stored, size, out, nbytes, 0, 0};
    const char *wrong = NULL;

    if (!reserve(codec, foray__h5_encoded_bound(filters,
                                                nbytes > size ? nbytes : size)))
        return foray__h5_no_memory;
    for (int i = 0; i < filters->n; i++)
        passage.n_left += moves_bytes(filters, i, mask);
    for (int i = filters->n - 1; i >= 0 && !wrong; i--)
        if (!(mask >> i & 1))
            wrong =
                undo(&passage, filters->stages[i].kind, filters->stages[i].size,
                     size_before(filters, i, mask, nbytes));
    if (!wrong && passage.size != nbytes)
        wrong = "has another size than its shape";
    if (!wrong && passage.bytes != out)
        memcpy(out, passage.bytes, nbytes);
    trim(codec);
    return wrong;
}

static bool prepare_deflate(struct foray__h5_codec *codec, int level)
{
    if (codec->deflate && codec->level == level)
        return true;
    foray__deflate_free(codec->deflate);
    codec->deflate = foray__deflate_new(level);
    codec->level = level;
    return codec->deflate != NULL;
}

size_t foray__h5_encode(struct foray__h5_codec *codec,
                        const struct foray__h5_filters *filters,
                        const void *chunk, size_t nbytes, void *out,
                        uint32_t *mask)
{
    size_t bound = foray__h5_encoded_bound(filters, nbytes), size = nbytes;
    const unsigned char *bytes = chunk;
    int turn = 0;

    *mask = 0;
    if (!reserve(codec, bound))
        return 0;
    for (int i = 0; i < filters->n; i++) {
        size_t how = filters->stages[i].size, packed;
        unsigned char *place = codec->scratch[turn];
        uint32_t sum;

        switch (filters->stages[i].kind) {
        case FORAY__H5_SHUFFLE:
            if (how < 2)
                continue;
            foray__h5_shuffle(place, bytes, size, how);
            break;
        case FORAY__H5_DEFLATE:
            if (!prepare_deflate(codec, (int)how))
                return 0;
            packed = foray__deflate(codec->deflate, bytes, size, place,
                                    size ? size - 1 : 0);
            if (!packed) {
                *mask |= 1u << i;
                continue;
            }
            size = packed;
            break;
        case FORAY__H5_FLETCHER32:
            sum = foray__h5_fletcher32(bytes, size);
            memcpy(place, bytes, size);
            for (int k = 0; k < SUM; k++)
                place[size + (size_t)k] = (unsigned char)(sum >> 8 * k);
            size += SUM;
            break;
        case FORAY__H5_LZF:
            *mask |= 1u << i;
            continue;
        }
        bytes = place;
        turn = !turn;
    }
    memcpy(out, bytes, size);
    trim(codec);
    return size;
}
