#include "images/index.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio_ext.h>
#include <string.h>

#include "data/output.h"
#include "shell/digits.h"
#include "shell/message.h"

#define NO_ROW SIZE_MAX

/* Characters of a path that goes into a line with the rest of it. */
enum { MOST_PLAIN = 256 };

bool index_is_json(const char *path)
{
    return output_has_suffix(path, ".jsonl") ||
           output_has_suffix(path, ".ndjson") ||
           output_has_suffix(path, ".json");
}

bool index_has_features(const struct foray_hog_row *row)
{
    return row->status == FORAY_IMAGE_STATUS_OK ||
           row->status == FORAY_IMAGE_STATUS_GONE;
}

static void write_field(FILE *file, const char *text)
{
    bool quoted = strpbrk(text, ",\"\r\n");

    if (quoted)
        fputc('"', file);
    while (*text) {
        const char *from = text;
        int length;

        while (*text && *text != '"' && (length = message_utf8_length(text)))
            text += length;
        fwrite(from, 1, (size_t)(text - from), file);
        if (*text == '"')
            fputs("\"\"", file);
        else if (*text)
            fprintf(file, "\\x%02x", (unsigned char)*text);
        text += *text != '\0';
    }
    if (quoted)
        fputc('"', file);
}

static char *put_signed(char *at, int64_t number)
{
    if (number < 0)
        *at++ = '-';
    return digits_put(at, number < 0 ? -(uint64_t)number : (uint64_t)number, 1);
}

/* Seconds, six digits of them behind the point. */
static char *put_seconds(char *at, double seconds)
{
    enum { MICRO = 1000000 };
    uint64_t us = (uint64_t)(seconds * MICRO + 0.5);

    at = digits_put(at, us / MICRO, 1);
    *at++ = '.';
    return digits_put(at, us % MICRO, 6);
}

/* Whether a file was found where it should be. */
static bool has_file(const struct foray_hog_row *row)
{
    return row->bytes || row->mtime_ns;
}

/* ",rows,cols,status,seconds,". Returns where it ends. */
static char *put_outcome(char *at, const struct foray_hog_row *row)
{
    *at++ = ',';
    at = digits_put(at, row->rows, 1);
    *at++ = ',';
    at = digits_put(at, row->cols, 1);
    *at++ = ',';
    at = stpcpy(at,
                foray_image_status_name((enum foray_image_status)row->status));
    *at++ = ',';
    at = put_seconds(at, (double)row->seconds);
    *at++ = ',';
    return at;
}

/* Behind what is at `at`, if it is short and needs no quotes; NULL if not. */
static char *put_plain(char *at, const char *text)
{
    for (int n = 0; n < MOST_PLAIN; n++) {
        if (!*text)
            return at;
        if (*text < ' ' || *text > '~' || *text == '"' || *text == ',')
            return NULL;
        *at++ = *text++;
    }
    return NULL;
}

static char *put_path(FILE *file, char *line, char *at, const char *path)
{
    char *end = put_plain(at, path);

    if (end)
        return end;
    fwrite(line, 1, (size_t)(at - line), file);
    write_field(file, path);
    return line;
}

static void write_csv(FILE *file, const struct foray_hog_row *row,
                      size_t number, const char *path)
{
    char line[MOST_PLAIN + 160], *at = line; /* six numbers, a word */

    if (number != NO_ROW)
        at = digits_put(at, number, 1);
    *at++ = ',';
    at = put_path(file, line, at, path);
    at = put_outcome(at, row);
    if (has_file(row)) {
        at = digits_put(at, row->bytes, 1);
        *at++ = ',';
        at = put_signed(at, row->mtime_ns);
    } else {
        *at++ = ',';
    }
    *at++ = ',';
    if (!row->message)
        *at++ = '\n';
    fwrite(line, 1, (size_t)(at - line), file);
    if (row->message) {
        write_field(file, row->message);
        fputc('\n', file);
    }
}

static void write_json(FILE *file, const struct foray_hog_row *row,
                       size_t number, const char *path)
{
    fputs("{\"row\": ", file);
    if (number == NO_ROW)
        fputs("null", file);
    else
        fprintf(file, "%zu", number);
    fputs(", \"path\": ", file);
    message_json(file, path);
    fprintf(file,
            ", \"rows\": %u, \"cols\": %u, \"status\": \"%s\", "
            "\"seconds\": %.6f, ",
            row->rows, row->cols,
            foray_image_status_name((enum foray_image_status)row->status),
            (double)row->seconds);
    if (has_file(row))
        fprintf(file,
                "\"bytes\": %" PRIu64 ", \"mtime_ns\": %" PRId64
                ", \"message\": ",
                row->bytes, row->mtime_ns);
    else
        fputs("\"bytes\": null, \"mtime_ns\": null, \"message\": ", file);
    message_json(file, row->message ? row->message : "");
    fputs("}\n", file);
}

void index_write(FILE *file, const struct index *index)
{
    char element[INDEX_NAME_SIZE];
    size_t number = 0;

    __fsetlocking(file, FSETLOCKING_BYCALLER); /* nobody else writes it */
    if (!index->json)
        fputs(INDEX_HEAD "\n", file);
    for (size_t i = 0; i < index->n; i++) {
        const struct foray_hog_row *row = &index->rows[i];
        bool none = index->drops && !index_has_features(row);

        (index->json ? write_json : write_csv)(
            file, row, none ? NO_ROW : number, index_name(element, i, index));
        number += !none;
    }
}
