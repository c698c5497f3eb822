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
    uint64_t skipped;  /* instructions of the pickles in it */
    char unknown[160]; /* the first name that is not in the list, if any */
    struct foray_error *err;
};

/* Read a whole pickle; the root is in pickle->root. A name that is not in the
 * list is FORAY__PICKLE_OTHER, and so is all that is made by it.
 * Errors: FORAY_EFORMAT, FORAY_ETRUNCATED, FORAY_ENOTSUP (an instruction that
 * is not in the list, an array of a dtype that is not), FORAY_ETOOLARGE,
 * FORAY_ENOMEM, and the callback's. Closed by foray__pickle_close in any case.
 */
int foray__pickle_read(struct foray__pickle *pickle, struct foray_error *err);

void foray__pickle_close(struct foray__pickle *pickle);

/* For the parts of the machine. */

/* Refuse: "NAME: WHAT, at byte N". */
int foray__pickle_bad(struct foray__pickle *pickle, const char *what);
/* No memory, or the bounds were met. */
int foray__pickle_full(struct foray__pickle *pickle);

/* Refuse an instruction that was just read. */
int foray__pickle_refuse(struct foray__pickle *pickle, unsigned char code);

enum { FORAY__PICKLE_LINE = 256 };

/* The rest of a line, a module or a name. */
int foray__pickle_read_line(struct foray__pickle *pickle,
                            char line[FORAY__PICKLE_LINE]);

/* Pass over a whole pickle: nothing is made of it, however deep it is.
 * Errors: as of reading one. */
int foray__pickle_skip(struct foray__pickle *pickle);

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
