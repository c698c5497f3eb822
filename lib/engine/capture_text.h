/* The text of a file of captured output, for both sides. */
#ifndef FORAY_ENGINE_CAPTURE_TEXT_H
#define FORAY_ENGINE_CAPTURE_TEXT_H

#include <stddef.h>

/* Instead of what was written and cannot be had. */
#define FORAY__CAPTURE_LOST "[output lost]\n"

/* Bytes that the text of a file takes, without a zero byte. */
size_t foray__capture_text_size(int file);

/* That text, of so many bytes: the end of the file, and before it, if it is
 * too long, a line that says how much is missing. Signal-safe it is not. */
void foray__capture_text(char *out, size_t size, int file);

#endif
