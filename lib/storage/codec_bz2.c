/* libbz2: bzip2. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "storage/codec_abi.h"
#include "storage/codec_ops.h"

enum { DECOMPRESS_INIT, DECOMPRESS, DECOMPRESS_END };
enum { COMPRESS_INIT = DECOMPRESS_END + 1, COMPRESS, COMPRESS_END };

static struct foray__codec_library bz2 = {
    .soname = "libbz2.so.1.0",
    .package = "bzip2's library (libbz2-1.0)",
    .symbols = {"BZ2_bzDecompressInit", "BZ2_bzDecompress",
                "BZ2_bzDecompressEnd", "BZ2_bzCompressInit", "BZ2_bzCompress",
                "BZ2_bzCompressEnd"},
    .lock = PTHREAD_MUTEX_INITIALIZER,
};

#define CALL(type, which) ((type)bz2.found[which])
typedef int (*stream_fn)(struct foray__bz_stream *);
typedef int (*decompress_init_fn)(struct foray__bz_stream *, int, int);
typedef int (*compress_init_fn)(struct foray__bz_stream *, int, int, int);
typedef int (*compress_fn)(struct foray__bz_stream *, int);

static enum foray__step begin(struct foray__codec_stream *stream)
{
    struct foray__bz_stream *bz = calloc(1, sizeof *bz);
    int code;

    if (!bz)
        return FORAY__STEP_MEMORY;
    code = stream->compresses
               ? CALL(compress_init_fn, COMPRESS_INIT)(bz, stream->level, 0, 0)
               : CALL(decompress_init_fn, DECOMPRESS_INIT)(bz, 0, 0);
    if (code) {
        free(bz);
        return FORAY__STEP_MEMORY;
    }
    stream->state = bz;
    return FORAY__STEP_ON;
}

/* Another stream right behind the end of one continues it. */
static enum foray__step ended(struct foray__codec_stream *stream, bool last)
{
    struct foray__bz_stream *bz = stream->state;

    if (stream->compresses || (!stream->n_in && last) ||
        (stream->n_in && *stream->in != 'B'))
        return FORAY__STEP_END;
    CALL(stream_fn, DECOMPRESS_END)(bz);
    memset(bz, 0, sizeof *bz);
    return CALL(decompress_init_fn, DECOMPRESS_INIT)(bz, 0, 0)
               ? FORAY__STEP_MEMORY
               : FORAY__STEP_ON;
}

static enum foray__step step(struct foray__codec_stream *stream, bool last)
{
    struct foray__bz_stream *bz = stream->state;
    size_t n = stream->n_in < INT_MAX ? stream->n_in : INT_MAX;
    size_t room = stream->room < INT_MAX ? stream->room : INT_MAX;
    bool finish = last && n == stream->n_in;
    int code;

    if (stream->compresses && !finish && !n)
        return FORAY__STEP_ON; /* it would be an error */
    bz->next_in = stream->in;
    bz->avail_in = (unsigned)n;
    bz->next_out = stream->out;
    bz->avail_out = (unsigned)room;
    code = stream->compresses
               ? CALL(compress_fn,
                      COMPRESS)(bz, finish ? FORAY__BZ_FINISH : FORAY__BZ_RUN)
               : CALL(stream_fn, DECOMPRESS)(bz);
    stream->in += n - bz->avail_in;
    stream->n_in -= n - bz->avail_in;
    stream->out += room - bz->avail_out;
    stream->room -= room - bz->avail_out;
    if (code == FORAY__BZ_STREAM_END)
        return ended(stream, last);
    return code >= 0                     ? FORAY__STEP_ON
           : code == FORAY__BZ_MEM_ERROR ? FORAY__STEP_MEMORY
                                         : FORAY__STEP_BAD;
}

static void end(struct foray__codec_stream *stream)
{
    if (stream->state)
        CALL(stream_fn, stream->compresses ? COMPRESS_END : DECOMPRESS_END)
    (stream->state);
    free(stream->state);
}

const struct foray__codec_ops foray__codec_bz2 = {&bz2, begin, step, end};
