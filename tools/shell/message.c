#include "shell/message.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "shell/printable.h"

static const char *command;

void message_command(const char *name)
{
    command = name;
}

void message(const char *fmt, ...)
{
    char *text = NULL, *shown = NULL;
    va_list args;
    int length;

    va_start(args, fmt);
    length = vasprintf(&text, fmt, args);
    va_end(args);
    if (length < 0)
        text = NULL;
    else
        shown = printable_all(text);
    fprintf(stderr, "foray%s%s: %s\n", command ? " " : "",
            command ? command : "", shown ? shown : "out of memory");
    free(shown);
    free(text);
}

int message_error(struct foray_error *err, int code, const char *fmt, ...)
{
    va_list args;

    if (!err)
        return code;
    memset(err, 0, sizeof *err);
    err->code = code;
    err->task = err->worker = -1;
    va_start(args, fmt);
    vsnprintf(err->msg, sizeof err->msg, fmt, args);
    va_end(args);
    return code;
}

const char *message_bytes(char buffer[MESSAGE_BYTES_SIZE], uint64_t nbytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
    double n = (double)nbytes / 1024;
    size_t unit = 0;

    if (nbytes < 1024) {
        snprintf(buffer, MESSAGE_BYTES_SIZE, "%u bytes", (unsigned)nbytes);
        return buffer;
    }
    while (n >= 1023.95 && unit + 1 < sizeof units / sizeof *units) {
        n /= 1024;
        unit++;
    }
    snprintf(buffer, MESSAGE_BYTES_SIZE, "%.1f %s", n, units[unit]);
    return buffer;
}

void message_shape(FILE *file, const size_t *shape, int ndim, bool json)
{
    fputc(json ? '[' : '(', file);
    for (int i = 0; i < ndim; i++)
        fprintf(file, "%s%zu", i ? ", " : "", shape[i]);
    fputs(json ? "]" : ndim == 1 ? ",)" : ")", file);
}

int message_utf8_length(const char *bytes)
{
    const unsigned char *text = (const unsigned char *)bytes;
    int length = text[0] < 0x80                       ? 1
                 : text[0] >= 0xc2 && text[0] <= 0xdf ? 2
                 : (text[0] & 0xf0) == 0xe0           ? 3
                 : text[0] >= 0xf0 && text[0] <= 0xf4 ? 4
                                                      : 0;

    for (int i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    if ((text[0] == 0xe0 && text[1] < 0xa0) || /* too long */
        (text[0] == 0xed && text[1] > 0x9f) || /* a surrogate */
        (text[0] == 0xf0 && text[1] < 0x90) ||
        (text[0] == 0xf4 && text[1] > 0x8f)) /* beyond U+10FFFF */
        return 0;
    return length;
}

void message_json(FILE *file, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    fputc('"', file);
    while (*at) {
        int length = message_utf8_length((const char *)at);

        if (!length)
            fprintf(file, "\\udc%02x", *at++);
        else if (*at < 0x20 || *at == 0x7f)
            fprintf(file, "\\u%04x", *at++);
        else {
            if (*at == '"' || *at == '\\')
                fputc('\\', file);
            fwrite(at, 1, (size_t)length, file);
            at += length;
        }
    }
    fputc('"', file);
}
