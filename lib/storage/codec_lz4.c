/* liblz4: frames of lz4. */
#include <stdlib.h>
#include <string.h>

#include "storage/codec_abi.h"
#include "storage/codec_ops.h"

enum { DECODER, DECODE, DECODER_FREE, IS_ERROR };
enum { ENCODER = IS_ERROR + 1, BEGIN, BOUND, UPDATE, FINISH, ENCODER_FREE };

static struct foray__codec_library lz4 = {
    .soname = "liblz4.so.1",
    .package = "lz4's library (liblz4-1)",
    .symbols = {"LZ4F_createDecompressionContext", "LZ4F_decompress",
                "LZ4F_freeDecompressionContext", "LZ4F_isError",
                "LZ4F_createCompressionContext", "LZ4F_compressBegin",
                "LZ4F_compressBound", "LZ4F_compressUpdate", "LZ4F_compressEnd",
                "LZ4F_freeCompressionContext"},
    .lock = PTHREAD_MUTEX_INITIALIZER,
};

enum { PIECE = 1 << 16 };

struct state {
    void *context;
    bool in_frame; /* between the beginning of a frame and its end */
    struct foray__lz4_preferences preferences;
    unsigned char *pending; /* compressed, to be handed out */
    size_t at, n, size;
    bool begun, finished;
};

#define CALL(type, which) ((type)lz4.found[which])
typedef size_t (*context_fn)(void **, unsigned);
typedef size_t (*free_fn)(void *);
typedef unsigned (*is_error_fn)(size_t);
typedef size_t (*decode_fn)(void *, void *, size_t *, const void *, size_t *,
                            const void *);
typedef size_t (*bound_fn)(size_t, const struct foray__lz4_preferences *);
typedef size_t (*begin_fn)(void *, void *, size_t,
                           const struct foray__lz4_preferences *);
typedef size_t (*update_fn)(void *, void *, size_t, const void *, size_t,
                            const void *);
typedef size_t (*finish_fn)(void *, void *, size_t, const void *);

static bool failed(size_t code)
{
    return CALL(is_error_fn, IS_ERROR)(code);
}

static void end(struct foray__codec_stream *stream)
{
    struct state *state = stream->state;

    if (state->context)
        CALL(free_fn, stream->compresses ? ENCODER_FREE : DECODER_FREE)
    (state->context);
    free(state->pending);
    free(state);
}

static enum foray__step begin(struct foray__codec_stream *stream)
{
    struct state *state = calloc(1, sizeof *state);

    if (!state)
        return FORAY__STEP_MEMORY;
    stream->state = state;
    if (stream->compresses) {
        state->preferences.level = stream->level;
        state->size = CALL(bound_fn, BOUND)(PIECE, &state->preferences) + PIECE;
        state->pending = malloc(state->size);
    }
    if ((stream->compresses && !state->pending) ||
        failed(CALL(context_fn, stream->compresses ? ENCODER : DECODER)(
            &state->context, FORAY__LZ4_VERSION))) {
        end(stream);
        return FORAY__STEP_MEMORY;
    }
    return FORAY__STEP_ON;
}

static enum foray__step decompress(struct foray__codec_stream *stream,
                                   struct state *state, bool last)
{
    size_t n = stream->n_in, room = stream->room, wanted;

    if (!n && last && !state->in_frame)
        return FORAY__STEP_END;
    wanted = CALL(decode_fn, DECODE)(state->context, stream->out, &room,
                                     stream->in, &n, NULL);
    if (failed(wanted))
        return FORAY__STEP_BAD;
    stream->in += n;
    stream->n_in -= n;
    stream->out += room;
    stream->room -= room;
    if (n || room)
        state->in_frame = wanted;
    return !wanted && last && !stream->n_in ? FORAY__STEP_END : FORAY__STEP_ON;
}

/* Compress the next piece, which `pending` has the room for. */
static bool refill(struct foray__codec_stream *stream, struct state *state,
                   bool last)
{
    size_t n = stream->n_in < PIECE ? stream->n_in : PIECE;
    size_t code = 0;

    state->at = 0;
    if (!state->begun)
        code = CALL(begin_fn, BEGIN)(state->context, state->pending,
                                     state->size, &state->preferences);
    else if (n)
        code = CALL(update_fn, UPDATE)(state->context, state->pending,
                                       state->size, stream->in, n, NULL);
    else if (last)
        code = CALL(finish_fn, FINISH)(state->context, state->pending,
                                       state->size, NULL);
    if (failed(code))
        return false;
    if (state->begun) {
        state->finished = last && !n;
        stream->in += n;
        stream->n_in -= n;
    }
    state->begun = true;
    state->n = code;
    return true;
}

static enum foray__step compress(struct foray__codec_stream *stream,
                                 struct state *state, bool last)
{
    while (stream->room) {
        size_t n = state->n - state->at;

        if (n > stream->room)
            n = stream->room;
        if (n)
            memcpy(stream->out, state->pending + state->at, n);
        state->at += n;
        stream->out += n;
        stream->room -= n;
        if (state->at < state->n)
            break;
        if (state->finished)
            return FORAY__STEP_END;
        if (state->begun && !stream->n_in && !last)
            break;
        if (!refill(stream, state, last))
            return FORAY__STEP_MEMORY;
    }
    return FORAY__STEP_ON;
}

static enum foray__step step(struct foray__codec_stream *stream, bool last)
{
    return stream->compresses ? compress(stream, stream->state, last)
                              : decompress(stream, stream->state, last);
}

const struct foray__codec_ops foray__codec_lz4 = {&lz4, begin, step, end};
