/* The filters of chunks that we run ourselves. No HDF5 in here: what comes in
 * is bytes of a file that nobody vouches for. */
#ifndef FORAY_HDF5_FILTER_H
#define FORAY_HDF5_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FORAY__H5_MAX_FILTERS = 8 };

enum foray__h5_filter {
    FORAY__H5_SHUFFLE,    /* size: bytes of an element */
    FORAY__H5_DEFLATE,    /* size: the level */
    FORAY__H5_FLETCHER32, /* 4 bytes behind the data */
    FORAY__H5_LZF         /* undone only: nothing is packed by it */
};

/* In the order in which they are run when a chunk is written. */
struct foray__h5_filters {
    int n;
    struct {
        enum foray__h5_filter kind;
        size_t size;
    } stages[FORAY__H5_MAX_FILTERS];
};

/* Buffers and (de)compressors, kept from chunk to chunk. Zeroed: empty. */
struct foray__h5_codec {
    void *inflate, *deflate;
    int level; /* of `deflate` */
    unsigned char *scratch[2];
    size_t room; /* of each */
};
void foray__h5_codec_free(struct foray__h5_codec *codec);

/* Whether such a pipeline can be undone here: what deflate or LZF is to give
 * must be known beforehand. */
bool foray__h5_filters_known(const struct foray__h5_filters *filters);

/* Bytes that an encoded chunk of nbytes can have at most. */
size_t foray__h5_encoded_bound(const struct foray__h5_filters *filters,
                               size_t nbytes);

/* Undo the filters of a stored chunk; bit k of `mask` says that filter k was
 * skipped. Fills `nbytes` of `out`, all of them or none that counts.
 * Returns NULL, or the end of a sentence that begins with the chunk's name:
 * "does not inflate ...", foray__h5_no_memory. */
const char *foray__h5_decode(struct foray__h5_codec *codec,
                             const struct foray__h5_filters *filters,
                             uint32_t mask, const void *stored, size_t size,
                             void *out, size_t nbytes);

/* Run the filters over a chunk of nbytes; `out` has room for the bound. A
 * deflate that does not make it smaller is skipped, which *mask tells. Returns
 * the bytes that `out` has then, 0 without memory. */
size_t foray__h5_encode(struct foray__h5_codec *codec,
                        const struct foray__h5_filters *filters,
                        const void *chunk, size_t nbytes, void *out,
                        uint32_t *mask);

/* The sum that HDF5 calls Fletcher32. */
uint32_t foray__h5_fletcher32(const void *bytes, size_t nbytes);

extern const char foray__h5_no_memory[];

#endif
