/* Tar archives in the test's folder, with pictures in them. */
#ifndef FORAY_TESTS_TAR_FILES_H
#define FORAY_TESTS_TAR_FILES_H

#include <stdint.h>
#include <stdio.h>

#include <foray/error.h>

/* A picture of 4 pixels, the first of which is `level`. */
#define TAR_PICTURE(level) "P5 2 2 255\n" level "bcd"

FILE *tar_begin(const char *path);

/* A header of GNU tar's magic; a size of 12 `digits`, octal or whatever. */
void tar_put_header(FILE *file, const char *name, char kind,
                    const void *digits);

/* A text, up to the end of its block. */
void tar_put_data(FILE *file, const char *text);

/* Both. */
void tar_put(FILE *file, const char *name, char kind, const char *text);

/* The blocks behind the last file; close. */
void tar_end(FILE *file);

/* ARCHIVE:NAME in the test's folder; static storage. */
const char *tar_member(const char *archive, const char *name);

/* What reading that says. */
int tar_read(const char *archive, const char *name, struct foray_error *err);

/* That is such a picture. */
void assert_level(const char *archive, const char *name, uint8_t level);

#endif
