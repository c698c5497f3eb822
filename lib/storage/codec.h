/* Compressors: what libraries the system has for them, loaded when one is
 * needed, so that libforay itself needs none.
 *
 * A stream turns bytes into bytes piece by piece: nothing grows with what a
 * file says of itself. A library stays loaded.
 */
#ifndef FORAY_STORAGE_CODEC_H
#define FORAY_STORAGE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <foray/error.h>

enum foray__codec {
    FORAY__STORED, /* not compressed */
    FORAY__DEFLATE /* without a frame, as in zip archives */,
    FORAY__ZLIB,
    FORAY__GZIP,
    FORAY__BZ2,
    FORAY__XZ,
    FORAY__LZMA, /* the format before xz */
    FORAY__LZ4   /* frames */
};

enum { FORAY__CODECS = FORAY__LZ4 + 1 };

/* "zlib", "lz4"; "stored". */
const char *foray__codec_name(enum foray__codec codec);

/* By what joblib calls it: zlib, gzip, bz2, xz, lzma, lz4. False: none. */
bool foray__codec_find(enum foray__codec *out, const char *name);

/* What a file that begins with these bytes is compressed with. */
enum foray__codec foray__codec_of_magic(const unsigned char *bytes, size_t n);

/* What a step did. */
enum foray__step {
    FORAY__STEP_ON,    /* wants more input, or more room */
    FORAY__STEP_END,   /* the compressed stream is complete */
    FORAY__STEP_BAD,   /* these bytes are none of the codec's */
    FORAY__STEP_MEMORY /* none left, or more wanted than a stream may have */
};

struct foray__codec_stream {
    /* The caller sets these before a step; it moves them. */
    const unsigned char *in;
    size_t n_in;
    unsigned char *out;
    size_t room;
    /* The codec's. */
    const struct foray__codec_ops *ops;
    enum foray__codec codec;
    bool compresses;
    int level;
    void *state;
};

/* Begin to compress at a level of 1 to 9, or to decompress (level 0). `name` is
 * the file's, for messages.
 * Errors: FORAY_ENOTSUP (the library is missing: names its package),
 * FORAY_ENOMEM. */
int foray__codec_open(struct foray__codec_stream *stream,
                      enum foray__codec codec, int level, const char *name,
                      struct foray_error *err);

/* Move bytes. `last`: no input comes after this. When decompressing, a stream
 * that follows the first one is taken for its continuation by gzip, bz2, xz and
 * lz4, as their tools do; STEP_END then means that there is no more input. */
enum foray__step foray__codec_step(struct foray__codec_stream *stream,
                                   bool last);

void foray__codec_close(struct foray__codec_stream *stream);

/* Decompress a whole member of a zip archive at once, twice as fast, where
 * libdeflate is there to do it: false where it is not. */
bool foray__deflate_is_fast(void);
enum foray__step foray__deflate_whole(void *out, size_t room, const void *in,
                                      size_t n_in);

/* The same library's checksum of zip archives, several times as fast as ours;
 * NULL where it is not. */
typedef uint32_t (*foray__crc_fn)(uint32_t crc, const void *bytes,
                                  size_t nbytes);
foray__crc_fn foray__deflate_crc(void);

#endif
