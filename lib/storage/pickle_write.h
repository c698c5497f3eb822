/* Pickles of arrays, as joblib.load reads them: protocol 4 without frames and
 * without a memo. */
#ifndef FORAY_STORAGE_PICKLE_WRITE_H
#define FORAY_STORAGE_PICKLE_WRITE_H

#include <foray/array.h>

#include "storage/output.h"

/* Errors of all: those of foray__output_put. */
int foray__pickle_begin(struct foray__output *output, struct foray_error *err);
int foray__pickle_end(struct foray__output *output, struct foray_error *err);

/* A list, and an item after it was put; a dictionary, a key, and the item of
 * both after it was put. */
int foray__pickle_put_list(struct foray__output *output,
                           struct foray_error *err);
int foray__pickle_end_item(struct foray__output *output,
                           struct foray_error *err);
int foray__pickle_put_dict(struct foray__output *output,
                           struct foray_error *err);
int foray__pickle_put_key(struct foray__output *output, const char *key,
                          size_t length, struct foray_error *err);
int foray__pickle_end_value(struct foray__output *output,
                            struct foray_error *err);

/* An array, its elements at a multiple of 64 bytes of what is put.
 * Errors: FORAY_EDTYPE as well (a type with no pickle). */
int foray__pickle_put_array(struct foray__output *output,
                            const struct foray_array *array,
                            struct foray_error *err);

#endif
