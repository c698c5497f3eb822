#include "report/trace.h"

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shell/message.h"
#include "shell/printable.h"

/* Of names and messages: longer ones lose their begin. */
enum { TEXT_SIZE = 300, WORDS_SIZE = 256 };

/* Microseconds are the format's unit. `displayTimeUnit` is left out: older
 * Perfettos took all times to be in it. */
static const double us = 1e6;

/* A duration is a float: rounded up it would reach into the next image. */
static const double shorter = 1 - 0x1p-23;

/* Events that are no images: of the process, of each worker, of each death. */
static size_t n_others(const struct account *account)
{
    return 1 + 2 * (size_t)account->report->workers + 2 * account->deaths->n;
}

static bool has_failed(const struct foray_hog_row *row)
{
    return row->status != FORAY_IMAGE_STATUS_OK;
}

static bool is_shown_anyway(const struct trace_choice *choice,
                            const struct foray_hog_row *row)
{
    return (double)row->seconds > choice->slowest ||
           (choice->failed && has_failed(row));
}

static int descending(const void *a, const void *b)
{
    const float *x = a, *y = b;

    return (*x < *y) - (*x > *y);
}

/* The time that at most `most` images took longer than. -1: no memory. */
static double find_slowest(const struct index *images, size_t n_begun,
                           size_t most)
{
    float *seconds = malloc((n_begun + 1) * sizeof *seconds);
    double limit;
    size_t n = 0;

    if (!seconds)
        return -1;
    for (size_t i = 0; i < images->n; i++)
        if (images->rows[i].worker >= 0)
            seconds[n++] = images->rows[i].seconds;
    qsort(seconds, n, sizeof *seconds, descending);
    limit = (double)seconds[most < n ? most : n];
    free(seconds);
    return limit;
}

static void count_begun(struct trace_choice *choice, size_t *n_failed,
                        const struct index *images)
{
    for (size_t i = 0; i < images->n; i++) {
        if (images->rows[i].worker < 0)
            continue;
        choice->images++;
        *n_failed += has_failed(&images->rows[i]);
    }
}

static size_t count_shown_anyway(const struct trace_choice *choice,
                                 const struct index *images)
{
    size_t n = 0;

    for (size_t i = 0; i < images->n; i++)
        n += images->rows[i].worker >= 0 &&
             is_shown_anyway(choice, &images->rows[i]);
    return n;
}

int trace_choose(struct trace_choice *out, const struct account *account,
                 size_t most)
{
    const struct index *images = account->images;
    size_t room = most - (n_others(account) < most ? n_others(account) : most);
    size_t n_failed = 0, n_anyway, rest;

    memset(out, 0, sizeof *out);
    count_begun(out, &n_failed, images);
    out->shown = out->images;
    out->every = 1;
    if (out->images <= room)
        return 0;
    out->failed = n_failed <= room / 4;
    out->slowest = find_slowest(images, out->images, room / 2);
    if (out->slowest < 0)
        return -1;
    n_anyway = count_shown_anyway(out, images);
    rest = out->images - n_anyway;
    out->every = room > n_anyway
                     ? (rest + room - n_anyway - 1) / (room - n_anyway)
                     : rest + 1;
    out->shown = n_anyway + (rest + out->every - 1) / out->every;
    return 0;
}

/* Which they are: "all 200 images", "6 of 200 images: ...". */
static const char *describe(char out[WORDS_SIZE],
                            const struct trace_choice *choice)
{
    if (choice->every == 1)
        snprintf(out, WORDS_SIZE, "all %zu images", choice->images);
    else
        snprintf(out, WORDS_SIZE,
                 "%zu of %zu images: those that took longer than %.3g s%s, and "
                 "one in %zu of the others",
                 choice->shown, choice->images, choice->slowest,
                 choice->failed ? ", those that failed" : "", choice->every);
    return out;
}

static void write_metadata(FILE *file, const struct account *account,
                           const struct trace_choice *choice)
{
    char words[WORDS_SIZE], text[TEXT_SIZE];

    fputs("{\"otherData\": {\"foray\": "
          "\"" PACKAGE_VERSION "\", \"command\": ",
          file);
    message_json(file, account->command);
    fputs(", \"output\": ", file);
    message_json(file, printable(text, sizeof text, account->output));
    fprintf(file, ", \"images\": \"%s\", \"thinned\": %s",
            describe(words, choice), choice->every == 1 ? "false" : "true");
    fprintf(file,
            ", \"done_before\": %zu, \"deaths\": %zu, \"seconds\": %.6f},\n",
            account->report->resumed, account->deaths->total,
            account->report->seconds);
}

