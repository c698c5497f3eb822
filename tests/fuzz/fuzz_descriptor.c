/* Any bytes as what comes back from a worker or from a registered backend: no
 * crash, no leak, no overrun; of what makes sense every byte can be read.
 * The first byte says what they are: the outcomes of a batch, of calls or tasks
 * as the second says, a result whose arrays lie in a segment of the second
 * byte's size, or a ring of records.
 * Run by libFuzzer (./configure --enable-fuzzing CC=clang) or standalone.c. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/packet_check.h"
#include "engine/parcel.h"
#include "engine/records.h"
#include "engine/result_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes);

enum { ALIGN = 64 };

/* A copy that ends where it ends, for a sanitizer to see. */
static void *copy(const void *bytes, size_t nbytes)
{
    void *out;

    if (posix_memalign(&out, ALIGN, nbytes ? nbytes : 1))
        abort();
    if (nbytes)
        memcpy(out, bytes, nbytes);
    return out;
}

static void read_bytes(const void *bytes, size_t nbytes)
{
    static volatile unsigned char seen;
    const unsigned char *at = bytes;

    for (size_t i = 0; i < nbytes; i++)
        seen = (unsigned char)(seen + at[i]);
}

/* All its elements, that are not more than memory has: strides of 0 make much
 * of little. */
static void read_array(const struct foray_array *array)
{
    struct foray_array to = {.data = NULL};
    size_t nbytes = foray_array_nbytes(array);
    void *room;

    if (nbytes > 1 << 16 || !array->dtype)
        return;
    room = malloc(nbytes + 1);
    if (!room || foray_array_wrap(&to, room, array->dtype, array->ndim,
                                  array->shape, NULL))
        abort();
    if (foray_array_copy(&to, array, NULL))
        abort();
    read_bytes(room, nbytes);
    free(room);
}

/* As a stream opens those that lie in segments; false if it would refuse. */
static int open_segments(const struct foray_result *result, const void *base,
                         size_t length)
{
    const struct foray__packet *packet =
        result->memory ? result->memory->packet : NULL;

    for (uint32_t k = 0; packet && k < packet->n; k++) {
        const struct foray__packet_array *from =
            foray__packet_array_of(packet, k);

        if (!from || !from->segment)
            continue;
        if (!foray__packet_array_lies_in(from, length))
            return 0;
        foray__packet_array_open(&result->memory->arrays[k], from, base);
    }
    return 1;
}

static void read_result(const struct foray_result *result)
{
    for (int k = 0; k < (int)result->n; k++) {
        struct foray_bytes bytes = foray_result_bytes(result, k);
        const struct foray_array *array = foray_result_array(result, k);
        const char *text = foray_result_str(result, k);

        foray_result_bool(result, k);
        foray_result_u64(result, k);
        foray_result_f64(result, k);
        foray_result_c128(result, k);
        read_bytes(bytes.data, bytes.size);
        if (array)
            read_array(array);
        if (text && result->memory && !result->memory->arrays[k].data)
            read_bytes(text, strlen(text));
    }
    foray__result_nbytes(result);
}

static void check_packet(const struct foray__packet *packet, size_t nbytes,
                         size_t length)
{
    struct foray_result result = {.index = 0};
    char *segment;

    if (!foray__packet_makes_sense(packet, nbytes))
        return;
    segment = calloc(1, length + 1);
    if (!segment || !foray__result_fill(&result, packet))
        abort();
    if (open_segments(&result, segment, length))
        read_result(&result);
    foray_result_free(&result);
    free(segment);
}

static void check_error(const struct foray_error *error)
{
    const struct foray_frames *frames = &error->frames;

    if (!error->code ||
        strnlen(error->msg, sizeof error->msg) == sizeof error->msg)
        abort();
    if (frames->n < 0 || frames->n > FORAY_ERROR_FRAMES)
        abort();
    for (int i = 0; i < FORAY_ERROR_MODULES; i++)
        if (strnlen(frames->names[i], FORAY_ERROR_MODULE_SIZE) ==
            FORAY_ERROR_MODULE_SIZE)
            abort();
}

static void check_outcomes(const void *bytes, size_t nbytes,
                           enum foray__outcome_kind success)
{
    const struct foray__outcomes possible = {success, 3};
    const struct foray__outcome *outcome;
    struct foray_error error;

    for (size_t at = 0;
         (outcome = foray__outcome_at(bytes, nbytes, at, &possible));
         at += (size_t)outcome->size) {
        const void *payload = outcome + 1;

        if (outcome->kind == FORAY__OUTCOME_VALUES &&
            success != FORAY__OUTCOME_VALUES)
            abort();
        if (outcome->kind == FORAY__OUTCOME_VALUES)
            check_packet(payload, (size_t)outcome->payload, 0);
        if (outcome->kind != FORAY__OUTCOME_ERROR &&
            outcome->kind != FORAY__OUTCOME_NO_WORKER)
            continue;
        foray__error_copy(&error, payload);
        check_error(&error);
    }
}

static void check_ring(const uint8_t *bytes, size_t nbytes)
{
    static struct foray__records ring;
    static union {
        struct foray__record record;
        char bytes[FORAY__RECORD_MAX];
    } out;
    const struct foray__record *record = &out.record;
    bool broken = false;
    uint64_t head = 0;
    size_t taken = 0;

    if (nbytes >= sizeof head)
        memcpy(&head, bytes, sizeof head);
    if (nbytes > sizeof ring.bytes)
        nbytes = sizeof ring.bytes;
    memset(ring.bytes, 0,
           sizeof ring.bytes < 4096 + nbytes ? sizeof ring.bytes
                                             : 4096 + nbytes);
    if (nbytes)
        memcpy(ring.bytes, bytes, nbytes);
    atomic_store(&ring.tail, 0);
    atomic_store(&ring.head, head % (2 * FORAY__RECORDS_SIZE) / 8 * 8);
    while (foray__records_take(&ring, &out.record, &broken)) {
        taken += record->size;
        if (record->size < sizeof *record || taken > 2 * FORAY__RECORDS_SIZE)
            abort();
        read_bytes(record, record->size);
    }
    if (foray__records_waiting(&ring))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
    void *aligned;

    if (nbytes < 2)
        return 0;
    aligned = copy(bytes + 2, nbytes - 2);
    switch (bytes[0] % 3) {
    case 0:
        check_outcomes(aligned, nbytes - 2,
                       bytes[1] % 2 ? FORAY__OUTCOME_DONE
                                    : FORAY__OUTCOME_VALUES);
        break;
    case 1:
        check_packet(aligned, nbytes - 2, bytes[1]);
        break;
    case 2:
        check_ring(aligned, nbytes - 2);
    }
    free(aligned);
    return 0;
}
