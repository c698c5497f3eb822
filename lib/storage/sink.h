/* Where the bytes of a new array go: stored where its file has real pages
 * mapped, written elsewhere. Either way a full file system is an error code,
 * not a signal. */
#ifndef FORAY_STORAGE_SINK_H
#define FORAY_STORAGE_SINK_H

#include <stddef.h>

#include <foray/array.h>

struct foray__sink {
    int fd;
    char *base;       /* mapping of the file, NULL if direct is 0 */
    size_t direct;    /* the file's first bytes that may be stored to */
    const char *name; /* of the file, for messages */
    /* Instead of all this: is given the bytes one after another. */
    int (*pass)(void *arg, const void *bytes, size_t nbytes,
                struct foray_error *err);
    void *arg;
};

/* Put bytes at an offset of the file. */
int foray__sink_put(const struct foray__sink *sink, size_t offset,
                    const void *bytes, size_t nbytes, struct foray_error *err);

/* Put the elements of an array: as they lie in memory if they are contiguous
 * in either order, else gathered in C order. Byte order is kept. */
int foray__sink_put_array(const struct foray__sink *sink, size_t offset,
                          const struct foray_array *array,
                          struct foray_error *err);

/* Read exactly so many of the bytes that come next. */
typedef int (*foray__read_fn)(void *from, void *bytes, size_t nbytes,
                              struct foray_error *err);

/* Put bytes that are read, straight to where they belong if that is mapped. */
int foray__sink_pull(const struct foray__sink *sink, size_t offset,
                     size_t nbytes, foray__read_fn read, void *from,
                     struct foray_error *err);

#endif
