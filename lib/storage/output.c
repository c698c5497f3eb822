#include "storage/output.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "storage/crc.h"
#include "storage/file.h"
#include "storage/sink.h"

enum { BLOCK = 1 << 18 };

int foray__output_open(struct foray__output *output, int fd, uint64_t at,
                       enum foray__codec codec, int level, const char *name,
                       struct foray_error *err)
{
    int code = 0;

    memset(output, 0, sizeof *output);
    output->fd = fd;
    output->at = at;
    output->codec = codec;
    output->name = name;
    output->held = malloc(BLOCK);
    if (!output->held)
        code = foray__fail(err, FORAY_ENOMEM, "no memory to write %s", name);
    else if (codec != FORAY__STORED)
        code = foray__codec_open(&output->stream, codec, level, name, err);
    if (code)
        foray__output_close(output);
    return code;
}

void foray__output_close(struct foray__output *output)
{
    foray__codec_close(&output->stream);
    free(output->held);
    output->held = NULL;
}

static int write_out(struct foray__output *output, const void *bytes,
                     size_t nbytes, struct foray_error *err)
{
    FORAY_TRY(foray__file_write(output->fd, bytes, nbytes, (size_t)output->at,
                                output->name, err));
    output->at += nbytes;
    return 0;
}

static int flush(struct foray__output *output, struct foray_error *err)
{
    size_t n = output->n_held;

    output->n_held = 0;
    return write_out(output, output->held, n, err);
}

static int put_plain(struct foray__output *output, const void *bytes,
                     size_t nbytes, struct foray_error *err)
{
    if (nbytes > BLOCK - output->n_held)
        FORAY_TRY(flush(output, err));
    if (nbytes >= BLOCK)
        return write_out(output, bytes, nbytes, err);
    if (nbytes)
        memcpy(output->held + output->n_held, bytes, nbytes);
    output->n_held += nbytes;
    return 0;
}

/* `last` ends the stream. */
static int compress(struct foray__output *output, const void *bytes,
                    size_t nbytes, bool last, struct foray_error *err)
{
    struct foray__codec_stream *stream = &output->stream;
    enum foray__step step = FORAY__STEP_ON;

    stream->in = bytes;
    stream->n_in = nbytes;
    while (last ? step != FORAY__STEP_END : stream->n_in > 0) {
        if (output->n_held == BLOCK)
            FORAY_TRY(flush(output, err));
        stream->out = output->held + output->n_held;
        stream->room = BLOCK - output->n_held;
        step = foray__codec_step(stream, last);
        if (step == FORAY__STEP_BAD || step == FORAY__STEP_MEMORY)
            return foray__fail(err, FORAY_ENOMEM,
                               "%s: %s could not compress the data",
                               output->name, foray__codec_name(output->codec));
        output->n_held = BLOCK - stream->room;
    }
    return 0;
}

int foray__output_put(struct foray__output *output, const void *bytes,
                      size_t nbytes, struct foray_error *err)
{
    const unsigned char *at = bytes;

    /* In pieces that stay in the cache from the sum to the next step. */
    while (nbytes) {
        size_t n = nbytes < BLOCK ? nbytes : BLOCK;

        if (output->sums)
            output->crc = foray__crc32(output->crc, at, n);
        FORAY_TRY(output->codec == FORAY__STORED
                      ? put_plain(output, at, n, err)
                      : compress(output, at, n, false, err));
        output->position += n;
        at += n;
        nbytes -= n;
    }
    return 0;
}

static int pass(void *arg, const void *bytes, size_t nbytes,
                struct foray_error *err)
{
    return foray__output_put(arg, bytes, nbytes, err);
}

int foray__output_put_array(struct foray__output *output,
                            const struct foray_array *array,
                            struct foray_error *err)
{
    struct foray__sink sink = {
        .fd = -1, .name = output->name, .pass = pass, .arg = output};

    return foray__sink_put_array(&sink, 0, array, err);
}

int foray__output_finish(struct foray__output *output, struct foray_error *err)
{
    if (output->codec != FORAY__STORED)
        FORAY_TRY(compress(output, NULL, 0, true, err));
    return flush(output, err);
}
