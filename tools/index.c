#include "index.h"

#include <string.h>

#include "message.h"
#include "output.h"

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

static void write_csv(FILE *file, const struct foray_hog_row *row, size_t i,
                      const char *path)
{
    fprintf(file, "%zu,", i);
    write_field(file, path);
    fprintf(file, ",%u,%u,%s,%.6f,", row->rows, row->cols,
            foray_image_status_name((enum foray_image_status)row->status),
            (double)row->seconds);
    write_field(file, row->message);
    fputc('\n', file);
}

static void write_json(FILE *file, const struct foray_hog_row *row, size_t i,
                       const char *path)
{
    fprintf(file, "{\"row\": %zu, \"path\": ", i);
    message_json(file, path);
    fprintf(file,
            ", \"rows\": %u, \"cols\": %u, \"status\": \"%s\", "
            "\"seconds\": %.6f, \"message\": ",
            row->rows, row->cols,
            foray_image_status_name((enum foray_image_status)row->status),
            (double)row->seconds);
    message_json(file, row->message);
    fputs("}\n", file);
}

void index_write(FILE *file, bool json, const struct foray_hog_row *rows,
                 size_t n, char *const *paths, const char *stack)
{
    char element[4200];

    if (!json)
        fputs("row,path,rows,cols,status,seconds,message\n", file);
    for (size_t i = 0; i < n; i++) {
        if (stack)
            snprintf(element, sizeof element, "%s[%zu]", stack, i);
        (json ? write_json : write_csv)(file, &rows[i], i,
                                        stack ? element : paths[i]);
    }
}
