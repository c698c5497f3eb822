#include "index.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "message.h"
#include "output.h"

#define NO_ROW SIZE_MAX

bool index_is_json(const char *path)
{
    return output_has_suffix(path, ".jsonl") ||
           output_has_suffix(path, ".ndjson") ||
           output_has_suffix(path, ".json");
}

static void write_field(FILE *file, const char *text)
{
    bool quoted = strpbrk(text, ",\"\r\n");

    if (quoted)
        fputc('"', file);
    while (*text) {
        int length = message_utf8_length(text);

        if (*text == '"')
            fputc('"', file);
        if (!length)
            fprintf(file, "\\x%02x", (unsigned char)*text++);
        else
            fwrite(text, 1, (size_t)length, file);
        text += length;
    }
    if (quoted)
        fputc('"', file);
}

/* The number of a row, or `none` if the image has none. */
static void write_number(FILE *file, size_t number, const char *none)
{
    if (number == NO_ROW)
        fputs(none, file);
    else
        fprintf(file, "%zu", number);
}

/* Whether a file was found where it should be. */
static bool has_file(const struct foray_hog_row *row)
{
    return row->bytes || row->mtime_ns;
}

static void write_csv(FILE *file, const struct foray_hog_row *row,
                      size_t number, const char *path)
{
    write_number(file, number, "");
    fputc(',', file);
    write_field(file, path);
    fprintf(file, ",%u,%u,%s,%.6f,", row->rows, row->cols,
            foray_image_status_name((enum foray_image_status)row->status),
            (double)row->seconds);
    if (has_file(row))
        fprintf(file, "%" PRIu64 ",%" PRId64 ",", row->bytes, row->mtime_ns);
    else
        fputs(",,", file);
    write_field(file, row->message);
    fputc('\n', file);
}

static void write_json(FILE *file, const struct foray_hog_row *row,
                       size_t number, const char *path)
{
    fputs("{\"row\": ", file);
    write_number(file, number, "null");
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
    message_json(file, row->message);
    fputs("}\n", file);
}

void index_write(FILE *file, const struct index *index)
{
    char element[INDEX_NAME_SIZE];
    size_t number = 0;

    if (!index->json)
        fputs(INDEX_HEAD "\n", file);
    for (size_t i = 0; i < index->n; i++) {
        const struct foray_hog_row *row = &index->rows[i];
        bool none = index->drops && row->status != FORAY_IMAGE_STATUS_OK;

        (index->json ? write_json : write_csv)(
            file, row, none ? NO_ROW : number, index_name(element, i, index));
        number += !none;
    }
}
