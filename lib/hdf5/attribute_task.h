/* Attributes as they travel, and what workers do with them. */
#ifndef FORAY_HDF5_ATTRIBUTE_TASK_H
#define FORAY_HDF5_ATTRIBUTE_TASK_H

#include <foray/array.h>
#include <foray/dtype.h>
#include <foray/task.h>

/* Behind it: the name with its zero byte; from a multiple of 16 on the values,
 * strings joined (text.h); the next begins at a multiple of 16. */
struct foray__h5_attribute {
    size_t name, n, nbytes; /* bytes of the name; values, and their bytes */
    enum foray_dtype dtype; /* FORAY_OPAQUE: strings */
    int ndim;
    size_t shape[FORAY_MAX_NDIM];
};

/* Where its values begin; where the next attribute does. */
size_t foray__h5_attribute_values(const struct foray__h5_attribute *attribute);
size_t foray__h5_attribute_size(const struct foray__h5_attribute *attribute);

/* Many of them. Zeroed: none. */
struct foray__h5_attributes {
    char *bytes; /* malloc'ed */
    size_t size, room;
};

int foray__h5_attributes_add(struct foray__h5_attributes *attributes,
                             const struct foray__h5_attribute *head,
                             const char *name, const void *values,
                             struct foray_error *err);

/* Arguments: path, object. Returns the attributes, how many they are, and how
 * many strings they have. */
int foray__h5_read_attributes_task(struct foray_task *task);

/* Arguments: path, object, the attributes. Returns nothing. */
int foray__h5_write_attributes_task(struct foray_task *task);

#endif
