/* What the memory of an array is mapped from, here and in a task. */
#ifndef FORAY_TESTS_MAPPING_H
#define FORAY_TESTS_MAPPING_H

#include <sys/types.h>

#include <foray.h>

/* What the memory at an address is mapped from. */
struct mapping {
    char path[256]; /* "" for private memory */
    int64_t inode;
    int64_t offset; /* of the address in the file */
    bool writable, shared;
};

/* 0, or -1 when nothing is mapped there. */
int find_mapping(struct mapping *out, const void *address);

/* How many files of a folder, named or not, a process has mapped (each of their
 * mappings counts), and has open; -1: it cannot be asked. */
int count_mapped(pid_t pid, const char *folder);
int count_open(pid_t pid, const char *folder);

/* Bytes of memory that are a process's, shared ones in equal parts; 0: it
 * cannot be asked. */
size_t proportional_bytes(pid_t pid);

/* Entries of a folder; -1 when there is none. */
int count_files(const char *folder);

/* A .npy file whose data begins at byte `offset`, wherever NumPy would have
 * put it. `describe` is the header, a Python dict. */
void write_npy(const char *path, const char *describe, size_t offset,
               const void *data, size_t nbytes);

/* Wrap private memory. */
struct foray_array wrap(void *data, enum foray_dtype dtype, int ndim,
                        const size_t *shape);

/* A task for calls with one array: returns its inode and offset as `mapping`
 * has them, 1 if it is mode r+ or w+, and the elements in C order as bytes. */
int describe_array(struct foray_task *task);

/* Run describe_array on a view of a segment in a pool, and check that the task
 * saw the same bytes of the same file, with the same elements. */
void check_same_memory(struct foray_pool *pool, const struct foray_array *view);

#endif
