#include "engine/result_body.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "base/error.h"
#include "base/size.h"
#include "engine/capture_text.h"
#include "engine/number.h"

enum { ALIGN = 64 };

#define LOST_ERROR                                                             \
    {                                                                          \
        .code = FORAY_ENOMEM, .task = -1, .worker = -1,                        \
        .msg = "no memory for the error of a call"                             \
    }

/* Of results whose error, or what they wrote, there was no memory for. */
static struct foray_result_memory lost_error = {.error = LOST_ERROR};
static struct foray_result_memory lost_output = {.error = LOST_ERROR,
                                                 .output = {.lost = true}};

static bool is_lost(const struct foray_result_memory *memory)
{
    return memory == &lost_error || memory == &lost_output;
}

struct foray_result_memory *
foray__result_memory_new(const struct foray__packet *packet)
{
    struct foray_result_memory *memory;
    size_t head = foray__round_up(sizeof *memory, ALIGN);
    size_t size = packet ? packet->size : 0, n = packet ? packet->n : 0;
    void *room;

    if (posix_memalign(&room, ALIGN,
                       head + foray__round_up(size, ALIGN) +
                           n * sizeof memory->arrays[0]))
        return NULL;
    memory = room;
    memset(memory, 0, sizeof *memory);
    memory->arrays =
        (void *)((char *)room + head + foray__round_up(size, ALIGN));
    memset(memory->arrays, 0, n * sizeof memory->arrays[0]);
    if (packet) {
        memcpy((char *)room + head, packet, size);
        memory->packet = (void *)((char *)room + head);
    }
    return memory;
}

void foray__result_fail(struct foray_result *out,
                        const struct foray_error *error,
                        enum foray_status status)
{
    out->code = error->code;
    out->status = status;
    out->n = 0;
    out->memory = foray__result_memory_new(NULL);
    if (out->memory)
        out->memory->error = *error;
    else
        out->memory = &lost_error;
}

/* Two views of one handed segment: the first closes it. One of a segment that
 * is the caller's closes nothing. */
static bool owns(const struct foray_result_memory *memory, uint32_t k)
{
    const struct foray__packet_array *from =
        foray__packet_array_of(memory->packet, k);

    if (!from || !memory->arrays[k].segment ||
        from->access != FORAY__ACCESS_HANDED)
        return false;
    for (uint32_t other = 0; other < k; other++)
        if (memory->arrays[other].segment == memory->arrays[k].segment)
            return false;
    return true;
}

size_t foray__result_nbytes(const struct foray_result *result)
{
    const struct foray_result_memory *memory = result->memory;
    size_t nbytes = sizeof *result;

    if (!memory)
        return nbytes;
    nbytes += sizeof *memory + memory->output.size;
    if (memory->packet)
        nbytes +=
            memory->packet->size + memory->packet->n * sizeof memory->arrays[0];
    for (uint32_t k = 0; memory->packet && k < memory->packet->n; k++)
        if (owns(memory, k))
            nbytes += foray_array_nbytes(&memory->arrays[k]);
    return nbytes;
}

void foray__result_output(struct foray_result *result,
                          struct foray__output *output)
{
    if (!result->memory)
        result->memory = foray__result_memory_new(NULL);
    if (result->memory && !is_lost(result->memory)) {
        result->memory->output = *output;
    } else {
        result->memory = &lost_output;
        free(output->text);
    }
    memset(output, 0, sizeof *output);
}

const char *foray_result_output(const struct foray_result *result, size_t *size)
{
    const struct foray_result_memory *memory = result->memory;
    const char *text = memory ? memory->output.text : NULL;

    if (!text)
        text = memory && memory->output.lost ? FORAY__CAPTURE_LOST : "";
    if (size)
        *size =
            memory && memory->output.text ? memory->output.size : strlen(text);
    return text;
}

/* Numbers need no memory. */
static bool is_plain(const struct foray__packet *packet)
{
    if (packet->n > 2)
        return false;
    for (uint32_t k = 0; k < packet->n; k++)
        if (packet->values[k].kind > FORAY_KIND_C128)
            return false;
    return true;
}

