#include "convert/csv.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "shell/message.h"

/* A table on its way in. */
struct table {
    const char *path;
    FILE *file;
    char *line;
    size_t size, number; /* of the buffer; of the line in the file */
    char separator;      /* ' ': any blanks; 0: not known yet */
    double *values;
    size_t n, room, n_rows, n_cols;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next line that has something, without its comment; false at the end. */
static bool next_line(struct table *table)
{
    while (getline(&table->line, &table->size, table->file) >= 0) {
        char *end = table->line + strcspn(table->line, "#");

        table->number++;
        while (end > table->line && is_blank(end[-1]) &&
               (end[-1] != '\t' || table->separator != '\t'))
            end--;
        *end = '\0';
        if (table->line[strspn(table->line, " \t")])
            return true;
    }
    return false;
}

static char separator_of(const char *line)
{
    return strchr(line, ',')    ? ','
           : strchr(line, ';')  ? ';'
           : strchr(line, '\t') ? '\t'
                                : ' ';
}

static int keep(struct table *table, double value, struct foray_error *err)
{
    if (table->n == table->room) {
        size_t room = table->room ? 2 * table->room : 1024;
        double *values =
            reallocarray(table->values, room, sizeof *table->values);

        if (!values)
            return message_error(err, FORAY_ENOMEM,
                                 "no memory for the numbers of %s",
                                 table->path);
        table->values = values;
        table->room = room;
    }
    table->values[table->n++] = value;
    return 0;
}

/* A field: a number, or nothing. NULL if it is neither. */
static char *read_field(double *value, char *at, char separator)
{
    char *end;

    while (*at == ' ' || (*at == '\t' && separator != '\t'))
        at++;
    if (!*at || *at == separator) {
        *value = (double)NAN;
        return at;
    }
    *value = strtod(at, &end);
    if (end == at)
        return NULL;
    while (*end == ' ' || (*end == '\t' && separator != '\t'))
        end++;
    return !*end || *end == separator || separator == ' ' ? end : NULL;
}

/* The fields of the line; what is no number is told in `wrong`. */
static int read_line(struct table *table, size_t *n_fields, bool *wrong,
                     struct foray_error *err)
{
    char *at = table->line;

    *wrong = false;
    for (*n_fields = 0;; at++) {
        double value;

        at = read_field(&value, at, table->separator);
        if (!at) {
            *wrong = true;
            return 0;
        }
        if (keep(table, value, err))
            return err->code;
        ++*n_fields;
        if (!*at)
            return 0;
        if (table->separator == ' ')
            at--; /* the blanks are behind us */
    }
}

static int read_table(struct table *table, struct foray_error *err)
{
    bool wrong, is_first = true;

    for (; next_line(table); is_first = false) {
        size_t n_fields, n_before = table->n;

        if (!table->separator)
            table->separator = separator_of(table->line);
        if (read_line(table, &n_fields, &wrong, err))
            return err->code;
        if (wrong && is_first) { /* names of columns */
            table->n = n_before;
            continue;
        }
        if (wrong)
            return message_error(err, FORAY_EFORMAT,
                                 "%s: a field of line %zu is no number",
                                 table->path, table->number);
        if (table->n_rows && n_fields != table->n_cols)
            return message_error(
                err, FORAY_EFORMAT,
                "%s: line %zu has %zu fields, those before it have %zu",
                table->path, table->number, n_fields, table->n_cols);
        table->n_cols = n_fields;
        table->n_rows++;
    }
    if (ferror(table->file))
        return message_error(err, FORAY_EIO, "cannot read %s: %s", table->path,
                             strerror(errno));
    return 0;
}

static int store(struct foray_array *out, const struct table *table,
                 struct foray_error *err)
{
    size_t shape[2] = {table->n_rows, table->n_cols};
    struct foray_array values;
    int ndim = table->n_cols == 1 ? 1 : 2;

    if (!table->n_rows)
        return message_error(err, FORAY_EFORMAT, "%s holds no numbers",
                             table->path);
    if (foray_array_wrap(&values, table->values, FORAY_F64, ndim, shape, err))
        return err->code;
    return foray_array_dump(out, &values, NULL, err);
}

int csv_open(struct foray_array *out, const char *path, struct foray_error *err)
{
    struct table table = {.path = path, .file = fopen(path, "re")};
    int code;

    if (!table.file)
        return message_error(err, FORAY_ENOENT, "cannot open %s: %s", path,
                             strerror(errno));
    code = read_table(&table, err);
    if (!code)
        code = store(out, &table, err);
    fclose(table.file);
    free(table.line);
    free(table.values);
    return code;
}
