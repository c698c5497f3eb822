/* Strings one after another, each ended by a zero byte: how they travel. */
#ifndef FORAY_HDF5_TEXT_H
#define FORAY_HDF5_TEXT_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>

#include <foray/call.h>
#include <foray/error.h>

/* Join n strings.  Owner: the caller frees out->data. */
int foray__h5_text_join(struct foray_bytes *out, const char *const *strings,
                        size_t n, struct foray_error *err);

/* Where each of n joined strings begins; NULL without memory. */
char **foray__h5_text_items(struct foray_bytes text, size_t n);

/* The same into memory that is there. */
void foray__h5_text_point(char **items, char *text, size_t n);

/* In a worker: the strings of a dataset, or of an attribute, joined.
 * Errors: FORAY_EDTYPE (no strings).  Owner: the caller frees out->data. */
int foray__h5_text_read(struct foray_bytes *out, size_t *n, hid_t object,
                        bool is_dataset, const char *name,
                        struct foray_error *err);

#endif
