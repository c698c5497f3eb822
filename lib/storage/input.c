#include "storage/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/read.h"

/* Bytes that are read, and decompressed, ahead. */
enum { BLOCK = 1 << 17, AHEAD = 1 << 16 };

int foray__input_open(struct foray__input *input, int fd, uint64_t offset,
                      uint64_t stored, enum foray__codec codec,
                      const char *name, struct foray_error *err)
{
    int code = 0;

    memset(input, 0, sizeof *input);
    input->fd = fd;
    input->name = name;
    input->at = offset;
    input->end = offset + stored;
    input->codec = codec;
    if (codec != FORAY__STORED)
        code = foray__codec_open(&input->stream, codec, 0, name, err);
    if (!code) {
        input->bytes = malloc(stored < BLOCK ? (size_t)stored + 1 : BLOCK);
        if (codec != FORAY__STORED)
            input->plain = malloc(AHEAD);
        if (!input->bytes || (codec != FORAY__STORED && !input->plain))
            code = foray__fail(err, FORAY_ENOMEM, "no memory to read %s", name);
    }
    if (code)
        foray__input_close(input);
    return code;
}

void foray__input_close(struct foray__input *input)
{
    foray__codec_close(&input->stream);
    free(input->bytes);
    free(input->plain);
    input->bytes = input->plain = NULL;
}

/* Up to `nbytes` bytes of the file as it is. */
static int pull(struct foray__input *input, void *bytes, size_t nbytes,
                size_t *got, struct foray_error *err)
{
    ssize_t n;

    *got = 0;
    if (nbytes > input->end - input->at)
        nbytes = (size_t)(input->end - input->at);
    n = foray__read_at(input->fd, bytes, nbytes, input->at);
    if (n < 0)
        return foray__fail_errno(err, errno, "cannot read %s", input->name);
    if ((size_t)n < nbytes) /* somebody cut it meanwhile */
        input->end = input->at + (uint64_t)n;
    input->at += (uint64_t)n;
    *got = (size_t)n;
    return 0;
}

static int refuse(const struct foray__input *input, enum foray__step step,
                  struct foray_error *err)
{
    const char *codec = foray__codec_name(input->codec);

    if (step == FORAY__STEP_MEMORY)
        return foray__fail(err, FORAY_ENOMEM,
                           "%s: its %s data needs more memory to decompress "
                           "than there is, or than foray lets a file ask for",
                           input->name, codec);
    return foray__fail(err, FORAY_EFORMAT, "%s: its %s data is damaged",
                       input->name, codec);
}

/* Decompress into `bytes`: fewer than `nbytes` only at the end. */
static int inflate(struct foray__input *input, void *bytes, size_t nbytes,
                   size_t *got, struct foray_error *err)
{
    struct foray__codec_stream *stream = &input->stream;

    stream->out = bytes;
    stream->room = nbytes;
    while (stream->room && !input->is_complete) {
        size_t n_in, room = stream->room;
        enum foray__step step;
        bool last;

        if (!stream->n_in) {
            FORAY_TRY(pull(input, input->bytes, BLOCK, &stream->n_in, err));
            stream->in = input->bytes;
        }
        n_in = stream->n_in;
        last = input->at == input->end;
        step = foray__codec_step(stream, last);
        if (step == FORAY__STEP_BAD || step == FORAY__STEP_MEMORY)
            return refuse(input, step, err);
        input->is_complete = step == FORAY__STEP_END;
        if (step == FORAY__STEP_ON && last && stream->n_in == n_in &&
            stream->room == room)
            break; /* cut short */
    }
    *got = nbytes - stream->room;
    return 0;
}

/* Large pieces go straight to where they are wanted, small ones are read
 * ahead. */
static int read_some(struct foray__input *input, void *bytes, size_t nbytes,
                     size_t *got, struct foray_error *err)
{
    bool is_plain = input->codec == FORAY__STORED;
    unsigned char *ahead = is_plain ? input->bytes : input->plain;
    size_t most = is_plain ? BLOCK : AHEAD;
    size_t n = nbytes < input->n_ready ? nbytes : input->n_ready;

    if (!n && nbytes >= most)
        return is_plain ? pull(input, bytes, nbytes, got, err)
                        : inflate(input, bytes, nbytes, got, err);
    if (!n) {
        FORAY_TRY(is_plain ? pull(input, ahead, most, &input->n_ready, err)
                           : inflate(input, ahead, most, &input->n_ready, err));
        input->ready = ahead;
        n = nbytes < input->n_ready ? nbytes : input->n_ready;
    }
    if (n) {
        memcpy(bytes, input->ready, n);
        input->ready += n;
        input->n_ready -= n;
    }
    *got = n;
    return 0;
}

static int refuse_short(const struct foray__input *input, uint64_t missing,
                        struct foray_error *err)
{
    return foray__fail(err, FORAY_ETRUNCATED,
                       "%s ends too early: %llu bytes are missing behind byte "
                       "%llu%s",
                       input->name, (unsigned long long)missing,
                       (unsigned long long)input->position,
                       input->codec == FORAY__STORED ? ""
                                                     : " of what it holds "
                                                       "compressed");
}

int foray__input_read(struct foray__input *input, void *bytes, size_t nbytes,
                      struct foray_error *err)
{
    char *to = bytes;

    while (nbytes) {
        size_t n;

        FORAY_TRY(read_some(input, to, nbytes, &n, err));
        if (!n)
            return refuse_short(input, nbytes, err);
        input->position += n;
        to += n;
        nbytes -= n;
    }
    return 0;
}

/* Without reading, where nothing has to be decompressed. */
static int leap(struct foray__input *input, uint64_t nbytes,
                struct foray_error *err)
{
    size_t n = nbytes < input->n_ready ? (size_t)nbytes : input->n_ready;

    if (n)
        input->ready += n;
    input->n_ready -= n;
    input->position += n;
    nbytes -= n;
    if (nbytes > input->end - input->at) {
        input->position += input->end - input->at;
        nbytes -= input->end - input->at;
        input->at = input->end;
        return refuse_short(input, nbytes, err);
    }
    input->at += nbytes;
    input->position += nbytes;
    return 0;
}

int foray__input_skip(struct foray__input *input, uint64_t nbytes,
                      struct foray_error *err)
{
    unsigned char scratch[4096];

    if (input->codec == FORAY__STORED)
        return leap(input, nbytes, err);
    while (nbytes) {
        size_t n = nbytes < sizeof scratch ? (size_t)nbytes : sizeof scratch;

        FORAY_TRY(read_some(input, scratch, n, &n, err));
        if (!n)
            return refuse_short(input, nbytes, err);
        input->position += n;
        nbytes -= n;
    }
    return 0;
}

int foray__input_ends(struct foray__input *input, bool *ends,
                      struct foray_error *err)
{
    unsigned char byte;
    size_t n;

    FORAY_TRY(read_some(input, &byte, 1, &n, err));
    input->position += n;
    *ends = !n && (input->codec == FORAY__STORED || input->is_complete);
    return 0;
}
