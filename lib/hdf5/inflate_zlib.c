#include "hdf5/inflate.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

void *foray__inflate_new(void)
{
    z_stream *stream = calloc(1, sizeof *stream);

    if (stream && inflateInit(stream) != Z_OK) {
        free(stream);
        stream = NULL;
    }
    return stream;
}

void foray__inflate_free(void *state)
{
    if (state)
        inflateEnd(state);
    free(state);
}

/* Point a stream at its input and output. zlib counts in unsigned int: a chunk
 * has less than 4 GiB. */
static bool point(z_stream *stream, const void *bytes, size_t size, void *out,
                  size_t room)
{
    if (size > UINT_MAX || room > UINT_MAX)
        return false;
    stream->next_in = (Bytef *)(uintptr_t)bytes;
    stream->avail_in = (uInt)size;
    stream->next_out = out;
    stream->avail_out = (uInt)room;
    return true;
}

/* One byte more than there should be shows whether the stream ends there. */
bool foray__inflate(void *state, const void *bytes, size_t size, void *out,
                    size_t nbytes)
{
    z_stream *stream = state;
    Bytef more;
    int code;

    if (inflateReset(stream) != Z_OK ||
        !point(stream, bytes, size, out, nbytes))
        return false;
    code = inflate(stream, Z_FINISH);
    if (code == Z_BUF_ERROR && !stream->avail_out) {
        stream->next_out = &more;
        stream->avail_out = 1;
        code = inflate(stream, Z_FINISH);
        return code == Z_STREAM_END && stream->avail_out == 1;
    }
    return code == Z_STREAM_END && !stream->avail_out;
}

void *foray__deflate_new(int level)
{
    z_stream *stream = calloc(1, sizeof *stream);

    if (stream && deflateInit(stream, level) != Z_OK) {
        free(stream);
        stream = NULL;
    }
    return stream;
}

void foray__deflate_free(void *state)
{
    if (state)
        deflateEnd(state);
    free(state);
}

size_t foray__deflate(void *state, const void *bytes, size_t size, void *out,
                      size_t room)
{
    z_stream *stream = state;

    if (deflateReset(stream) != Z_OK ||
        !point(stream, bytes, size, out, room) ||
        deflate(stream, Z_FINISH) != Z_STREAM_END)
        return 0;
    return room - stream->avail_out;
}
