/* Pieces of a page of HTML. */
#ifndef FORAY_TOOLS_REPORT_HTML_H
#define FORAY_TOOLS_REPORT_HTML_H

#include <stddef.h>
#include <stdio.h>

/* Text that may hold anything, also markup, as text: printable (printable.h),
 * its last 300 bytes. In elements and in attributes with quotes. */
void html_text(FILE *file, const char *text);

/* Bytes as the address of a picture: data:image/jpeg, or image/png. */
void html_picture(FILE *file, const void *bytes, size_t n);

/* Seconds for people: "340 ms", "12.5 s", "1:02:03". Returns `out`. */
enum { HTML_TIME_SIZE = 32 };
const char *html_time(char out[HTML_TIME_SIZE], double seconds);

#endif