bool foray__result_fill(struct foray_result *out,
                        const struct foray__packet *packet)
{
    out->code = 0;
    out->status = FORAY_TASK_OK;
    out->n = packet->n;
    out->memory = NULL;
    if (is_plain(packet)) {
        for (uint32_t k = 0; k < packet->n; k++)
            out->first[k] = foray__packet_get(packet, k);
        return true;
    }
    out->memory = foray__result_memory_new(packet);
    if (!out->memory)
        return false;
    packet = out->memory->packet;
    for (uint32_t k = 0; k < packet->n; k++) {
        const struct foray__packet_array *from =
            foray__packet_array_of(packet, k);

        if (from && !from->segment) {
            foray__packet_array_open(&out->memory->arrays[k], from, packet);
            out->memory->arrays[k].mode = FORAY_READ_WRITE;
        }
    }
    return true;
}

static bool is_shared(const struct foray_result_memory *memory, uint32_t k)
{
    for (uint32_t other = k + 1; other < memory->packet->n; other++)
        if (memory->arrays[other].segment == memory->arrays[k].segment)
            return true;
    return false;
}

static struct foray_value get(const struct foray_result *result, int k)
{
    const struct foray_result_memory *memory = result->memory;
    struct foray_value value;

    if (k < 0 || (size_t)k >= result->n)
        return foray_value_none();
    if (!memory || !memory->packet)
        return result->first[k];
    value = foray__packet_get(memory->packet, (size_t)k);
    if (value.kind == FORAY_KIND_ARRAY)
        value.as.array = &memory->arrays[k];
    else if (memory->packet->values[k].placed)
        value.as.bytes.data = memory->arrays[k].data;
    return value;
}

enum foray_kind foray_result_kind(const struct foray_result *result, int k)
{
    return get(result, k).kind;
}

bool foray_result_bool(const struct foray_result *result, int k)
{
    return foray_result_i64(result, k) == 1;
}

int64_t foray_result_i64(const struct foray_result *result, int k)
{
    int64_t number = 0;

    return foray__value_i64(&number, get(result, k)) ? number : 0;
}

uint64_t foray_result_u64(const struct foray_result *result, int k)
{
    uint64_t number = 0;

    return foray__value_u64(&number, get(result, k)) ? number : 0;
}

double foray_result_f64(const struct foray_result *result, int k)
{
    double number = 0;

    return foray__value_f64(&number, get(result, k)) ? number : NAN;
}

struct foray_value foray_result_c128(const struct foray_result *result, int k)
{
    struct foray_value value = get(result, k);

    if (value.kind == FORAY_KIND_C128)
        return value;
    return foray_value_c128(foray_result_f64(result, k), 0);
}

const char *foray_result_str(const struct foray_result *result, int k)
{
    struct foray_value value = get(result, k);

    return value.kind == FORAY_KIND_STR ? value.as.bytes.data : NULL;
}

struct foray_bytes foray_result_bytes(const struct foray_result *result, int k)
{
    struct foray_value value = get(result, k);

    if (value.kind != FORAY_KIND_BYTES && value.kind != FORAY_KIND_STR)
        return (struct foray_bytes){NULL, 0};
    return value.as.bytes;
}

const struct foray_array *foray_result_array(const struct foray_result *result,
                                             int k)
{
    struct foray_value value = get(result, k);

    return value.kind == FORAY_KIND_ARRAY && value.as.array->itemsize
               ? value.as.array
               : NULL;
}

int foray_result_take_array(struct foray_array *out,
                            struct foray_result *result, int k,
                            struct foray_error *err)
{
    const struct foray_array *array = foray_result_array(result, k);

    memset(out, 0, sizeof *out);
    if (!array)
        return foray__fail(err, FORAY_EINVAL,
                           "value %d of the result is no array, or was taken",
                           k);
    if (owns(result->memory, (uint32_t)k) &&
        !is_shared(result->memory, (uint32_t)k))
        *out = *array;
    else
        FORAY_TRY(foray_array_dump(out, array, NULL, err));
    memset(&result->memory->arrays[k], 0, sizeof result->memory->arrays[k]);
    return 0;
}

const struct foray_error *foray_result_error(const struct foray_result *result)
{
    return result->code && result->memory ? &result->memory->error : NULL;
}

void foray_result_free(struct foray_result *result)
{
    struct foray_result_memory *memory = result->memory;

    if (memory && !is_lost(memory)) {
        for (uint32_t k = memory->packet ? memory->packet->n : 0; k-- > 0;)
            if (owns(memory, k))
                foray_array_close(&memory->arrays[k], NULL);
        free(memory->output.text);
        free(memory);
    }
    memset(result, 0, sizeof *result);
}

void foray_results_free(struct foray_result *results, size_t n)
{
    for (size_t i = 0; results && i < n; i++)
        foray_result_free(&results[i]);
}
