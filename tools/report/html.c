#include "report/html.h"

#include <stdint.h>

#include "shell/printable.h"

enum { TEXT_SIZE = 301 };

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_text(FILE *file, const char *text)
{
    char shown[TEXT_SIZE];

    for (const char *at = printable(shown, sizeof shown, text); *at; at++) {
        const char *instead = entity(*at);

        if (instead)
            fputs(instead, file);
        else
            fputc(*at, file);
    }
}

/* Three bytes as four characters of base 64; fewer than three: "=" behind. */
static void write_group(FILE *file, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t group = (uint32_t)bytes[0] << 16;

    if (n > 1)
        group |= (uint32_t)bytes[1] << 8;
    if (n > 2)
        group |= bytes[2];
    fputc(digits[group >> 18], file);
    fputc(digits[group >> 12 & 63], file);
    fputc(n > 1 ? digits[group >> 6 & 63] : '=', file);
    fputc(n > 2 ? digits[group & 63] : '=', file);
}

void html_picture(FILE *file, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;

    fprintf(file, "data:image/%s;base64,", n && at[0] == 0xff ? "jpeg" : "png");
    for (size_t i = 0; i < n; i += 3)
        write_group(file, at + i, n - i);
}

/* Three digits or so. */
static int decimals(double number)
{
    return number < 10 ? 2 : number < 100 ? 1 : 0;
}

const char *html_time(char out[HTML_TIME_SIZE], double seconds)
{
    unsigned long s = seconds < 1e9 ? (unsigned long)(seconds + 0.5) : 0;

    if (seconds < 1e-3)
        snprintf(out, HTML_TIME_SIZE, "%.0f &#181;s", seconds * 1e6);
    else if (seconds < 1)
        snprintf(out, HTML_TIME_SIZE, "%.*f ms", decimals(seconds * 1e3),
                 seconds * 1e3);
    else if (seconds < 100)
        snprintf(out, HTML_TIME_SIZE, "%.*f s", decimals(seconds), seconds);
    else if (seconds < 3600)
        snprintf(out, HTML_TIME_SIZE, "%lu:%02lu min", s / 60, s % 60);
    else
        snprintf(out, HTML_TIME_SIZE, "%lu:%02lu:%02lu h", s / 3600,
                 s / 60 % 60, s % 60);
    return out;
}
