#include "engine/failures.h"

bool foray__failures_push(struct foray__failures *ring,
                          const struct foray_error *error)
{
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);

    if (head - tail == FORAY__FAILURES)
        return false;
    ring->items[head % FORAY__FAILURES] = *error;
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    return true;
}

bool foray__failures_waiting(const struct foray__failures *ring)
{
    return atomic_load_explicit(&ring->head, memory_order_acquire) !=
           atomic_load_explicit(&ring->tail, memory_order_relaxed);
}

bool foray__failures_pop(struct foray__failures *ring, struct foray_error *out)
{
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_acquire);

    if (head == tail)
        return false;
    *out = ring->items[tail % FORAY__FAILURES];
    /* A task's function could have scribbled here. */
    out->msg[FORAY_ERROR_MSG_SIZE - 1] = '\0';
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    return true;
}
