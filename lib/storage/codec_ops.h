/* What each of the codec_*.c has for codec.c. */
#ifndef FORAY_STORAGE_CODEC_OPS_H
#define FORAY_STORAGE_CODEC_OPS_H

#include <pthread.h>

#include "storage/codec.h"

enum { FORAY__CODEC_SYMBOLS = 12 };

/* A library, loaded once. */
struct foray__codec_library {
    const char *soname, *package;
    const char *symbols[FORAY__CODEC_SYMBOLS]; /* up to the first NULL */
    void (*found[FORAY__CODEC_SYMBOLS])(void);
    pthread_mutex_t lock;
    bool missing, loaded;
};

/* Load it, unless it is or is not there to be. FORAY_TEST_NO may name the
 * soname. */
bool foray__codec_load(struct foray__codec_library *library);

struct foray__codec_ops {
    struct foray__codec_library *library;
    /* All have stream->codec, ->compresses, ->level, ->state. */
    enum foray__step (*begin)(struct foray__codec_stream *stream);
    enum foray__step (*step)(struct foray__codec_stream *stream, bool last);
    void (*end)(struct foray__codec_stream *stream);
};

extern const struct foray__codec_ops foray__codec_zlib, foray__codec_bz2,
    foray__codec_lzma, foray__codec_lz4;

#endif
