/* zlib: deflate, zlib and gzip; and libdeflate for whole members. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "storage/codec_abi.h"
#include "storage/codec_ops.h"

enum { INFLATE_INIT, INFLATE, INFLATE_RESET, INFLATE_END };
enum { DEFLATE_INIT = INFLATE_END + 1, DEFLATE, DEFLATE_END };

static struct foray__codec_library zlib = {
    .soname = "libz.so.1",
    .package = "zlib (zlib1g)",
    .symbols = {"inflateInit2_", "inflate", "inflateReset", "inflateEnd",
                "deflateInit2_", "deflate", "deflateEnd"},
    .lock = PTHREAD_MUTEX_INITIALIZER,
};

/* Part of the interface: a library of another major version refuses it. */
static const char version[] = "1.2";

#define CALL(type, which) ((type)zlib.found[which])
typedef int (*stream_fn)(struct foray__z_stream *);
typedef int (*flush_fn)(struct foray__z_stream *, int);
typedef int (*inflate_init_fn)(struct foray__z_stream *, int, const char *,
                               int);
typedef int (*deflate_init_fn)(struct foray__z_stream *, int, int, int, int,
                               int, const char *, int);

static enum foray__step begin(struct foray__codec_stream *stream)
{
    int bits = stream->codec == FORAY__DEFLATE ? -15
               : stream->codec == FORAY__GZIP  ? 15 + 16
                                               : 15;
    struct foray__z_stream *z = calloc(1, sizeof *z);
    int size = (int)sizeof *z, code;

    if (!z)
        return FORAY__STEP_MEMORY;
    code = stream->compresses
               ? CALL(deflate_init_fn, DEFLATE_INIT)(z, stream->level,
                                                     FORAY__Z_DEFLATED, bits, 8,
                                                     0, version, size)
               : CALL(inflate_init_fn, INFLATE_INIT)(z, bits, version, size);
    if (code) {
        free(z);
        return FORAY__STEP_MEMORY;
    }
    stream->state = z;
    return FORAY__STEP_ON;
}

/* Another gzip file right behind the end of one continues it. */
static enum foray__step ended(struct foray__codec_stream *stream, bool last)
{
    if (stream->codec != FORAY__GZIP || stream->compresses)
        return FORAY__STEP_END;
    if (!stream->n_in && last)
        return FORAY__STEP_END;
    if (stream->n_in && *stream->in != 0x1F)
        return FORAY__STEP_END;
    return CALL(stream_fn, INFLATE_RESET)(stream->state) ? FORAY__STEP_BAD
                                                         : FORAY__STEP_ON;
}

static enum foray__step step(struct foray__codec_stream *stream, bool last)
{
    struct foray__z_stream *z = stream->state;
    size_t n = stream->n_in < INT_MAX ? stream->n_in : INT_MAX;
    size_t room = stream->room < INT_MAX ? stream->room : INT_MAX;
    int code;

    z->next_in = stream->in;
    z->avail_in = (unsigned)n;
    z->next_out = stream->out;
    z->avail_out = (unsigned)room;
    code = stream->compresses
               ? CALL(flush_fn, DEFLATE)(
                     z, last && n == stream->n_in ? FORAY__Z_FINISH : 0)
               : CALL(flush_fn, INFLATE)(z, 0);
    stream->in += n - z->avail_in;
    stream->n_in -= n - z->avail_in;
    stream->out += room - z->avail_out;
    stream->room -= room - z->avail_out;
    if (code == FORAY__Z_STREAM_END)
        return ended(stream, last);
    return code == FORAY__Z_OK || code == FORAY__Z_BUF_ERROR ? FORAY__STEP_ON
           : code == FORAY__Z_MEM_ERROR ? FORAY__STEP_MEMORY
                                        : FORAY__STEP_BAD;
}

static void end(struct foray__codec_stream *stream)
{
    CALL(stream_fn, stream->compresses ? DEFLATE_END : INFLATE_END)
    (stream->state);
    free(stream->state);
}

const struct foray__codec_ops foray__codec_zlib = {&zlib, begin, step, end};

enum { NEW, RUN, FREE, CRC };

static struct foray__codec_library libdeflate = {
    .soname = "libdeflate.so.0",
    .package = "libdeflate0",
    .symbols = {"libdeflate_alloc_decompressor",
                "libdeflate_deflate_decompress", "libdeflate_free_decompressor",
                "libdeflate_crc32"},
    .lock = PTHREAD_MUTEX_INITIALIZER,
};

typedef void *(*new_fn)(void);
typedef int (*run_fn)(void *, const void *, size_t, void *, size_t, size_t *);
typedef void (*free_fn)(void *);

bool foray__deflate_is_fast(void)
{
    return foray__codec_load(&libdeflate);
}

enum foray__step foray__deflate_whole(void *out, size_t room, const void *in,
                                      size_t n_in)
{
    void *decompressor = ((new_fn)libdeflate.found[NEW])();
    int code;

    if (!decompressor)
        return FORAY__STEP_MEMORY;
    /* Without a place for the number of bytes, `room` is what must come out. */
    code = ((run_fn)libdeflate.found[RUN])(decompressor, in, n_in, out, room,
                                           NULL);
    ((free_fn)libdeflate.found[FREE])(decompressor);
    return code ? FORAY__STEP_BAD : FORAY__STEP_END;
}

foray__crc_fn foray__deflate_crc(void)
{
    return foray__deflate_is_fast() ? (foray__crc_fn)libdeflate.found[CRC]
                                    : NULL;
}
