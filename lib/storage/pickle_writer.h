/* What pickles are written from: their instructions, one after another, with
 * one look at the end for what went wrong. */
#ifndef FORAY_STORAGE_PICKLE_WRITER_H
#define FORAY_STORAGE_PICKLE_WRITER_H

#include "storage/make.h"
#include "storage/output.h"

/* Where it goes, and the first thing that went wrong; nothing more is put
 * then. */
struct foray__pickle_writer {
    struct foray__output *output;
    int code;
    struct foray_error *err;
};

void foray__pickle_write(struct foray__pickle_writer *out, const void *bytes,
                         size_t n);

/* Instructions without an argument. */
void foray__pickle_write_codes(struct foray__pickle_writer *out,
                               const char *codes);

/* Values: texts, also of n bytes; a number; what a module calls a name. */
void foray__pickle_write_text(struct foray__pickle_writer *out,
                              const char *text);
void foray__pickle_write_text_of(struct foray__pickle_writer *out,
                                 const char *text, size_t n);
void foray__pickle_write_integer(struct foray__pickle_writer *out,
                                 uint64_t number);
void foray__pickle_write_name(struct foray__pickle_writer *out,
                              const char *module, const char *name);

/* NumPy's dtype of an array's elements. Errors: FORAY_EDTYPE as well. */
void foray__pickle_write_dtype(struct foray__pickle_writer *out,
                               const struct foray__layout *layout);

#endif
