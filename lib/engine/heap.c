#include "engine/heap.h"

#include <string.h>

const void *foray__block_call(const void *block, uint64_t index)
{
    const struct foray__block_head *head = block;
    const char *bytes = block;
    const uint64_t *offsets = (const void *)(bytes + head->table);

    return bytes + offsets[index - head->first];
}

/* The gap before block i, or behind the last. */
static size_t gap_start(const struct foray__heap *heap, size_t i)
{
    if (!i)
        return 0;
    return heap->blocks[i - 1].offset + heap->blocks[i - 1].size;
}

static size_t gap_stop(const struct foray__heap *heap, size_t i)
{
    return i < heap->n ? heap->blocks[i].offset : heap->size;
}

bool foray__heap_take(struct foray__heap *heap, size_t size, size_t *offset)
{
    size_t wanted =
        (size + FORAY__HEAP_ALIGN - 1) / FORAY__HEAP_ALIGN * FORAY__HEAP_ALIGN;

    if (heap->n == FORAY__CLAIM_WORDS || wanted < size)
        return false;
    for (size_t tried = 0; tried <= heap->n; tried++) {
        size_t i = (heap->next_fit + tried) % (heap->n + 1);
        size_t start = gap_start(heap, i);

        if (gap_stop(heap, i) - start < wanted)
            continue;
        memmove(&heap->blocks[i + 1], &heap->blocks[i],
                (heap->n - i) * sizeof heap->blocks[0]);
        heap->blocks[i] = (struct foray__heap_block){start, wanted};
        heap->n++;
        heap->next_fit = i + 1;
        *offset = start;
        return true;
    }
    return false;
}

void foray__heap_give(struct foray__heap *heap, size_t offset)
{
    size_t low = 0, high = heap->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (heap->blocks[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == heap->n || heap->blocks[low].offset != offset)
        return;
    heap->n--;
    memmove(&heap->blocks[low], &heap->blocks[low + 1],
            (heap->n - low) * sizeof heap->blocks[0]);
    if (heap->next_fit > low)
        heap->next_fit--;
}
