/* Descriptors: what stands for an array in a message between processes. No
 * pointers, no paths. */
#ifndef FORAY_ENGINE_DESCRIPTOR_H
#define FORAY_ENGINE_DESCRIPTOR_H

#include <stdint.h>

#include <foray/array.h>

/* How a worker may touch a segment; each is a mapping of its own. */
enum foray__access {
    FORAY__ACCESS_READ,   /* shared, stores fault */
    FORAY__ACCESS_WRITE,  /* shared */
    FORAY__ACCESS_COPY,   /* private, dropped after each task */
    FORAY__ACCESS_HANDED, /* a worker's segment on its way to the parent */
    FORAY__ACCESS_OUTPUT  /* no segment: what calls print goes there */
};

struct foray__descriptor {
    uint64_t segment; /* id, unique in the parent's life; 0: memory of this
                         process, which the view points to */
    enum foray__access access;
    uint64_t offset; /* of element [0, ..., 0] from the segment's begin */
    struct foray_array view; /* data and segment are NULL in transit */
};

/* Describe an array that lives in a segment, or, for threads of this process
 * and for workers that inherited it, anywhere. `read_only`: the task may not
 * store, whatever the array's mode. */
void foray__descriptor_make(struct foray__descriptor *out,
                            const struct foray_array *array, int read_only);

/* The array a descriptor stands for, in a process where its segment is mapped
 * at `base`. */
void foray__descriptor_open(struct foray_array *out,
                            const struct foray__descriptor *descriptor,
                            void *base);

#endif
