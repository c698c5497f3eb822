/* What debug information tells of a place in a module: its function, also one
 * that is not exported, and its line. By libdw, which is loaded at the first
 * question: a program that never asks needs none. Reads files: not for a
 * process that is about to die. */
#ifndef FORAY_BASE_LINES_H
#define FORAY_BASE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct foray__lines;

/* Empty strings and 0 where nothing is known. */
struct foray__line {
    char function[128];
    uint64_t into; /* bytes from its begin */
    char file[FORAY__TAIL_SIZE];
    int number;
};

/* Of a module's file. NULL: foray was built without libdw, it is not here, or
 * the file is none. Owner: the caller, foray__lines_close. */
struct foray__lines *foray__lines_open(const char *path);
void foray__lines_close(struct foray__lines *lines);

/* Of an offset as addr2line takes it. `lines` may be NULL. */
void foray__lines_find(struct foray__line *out, struct foray__lines *lines,
                       uint64_t offset);

#endif
