#include "engine/records.h"

#include <string.h>

static uint64_t load(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_acquire);
}

static struct foray__record *at(struct foray__records *ring, uint64_t position)
{
    return (void *)(ring->bytes + position % FORAY__RECORDS_SIZE);
}

struct foray__record *foray__records_reserve(struct foray__records *ring,
                                             size_t payload)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint64_t room = FORAY__RECORDS_SIZE - (head - load(&ring->tail));
    uint64_t to_end = FORAY__RECORDS_SIZE - head % FORAY__RECORDS_SIZE;
    size_t size = (sizeof(struct foray__record) + payload + 7) / 8 * 8;
    struct foray__record *record = at(ring, head);

    if (size > to_end) { /* records do not wrap */
        if (room < to_end)
            return NULL;
        record->size = (uint32_t)to_end;
        record->kind = FORAY__RECORD_PAD;
        atomic_store_explicit(&ring->head, head + to_end, memory_order_release);
        room -= to_end;
        record = at(ring, head + to_end);
    }
    if (room < size)
        return NULL;
    record->size = (uint32_t)size;
    return record;
}

void foray__records_commit(struct foray__records *ring,
                           const struct foray__record *record)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);

    atomic_store_explicit(&ring->head, head + record->size,
                          memory_order_release);
}

bool foray__records_half_full(const struct foray__records *ring)
{
    return load(&ring->head) - load(&ring->tail) > FORAY__RECORDS_SIZE / 2;
}

bool foray__records_waiting(const struct foray__records *ring)
{
    return load(&ring->head) != load(&ring->tail);
}

void foray__records_clear(struct foray__records *ring)
{
    atomic_store(&ring->tail, load(&ring->head));
}

void foray__records_reset(struct foray__records *ring)
{
    atomic_store(&ring->head, 0);
    atomic_store(&ring->tail, 0);
}

/* Read once: a task that writes where it should not may do so at any time. */
static uint32_t read_once(const uint32_t *field)
{
    return __atomic_load_n(field, __ATOMIC_RELAXED);
}

static bool makes_sense(uint32_t size, uint32_t kind, uint64_t position,
                        uint64_t waiting)
{
    bool is_pad =
        kind == FORAY__RECORD_PAD || size < sizeof(struct foray__record);

    return size >= 8 && size % 8 == 0 && waiting % 8 == 0 && size <= waiting &&
           size <= FORAY__RECORDS_SIZE - position % FORAY__RECORDS_SIZE &&
           (is_pad || size <= FORAY__RECORD_MAX);
}

bool foray__records_take(struct foray__records *ring, struct foray__record *out,
                         bool *broken)
{
    for (;;) {
        uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
        uint64_t head = load(&ring->head);
        const struct foray__record *record = at(ring, tail);
        bool is_record;
        uint32_t size, kind;

        if (head == tail)
            return false;
        size = read_once(&record->size);
        kind = read_once(&record->kind);
        if (!makes_sense(size, kind, tail, head - tail)) {
            *broken = true;
            atomic_store_explicit(&ring->tail, head, memory_order_release);
            return false;
        }
        is_record = kind != FORAY__RECORD_PAD && size >= sizeof *record;
        if (is_record) {
            memcpy(out, record, size);
            out->size = size;
            out->kind = kind;
        }
        atomic_store_explicit(&ring->tail, tail + size, memory_order_release);
        if (is_record)
            return true;
    }
}
