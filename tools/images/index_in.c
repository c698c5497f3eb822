#include "images/index_in.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "images/index.h"
#include "shell/json_text.h"
#include "shell/message.h"

enum { ROW, PATH, ROWS, COLS, STATUS, SECONDS, BYTES, MTIME, MESSAGE, FIELDS };

/* A file on its way through: the fields of one image, as texts. */
struct reading {
    const char *path;
    FILE *file;
    size_t line;
    char *text; /* the fields, a NUL behind each; or a line of JSON */
    size_t size, room;
    size_t starts[FIELDS];
    char *fields[FIELDS];
};

static int refuse(const struct reading *reading, const char *why)
{
    message("%s, line %zu: %s", reading->path, reading->line, why);
    return -1;
}

static int add(struct reading *reading, int c)
{
    if (reading->size == reading->room) {
        size_t room = reading->room ? 2 * reading->room : 1024;
        char *text = realloc(reading->text, room);

        if (!text)
            return refuse(reading, "no memory for it");
        reading->text = text;
        reading->room = room;
    }
    reading->text[reading->size++] = (char)c;
    return 0;
}

/* A field, up to what ends it, which is returned: a comma, the end of the line,
 * EOF; -2 after a message. */
static int read_field(struct reading *reading)
{
    int c = getc_unlocked(reading->file);
    bool quoted = c == '"';

    if (quoted)
        c = getc_unlocked(reading->file);
    while (c != EOF && (quoted || (c != ',' && c != '\n'))) {
        if (c == '"' && quoted) {
            c = getc_unlocked(reading->file);
            quoted = c == '"';
            if (!quoted)
                continue;
        }
        if (add(reading, c))
            return -2;
        c = getc_unlocked(reading->file);
    }
    return add(reading, 0) ? -2 : c;
}

/* 1: the fields of an image; 0: the end; -1 after a message. */
static int next_csv(struct reading *reading)
{
    int n = 0, end;

    reading->line++;
    reading->size = 0;
    do {
        if (n == FIELDS)
            return refuse(reading, "it has too many fields");
        reading->starts[n++] = reading->size;
        end = read_field(reading);
    } while (end == ',');
    if (end == -2)
        return -1;
    if (end == EOF && n == 1 && reading->size == 1)
        return 0;
    if (n != FIELDS || end == EOF)
        return refuse(reading, "it is not whole");
    for (n = 0; n < FIELDS; n++)
        reading->fields[n] = reading->text + reading->starts[n];
    return 1;
}

static int next_json(struct reading *reading)
{
    static const char *const names[FIELDS] = {"row",   "path",     "rows",
                                              "cols",  "status",   "seconds",
                                              "bytes", "mtime_ns", "message"};

    reading->line++;
    errno = 0;
    if (getline(&reading->text, &reading->room, reading->file) < 0)
        return errno ? refuse(reading, strerror(errno)) : 0;
    if (!json_is_object(reading->text))
        return refuse(reading, "it is no object of JSON");
    for (int n = 0; n < FIELDS; n++) {
        const char *value = json_member(reading->text, names[n]);

        free(reading->fields[n]);
        reading->fields[n] =
            value && *value == '"' ? json_string(value)
            : value && *value != 'n'
                ? strndup(value, (size_t)(json_behind(value) - value))
                : strdup("");
        if (!reading->fields[n])
            return refuse(reading, "no memory for it");
    }
    return 1;
}

static bool read_status(uint32_t *out, const char *word)
{
    for (int k = 0; k <= FORAY_IMAGE_STATUS_GONE; k++)
        if (!strcmp(word,
                    foray_image_status_name((enum foray_image_status)k))) {
            *out = (uint32_t)k;
            return true;
        }
    return false;
}

int index_reserve(struct index_in *index, size_t room)
{
    char **paths = reallocarray(index->paths, room, sizeof *paths);
    struct foray_hog_row *rows;

    if (!paths)
        return -1;
    index->paths = paths;
    rows = reallocarray(index->rows, room, sizeof *rows);
    if (!rows)
        return -1;
    index->rows = rows;
    index->room = room;
    return 0;
}

static int keep(struct index_in *out, struct reading *reading)
{
    char *const *fields = reading->fields;
    struct foray_hog_row *row;
    char number[24];

    if (!*fields[ROW])
        return 0;
    if (out->n == out->room &&
        index_reserve(out, out->room ? 2 * out->room : 256))
        return refuse(reading, "no memory for it");
    snprintf(number, sizeof number, "%zu", out->n);
    if (strcmp(fields[ROW], number) != 0)
        return refuse(reading, "its row has another number than its place");
    row = &out->rows[out->n];
    memset(row, 0, sizeof *row);
    row->rows = (uint32_t)strtoul(fields[ROWS], NULL, 10);
    row->cols = (uint32_t)strtoul(fields[COLS], NULL, 10);
    row->seconds = strtof(fields[SECONDS], NULL);
    row->bytes = strtoull(fields[BYTES], NULL, 10);
    row->mtime_ns = strtoll(fields[MTIME], NULL, 10);
    row->worker = -1;
    if (!read_status(&row->status, fields[STATUS]))
        return refuse(reading, "there is no such status");
    out->paths[out->n] = strdup(fields[PATH]);
    if (*fields[MESSAGE])
        row->message = strndup(fields[MESSAGE], FORAY_HOG_MESSAGE_SIZE - 1);
    out->n++;
    if (out->paths[out->n - 1] && (row->message || !*fields[MESSAGE]))
        return 0;
    return refuse(reading, "no memory for it");
}

/* Whether a table has the columns that this version writes. */
static int check_head(struct reading *reading)
{
    char head[sizeof INDEX_HEAD + 1];

    reading->line = 1;
    if (fgets(head, sizeof head, reading->file) &&
        !strcmp(head, INDEX_HEAD "\n"))
        return 0;
    return refuse(reading, "it is no index, or of another version of foray");
}

int index_read(struct index_in *out, FILE *file, bool json, const char *path)
{
    struct reading reading = {.path = path, .file = file};
    int more = 1;

    memset(out, 0, sizeof *out);
    if (!json && check_head(&reading))
        more = -1;
    while (more > 0) {
        more = json ? next_json(&reading) : next_csv(&reading);
        if (more > 0 && keep(out, &reading))
            more = -1;
    }
    for (int n = 0; json && n < FIELDS; n++)
        free(reading.fields[n]);
    free(reading.text);
    if (more)
        index_free(out);
    return more;
}

void index_free(struct index_in *index)
{
    for (size_t i = 0; i < index->n; i++)
        free(index->paths[i]);
    free(index->paths);
    foray_hog_rows_clear(index->rows, index->n);
    free(index->rows);
    memset(index, 0, sizeof *index);
}

char *index_key(const char *path)
{
    const char *at = path;
    char *key, *to;
    int length;

    while (*at && (length = message_utf8_length(at)) > 0)
        at += length;
    if (!*at)
        return (char *)path; // NOLINT: it is not written to
    key = to = malloc(4 * strlen(path) + 1);
    for (at = path; key && *at; at += length) {
        length = message_utf8_length(at);
        if (length) {
            memcpy(to, at, (size_t)length);
            to += length;
        } else {
            to += sprintf(to, "\\x%02x", (unsigned char)*at);
            length = 1;
        }
    }
    if (key)
        *to = '\0';
    return key;
}
