/* The heap: shared memory in which the parent lays out calls for its workers.
 * Workers only read it. The parent alone knows what is used: a list of the
 * live blocks, at most one for each claim word. */
#ifndef FORAY_ENGINE_HEAP_H
#define FORAY_ENGINE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/claims.h"

enum { FORAY__HEAP_ALIGN = 64 };

/* What a block of calls begins with: where from its begin the table of its
 * packets' offsets lies, and which call is the first of them. */
struct foray__block_head {
    uint64_t table, first;
};

struct foray__heap_block {
    size_t offset, size;
};

/* Where call number `index` lies in the block at `block`. */
const void *foray__block_call(const void *block, uint64_t index);

/* Zeroed, but for `size`: all free. */
struct foray__heap {
    size_t size;
    size_t n;        /* live blocks, by offset */
    size_t next_fit; /* where the search begins */
    struct foray__heap_block blocks[FORAY__CLAIM_WORDS];
};

/* A block of `size` bytes, 64-byte aligned; false when nothing so large is
 * free. */
bool foray__heap_take(struct foray__heap *heap, size_t size, size_t *offset);

/* Give back the block at an offset. */
void foray__heap_give(struct foray__heap *heap, size_t offset);

#endif
