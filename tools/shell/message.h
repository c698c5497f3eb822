/* Words for people, on standard error; and text in other forms. */
#ifndef FORAY_TOOLS_SHELL_MESSAGE_H
#define FORAY_TOOLS_SHELL_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <foray/error.h>
#include <foray/export.h>

/* Messages begin with "foray: ", then with "foray NAME: ". */
void message_command(const char *name);

/* One line on standard error, and nothing that a terminal obeys: names are of
 * anybody's choice. */
void message(const char *fmt, ...) FORAY_PRINTF(1, 2);

/* An error as the library has them, with a code of its own: returns it. */
int message_error(struct foray_error *err, int code, const char *fmt, ...)
    FORAY_PRINTF(3, 4);

/* A number of bytes for people, "475.1 MiB". Returns `buffer`. */
enum { MESSAGE_BYTES_SIZE = 32 };
const char *message_bytes(char buffer[MESSAGE_BYTES_SIZE], uint64_t nbytes);

/* "(200, 81)" as Python writes a tuple, or "[200, 81]" for JSON. */
void message_shape(FILE *file, const size_t *shape, int ndim, bool json);

/* Length of the UTF-8 sequence that a text begins with, 0 when there is none.
 */
int message_utf8_length(const char *bytes);

/* A string of JSON in quotes. Bytes that are not UTF-8 become the code points
 * U+DC80..U+DCFF, as Python's surrogateescape: file names come back whole. */
void message_json(FILE *file, const char *text);

#endif
