/* What the machine that reads pickles has: a stack with marks, and a memo. */
#ifndef FORAY_STORAGE_PICKLE_STACK_H
#define FORAY_STORAGE_PICKLE_STACK_H

#include "storage/pickle.h"

/* A new value on the stack; NULL is one there was no memory for. */
int foray__pickle_push(struct foray__pickle *pickle,
                       struct foray__pickle_value *value);

/* The stack's last mark, below which no instruction reaches. */
size_t foray__pickle_bottom(const struct foray__pickle *pickle);

/* Whether there are `n` values above it; the caller takes them off. */
int foray__pickle_need(struct foray__pickle *pickle, size_t n);

struct foray__pickle_value *
foray__pickle_top(const struct foray__pickle *pickle);

/* Put a mark; take the last away, and tell where the values above it begin. */
int foray__pickle_mark(struct foray__pickle *pickle);
int foray__pickle_unmark(struct foray__pickle *pickle, size_t *first);

/* The values from `first` on become items of `to`; NULL is as above. */
int foray__pickle_gather(struct foray__pickle *pickle,
                         struct foray__pickle_value *to, size_t first);

/* Remember the topmost value. */
int foray__pickle_memoize(struct foray__pickle *pickle, uint64_t index);

#endif