/* Rows are numbered from 1: viewers take thread 0 for no thread. */
static int row_of(int worker)
{
    return worker + 1;
}

static void write_names(FILE *file, const struct account *account)
{
    int pid = (int)getpid();

    fprintf(file,
            " \"traceEvents\": [\n{\"ph\": \"M\", \"name\": \"process_name\", "
            "\"pid\": %d, \"args\": {\"name\": ",
            pid);
    message_json(file, account->command);
    fputs("}}", file);
    for (int i = 0; i < account->report->workers; i++)
        fprintf(file,
                ",\n{\"ph\": \"M\", \"name\": \"thread_name\", \"pid\": %d, "
                "\"tid\": %d, \"args\": {\"name\": \"worker %d\"}}"
                ",\n{\"ph\": \"M\", \"name\": \"thread_sort_index\", \"pid\": "
                "%d, \"tid\": %d, \"args\": {\"sort_index\": %d}}",
                pid, row_of(i), i, pid, row_of(i), i);
}

static void write_image(FILE *file, const struct account *account, size_t i)
{
    const struct index *images = account->images;
    const struct foray_hog_row *row = &images->rows[i];
    char name[INDEX_NAME_SIZE], text[TEXT_SIZE];
    const char *status =
        foray_image_status_name((enum foray_image_status)row->status);

    fputs(",\n{\"ph\": \"X\", \"name\": ", file);
    message_json(
        file, printable_tail(text, sizeof text, index_name(name, i, images)));
    fprintf(file,
            ", \"cat\": \"%s\", \"pid\": %d, \"tid\": %d, \"ts\": %.3f, "
            "\"dur\": %.3f, \"args\": {\"row\": %zu, \"worker_pid\": %d, "
            "\"status\": \"%s\", \"rows\": %u, \"cols\": %u",
            status, (int)getpid(), row_of(row->worker), row->begin * us,
            (double)row->seconds * shorter * us, account_row(account, i),
            row->pid, status, row->rows, row->cols);
    if (row->read_seconds > 0)
        fprintf(file, ", \"read_us\": %.3f", (double)row->read_seconds * us);
    if (row->message) {
        fputs(", \"message\": ", file);
        message_json(file, printable(text, sizeof text, row->message));
    }
    fputs("}}", file);
}

static void write_instant(FILE *file, const struct account *account,
                          const char *name, const struct death *death,
                          pid_t pid)
{
    fprintf(file,
            ",\n{\"ph\": \"i\", \"s\": \"t\", \"name\": \"%s\", \"cat\": "
            "\"worker\", \"pid\": %d, \"tid\": %d, \"ts\": %.3f, \"args\": "
            "{\"worker_pid\": %d",
            name, (int)getpid(), row_of(death->what.worker),
            death->seconds * us, (int)pid);
    if (death->what.task >= 0)
        fprintf(file, ", \"row\": %zu",
                account_row(account, (size_t)death->what.task));
    fputs("}}", file);
}

void trace_write(FILE *file, const struct account *account,
                 const struct trace_choice *choice)
{
    const struct index *images = account->images;
    size_t n_others_seen = 0;

    write_metadata(file, account, choice);
    write_names(file, account);
    for (size_t i = 0; i < images->n; i++) {
        const struct foray_hog_row *row = &images->rows[i];

        if (row->worker >= 0 && (is_shown_anyway(choice, row) ||
                                 n_others_seen++ % choice->every == 0))
            write_image(file, account, i);
    }
    for (size_t i = 0; i < account->deaths->n; i++) {
        const struct death *death = &account->deaths->items[i];

        write_instant(file, account, "worker died", death, death->what.pid);
        if (death->what.successor)
            write_instant(file, account, "worker replaced", death,
                          death->what.successor);
    }
    fputs("\n]}\n", file);
}

int trace_commit(struct companion *file, const struct account *account)
{
    struct trace_choice choice;
    char words[WORDS_SIZE];

    if (trace_choose(&choice, account, TRACE_MOST)) {
        message("%s: no memory for a trace of %zu images", file->path,
                account->images->n);
        return -1;
    }
    trace_write(file->file, account, &choice);
    if (choice.every > 1)
        message("%s shows %s", file->path, describe(words, &choice));
    return companion_commit(file);
}
