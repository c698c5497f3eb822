#include "index_csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"

int index_csv_open(struct index_csv *index, const char *path)
{
    memset(index, 0, sizeof *index);
    index->path = strdup(path);
    if (!index->path || asprintf(&index->partial, "%s.partial", path) < 0) {
        message("out of memory");
        index->partial = NULL;
        index_csv_close(index);
        return -1;
    }
    index->file = fopen(index->partial, "we");
    if (!index->file) {
        message("%s: %s", path, strerror(errno));
        index_csv_close(index);
        return -1;
    }
    return 0;
}

static void write_field(FILE *file, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', file);
        fputc(*text, file);
    }
    fputc('"', file);
}

static void write_row(FILE *file, const struct foray_hog_row *row, size_t i,
                      const char *path, const char *stack)
{
    char element[4200];

    if (!path)
        snprintf(element, sizeof element, "%s[%zu]", stack, i);
    fprintf(file, "%zu,", i);
    write_field(file, path ? path : element);
    fprintf(file, ",%u,%u,%s,%.6f,", row->rows, row->cols,
            foray_image_status_name((enum foray_image_status)row->status),
            (double)row->seconds);
    write_field(file, row->message);
    fputc('\n', file);
}

int index_csv_commit(struct index_csv *index, const struct foray_hog_row *rows,
                     size_t n, char *const *paths, const char *stack)
{
    FILE *file = index->file;
    int failed;

    fputs("row,path,rows,cols,status,seconds,message\n", file);
    for (size_t i = 0; i < n; i++)
        write_row(file, &rows[i], i, stack ? NULL : paths[i], stack);
    errno = 0;
    failed = fflush(file) || ferror(file) || fsync(fileno(file));
    failed |= fclose(file);
    index->file = NULL;
    if (!failed && rename(index->partial, index->path))
        failed = 1;
    if (failed) {
        message("%s: %s", index->path, strerror(errno ? errno : EIO));
        unlink(index->partial);
    }
    index_csv_close(index);
    return failed ? -1 : 0;
}

void index_csv_close(struct index_csv *index)
{
    if (index->file)
        fclose(index->file);
    if (index->file && index->partial)
        unlink(index->partial);
    free(index->partial);
    free(index->path);
    memset(index, 0, sizeof *index);
}
