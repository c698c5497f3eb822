/* Pickles as joblib writes them: read by a machine that knows the instructions
 * and the names in its lists, and nothing else. What it makes are values to be
 * looked at; no function is called, whatever the pickle says.
 *
 * Source: the comments in CPython's Lib/pickletools.py; joblib's
 * NumpyArrayWrapper, whose array follows the instruction that ends it.
 */
#ifndef FORAY_STORAGE_PICKLE_H
#define FORAY_STORAGE_PICKLE_H

#include "storage/input.h"
#include "storage/pickle_value.h"

struct foray__pickle;

/* Told of each array when its elements come next in the input. Either leaves
 * them there, or reads them all and sets *taken. `is_all`: the pickle is this
 * array and no more. */
typedef int (*foray__pickle_array_fn)(struct foray__pickle *pickle,
                                      const struct foray__pickle_array *array,
                                      bool is_all, bool *taken, void *arg,
                                      struct foray_error *err);

struct foray__pickle {
    /* The caller's. */
    struct foray__input *input;
    const char *name;
    foray__pickle_array_fn found; /* or NULL */
    void *found_arg;
    /* What was made. */
    struct foray__pickle_values values;
    struct foray__pickle_value *root;
    /* The machine's. */
    struct foray__pickle_value **stack, **memo;
    size_t depth, stack_room, memo_room;
    size_t *marks, n_marks, marks_room, next_memo;
    struct foray_error *err;
};

/* Read a whole pickle; the root is in pickle->root.
 * Errors: FORAY_EFORMAT, FORAY_ETRUNCATED, FORAY_ENOTSUP (a name or an
 * instruction that is not in the lists), FORAY_ETOOLARGE, FORAY_ENOMEM, and the
 * callback's. Closed by foray__pickle_close in any case. */
int foray__pickle_read(struct foray__pickle *pickle, struct foray_error *err);

void foray__pickle_close(struct foray__pickle *pickle);

/* For the parts of the machine. */

/* Refuse: "NAME: WHAT, at byte N". */
int foray__pickle_bad(struct foray__pickle *pickle, const char *what);
/* No memory, or the bounds were met. */
int foray__pickle_full(struct foray__pickle *pickle);

/* Make a name of module and name, both of values. */
int foray__pickle_find_name(struct foray__pickle *pickle, const char *module,
                            const char *name, struct foray__pickle_value **out);

/* What calling `name` with `args` makes, as a function or (NEWOBJ) a class. */
int foray__pickle_call(struct foray__pickle *pickle,
                       const struct foray__pickle_value *name,
                       struct foray__pickle_value *args,
                       struct foray__pickle_value **out);

/* Give an object its state, in place; an array's elements follow in the input
 * then. */
int foray__pickle_build(struct foray__pickle *pickle,
                        struct foray__pickle_value *object,
                        struct foray__pickle_value *state);

/* NumPy's descr of a dtype, in Python's syntax, malloc'ed.
 * Errors: FORAY_EFORMAT, FORAY_ENOMEM. */
int foray__pickle_descr(char **out, struct foray__pickle *pickle,
                        const struct foray__pickle_value *dtype);

#endif
