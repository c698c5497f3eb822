#include "shell/printable.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/message.h"

enum { ESCAPED = 4 }; /* characters of \x1b */

/* The code point of a sequence of three bytes. */
static unsigned code_of(const unsigned char *byte)
{
    return (byte[0] & 15U) << 12 | (byte[1] & 63U) << 6 | (byte[2] & 63U);
}

/* C0, DEL and C1; the marks, embeddings and isolates of bidirectional text. */
static bool steers(const char *at, int length)
{
    const unsigned char *byte = (const unsigned char *)at;
    unsigned code;

    if (length == 1)
        return *byte < 0x20 || *byte == 0x7f;
    if (length == 2)
        return byte[0] == 0xc2 && byte[1] < 0xa0;
    code = length == 3 ? code_of(byte) : 0;
    return (code >= 0x200e && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

/* Bytes at `at` that are shown as they are; 0: the first one is not. */
static int shown(const char *at)
{
    int length = message_utf8_length(at);

    return length && !steers(at, length) ? length : 0;
}

static size_t length_shown(const char *text)
{
    size_t length = 0;

    while (*text) {
        int n = shown(text);

        length += n ? (size_t)n : ESCAPED;
        text += n ? n : 1;
    }
    return length;
}

const char *printable(char *out, size_t size, const char *text)
{
    static const char cut[] = "...";
    size_t length = length_shown(text), at = 0;

    if (length >= size) {
        size_t too_long = length - size + sizeof cut, gone = 0;

        while (*text && gone < too_long) {
            int n = shown(text);

            gone += n ? (size_t)n : ESCAPED;
            text += n ? n : 1;
        }
        at = (size_t)snprintf(out, size, "%s", cut);
    }
    while (*text && at < size) {
        int n = shown(text);

        if (n)
            memcpy(out + at, text, (size_t)n);
        else
            snprintf(out + at, size - at, "\\x%02x", (unsigned char)*text);
        at += n ? (size_t)n : ESCAPED;
        text += n ? n : 1;
    }
    out[at] = '\0';
    return out;
}

char *printable_all(const char *text)
{
    size_t size = length_shown(text) + 1;
    char *out = malloc(size);

    if (out)
        printable(out, size, text);
    return out;
}

void printable_put(FILE *file, const char *text)
{
    char *shown = printable_all(text);

    fputs(shown ? shown : "?", file);
    free(shown);
}

const char *printable_tail(char *out, size_t size, const char *path)
{
    const char *slash = strrchr(path, '/');

    return printable(out, size, slash && slash[1] ? slash + 1 : path);
}
