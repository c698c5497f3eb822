/* What a pickle is made of, as far as it is understood. */
#ifndef FORAY_STORAGE_PICKLE_VALUE_H
#define FORAY_STORAGE_PICKLE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "array/npy.h"

enum foray__pickle_kind {
    FORAY__PICKLE_NONE,
    FORAY__PICKLE_BOOL, /* integer */
    FORAY__PICKLE_INT,  /* integer */
    FORAY__PICKLE_TEXT, /* text: a string, or bytes */
    FORAY__PICKLE_TUPLE,
    FORAY__PICKLE_LIST,
    FORAY__PICKLE_DICT,  /* items: key, value, key, value, ... */
    FORAY__PICKLE_OTHER, /* numbers, sets, and what only Python can make: what
                            is in them is not looked at */
    FORAY__PICKLE_NAME,  /* of a function or a class: integer, which one */
    FORAY__PICKLE_DTYPE, /* items: arguments, then the state once it is there */
    FORAY__PICKLE_WRAPPER, /* joblib's stand-in for an array */
    FORAY__PICKLE_ARRAY    /* what it becomes: array */
};

/* An array, whose elements lie in the pickle. */
struct foray__pickle_array {
    struct foray__npy_header header; /* its offset means nothing */
    uint64_t offset;                 /* of the elements */
    bool may_map;
    bool of_objects; /* of Python's, of no size: for nobody to open */
};

struct foray__pickle_value {
    enum foray__pickle_kind kind;
    int64_t integer;
    struct {
        char *bytes; /* and a zero behind them */
        size_t length;
    } text;
    struct foray__pickle_value **items;
    size_t n, room;
    struct foray__pickle_array *array;
    struct foray__pickle_value *next; /* of all there are */
};

/* All values of a pickle, which end together. Bounded: a pickle that would
 * need more is refused. */
struct foray__pickle_values {
    struct foray__pickle_value *first;
    size_t n, bytes;
};

/* NULL without memory, or beyond the bounds. */
struct foray__pickle_value *
foray__pickle_new(struct foray__pickle_values *values,
                  enum foray__pickle_kind kind);
struct foray__pickle_value *
foray__pickle_integer(struct foray__pickle_values *values,
                      enum foray__pickle_kind kind, int64_t integer);

/* A text of `length` bytes that the caller fills in. */
struct foray__pickle_value *
foray__pickle_text(struct foray__pickle_values *values, size_t length);

/* One more item; false without memory, or beyond the bounds. */
bool foray__pickle_append(struct foray__pickle_values *values,
                          struct foray__pickle_value *to,
                          struct foray__pickle_value *item);

void foray__pickle_free(struct foray__pickle_values *values);

/* What a dictionary has for a key that is a text; NULL for nothing. The last
 * counts. */
struct foray__pickle_value *
foray__pickle_get(const struct foray__pickle_value *dict, const char *key);

/* Whether a value is this text. */
bool foray__pickle_is(const struct foray__pickle_value *value,
                      const char *text);

#endif
