#include "hog/update_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <foray/storage.h>

#include "data/companion.h"
#include "shell/json_text.h"
#include "shell/message.h"

static const char first_line[] = "foray update 1\n";

char *update_record_beside(const char *output, const char *end)
{
    char *path;

    if (asprintf(&path, "%s.update%s", output, end) >= 0)
        return path;
    message("out of memory");
    return NULL;
}

char *update_record_path(const char *output)
{
    return update_record_beside(output, "");
}

void update_note_file(char out[64], const char *path)
{
    struct stat st = {0};

    if (!path || stat(path, &st))
        st.st_ino = 0;
    memset(out, 0, 64); /* to be compared whole */
    snprintf(out, 64, "%llu %lld.%09ld", (unsigned long long)st.st_ino,
             (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

int update_record_discard_journal(const char *output)
{
    char *journal = update_record_beside(output, ".journal");
    struct foray_error err;
    int code = journal ? foray_hog_batch_discard(journal, &err) : -1;

    if (journal && code)
        message("%s", err.msg);
    free(journal);
    return code ? -1 : 0;
}

/* `first` FORAY_NO_ROW: so many are skipped. */
static int add_rows(struct update_record *record, size_t first, size_t count)
{
    size_t *where =
        count < SIZE_MAX / sizeof *where - record->n
            ? realloc(record->where, (record->n + count + 1) * sizeof *where)
            : NULL;

    if (!where)
        return -1;
    record->where = where;
    for (size_t k = 0; k < count; k++)
        where[record->n++] = first == FORAY_NO_ROW ? first : first + k;
    return 0;
}

/* 1: the last line; 0: another; -1: none. */
static int read_line(struct update_record *record, const char *line)
{
    size_t first, count;
    char state[8];

    if (!strcmp(line, "end\n"))
        return 1;
    if (sscanf(line, "put %zu %zu\n", &first, &count) == 2)
        return add_rows(record, first, count);
    if (sscanf(line, "skip %zu\n", &count) == 1)
        return add_rows(record, FORAY_NO_ROW, count);
    if (sscanf(line, "images %64[0-9a-f]\n", record->images) == 1)
        return 0;
    if (sscanf(line, "output %63[0-9. ]\n", record->output) == 1)
        return 0;
    if (sscanf(line, "state %7s\n", state) == 1) {
        record->decided = !strcmp(state, "decided");
        return 0;
    }
    if (!strncmp(line, "index \"", 7) && json_behind(line + 6)) {
        free(record->index);
        record->index = json_string(line + 6);
        return record->index ? 0 : -1;
    }
    return -1;
}

int update_record_read(struct update_record *out, const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    int ended = 0;

    memset(out, 0, sizeof *out);
    if (!file && errno == ENOENT)
        return 0;
    if (!file) {
        message("%s: %s", path, strerror(errno));
        return -1;
    }
    if (getline(&line, &size, file) < 0 || strcmp(line, first_line) != 0)
        ended = -1;
    while (!ended)
        ended = getline(&line, &size, file) < 0 ? -1 : read_line(out, line);
    free(line);
    fclose(file);
    if (ended == 1 && (out->index || !out->decided))
        return 1;
    message("%s does not say what an update is at: remove it", path);
    update_record_free(out);
    return -1;
}

/* How many rows from the k-th on are neighbours, or are all skipped. */
static size_t count_run(const struct update_record *record, size_t k)
{
    size_t step = record->where[k] != FORAY_NO_ROW, first = k++;

    while (k < record->n && record->where[k] == record->where[k - 1] + step)
        k++;
    return k - first;
}

int update_record_write(const struct update_record *record, const char *path)
{
    struct companion companion;
    FILE *file;

    if (companion_open(&companion, path))
        return -1;
    file = companion.file;
    fprintf(file, "%sstate %s\nimages %s\n", first_line,
            record->decided ? "decided" : "planned", record->images);
    if (record->index) {
        fputs("index ", file);
        message_json(file, record->index);
        fputc('\n', file);
    }
    if (*record->output)
        fprintf(file, "output %s\n", record->output);
    for (size_t k = 0, n; k < record->n; k += n) {
        n = count_run(record, k);
        if (record->where[k] == FORAY_NO_ROW)
            fprintf(file, "skip %zu\n", n);
        else
            fprintf(file, "put %zu %zu\n", record->where[k], n);
    }
    fputs("end\n", file);
    return companion_commit(&companion);
}

void update_record_free(struct update_record *record)
{
    free(record->index);
    free(record->where);
    memset(record, 0, sizeof *record);
}
