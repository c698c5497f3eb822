/* liblzma: xz, and lzma alone. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "storage/codec_abi.h"
#include "storage/codec_ops.h"

/* xz -9 needs 65 MiB to decompress; files may ask for 4 GiB. */
static const uint64_t memory_limit = (uint64_t)256 << 20;

enum { XZ_DECODER, LZMA_DECODER, CODE, END, XZ_ENCODER, PRESET, LZMA_ENCODER };

static struct foray__codec_library lzma = {
    .soname = "liblzma.so.5",
    .package = "xz's library (liblzma5)",
    .symbols = {"lzma_stream_decoder", "lzma_alone_decoder", "lzma_code",
                "lzma_end", "lzma_easy_encoder", "lzma_lzma_preset",
                "lzma_alone_encoder"},
    .lock = PTHREAD_MUTEX_INITIALIZER,
};

#define CALL(type, which) ((type)lzma.found[which])
typedef int (*xz_decoder_fn)(struct foray__lzma_stream *, uint64_t, uint32_t);
typedef int (*lzma_decoder_fn)(struct foray__lzma_stream *, uint64_t);
typedef int (*code_fn)(struct foray__lzma_stream *, int);
typedef void (*end_fn)(struct foray__lzma_stream *);
typedef int (*xz_encoder_fn)(struct foray__lzma_stream *, uint32_t, int);
typedef unsigned char (*preset_fn)(union foray__lzma_options *, uint32_t);
typedef int (*lzma_encoder_fn)(struct foray__lzma_stream *,
                               const union foray__lzma_options *);

static int begin_to_compress(struct foray__lzma_stream *xz,
                             const struct foray__codec_stream *stream)
{
    union foray__lzma_options options;

    if (stream->codec == FORAY__XZ)
        return CALL(xz_encoder_fn, XZ_ENCODER)(xz, (uint32_t)stream->level,
                                               FORAY__LZMA_CHECK_CRC64);
    if (CALL(preset_fn, PRESET)(&options, (uint32_t)stream->level))
        return -1;
    return CALL(lzma_encoder_fn, LZMA_ENCODER)(xz, &options);
}

static enum foray__step begin(struct foray__codec_stream *stream)
{
    struct foray__lzma_stream *xz = calloc(1, sizeof *xz);
    int code;

    if (!xz)
        return FORAY__STEP_MEMORY;
    if (stream->compresses)
        code = begin_to_compress(xz, stream);
    else if (stream->codec == FORAY__XZ)
        code = CALL(xz_decoder_fn, XZ_DECODER)(xz, memory_limit,
                                               FORAY__LZMA_CONCATENATED);
    else
        code = CALL(lzma_decoder_fn, LZMA_DECODER)(xz, memory_limit);
    if (code) {
        CALL(end_fn, END)(xz);
        free(xz);
        return FORAY__STEP_MEMORY;
    }
    stream->state = xz;
    return FORAY__STEP_ON;
}

static enum foray__step step(struct foray__codec_stream *stream, bool last)
{
    struct foray__lzma_stream *xz = stream->state;
    int code;

    xz->next_in = stream->in;
    xz->avail_in = stream->n_in;
    xz->next_out = stream->out;
    xz->avail_out = stream->room;
    code = CALL(code_fn, CODE)(xz, last ? FORAY__LZMA_FINISH : 0);
    stream->in = xz->next_in;
    stream->n_in = xz->avail_in;
    stream->out = xz->next_out;
    stream->room = xz->avail_out;
    switch (code) {
    case FORAY__LZMA_OK:
    case FORAY__LZMA_BUF_ERROR:
        return FORAY__STEP_ON;
    case FORAY__LZMA_STREAM_END:
        return FORAY__STEP_END;
    case FORAY__LZMA_MEM_ERROR:
    case FORAY__LZMA_MEMLIMIT_ERROR:
        return FORAY__STEP_MEMORY;
    default:
        return FORAY__STEP_BAD;
    }
}

static void end(struct foray__codec_stream *stream)
{
    CALL(end_fn, END)(stream->state);
    free(stream->state);
}

const struct foray__codec_ops foray__codec_lzma = {&lzma, begin, step, end};
