#include "engine/records.h"

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

static bool makes_sense(const struct foray__record *record, uint64_t position,
                        uint64_t waiting)
{
    return record->size >= 8 && record->size % 8 == 0 &&
           record->size <= waiting &&
           record->size <= FORAY__RECORDS_SIZE - position % FORAY__RECORDS_SIZE;
}

const struct foray__record *foray__records_peek(struct foray__records *ring,
                                                bool *broken)
{
    for (;;) {
        uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
        uint64_t head = load(&ring->head);
        const struct foray__record *record = at(ring, tail);

        if (head == tail)
            return NULL;
        if (!makes_sense(record, tail, head - tail)) {
            *broken = true;
            atomic_store_explicit(&ring->tail, head, memory_order_release);
            return NULL;
        }
        if (record->kind != FORAY__RECORD_PAD && record->size >= sizeof *record)
            return record;
        foray__records_take(ring, record);
    }
}

void foray__records_take(struct foray__records *ring,
                         const struct foray__record *record)
{
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

    atomic_store_explicit(&ring->tail, tail + record->size,
                          memory_order_release);
}
