#include "hog/update.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/image.h>
#include <foray/storage.h>

#include "hog/update_about.h"
#include "hog/update_hdf5.h"
#include "hog/update_ragged.h"
#include "images/index.h"
#include "shell/message.h"

static void note_files(char out[3][64], const struct hog_run *run)
{
    update_note_file(out[0], run->output);
    update_note_file(out[1], run->index);
    update_note_file(out[2], run->provenance);
}

/* What is computed for which row, so that an interrupted update is gone on with
 * if it is of the same images. */
static int digest_images(struct hog_update *update)
{
    const struct update_match *match = &update->match;
    char **texts = calloc(match->n + 1, sizeof *texts);
    bool failed = !texts;

    for (size_t k = 0; k < match->n && !failed; k++) {
        uint64_t nbytes = 0;
        int64_t mtime_ns = 0;

        if (foray_image_stat(&nbytes, &mtime_ns, match->paths[k], NULL))
            mtime_ns = 0; /* the run will say so */
        failed =
            asprintf(&texts[k], "%zu %" PRIu64 " %" PRId64 " %s",
                     match->where[k], nbytes, mtime_ns, match->paths[k]) < 0;
        if (failed)
            texts[k] = NULL;
    }
    if (!failed)
        foray_hog_digest(update->record.images, (const char *const *)texts,
                         match->n);
    for (size_t k = 0; texts && k < match->n; k++)
        free(texts[k]);
    free(texts);
    if (failed)
        message("no memory for a list of %zu images", match->n);
    return failed ? -1 : 0;
}

/* An interrupted update of other images is of no use. */
static int look_back(struct hog_update *update, struct hog_run *run)
{
    struct update_record before;
    int there = update_record_read(&before, update->record_path);
    bool same;

    if (there < 0)
        return -1;
    same = there && !strcmp(before.images, update->record.images);
    if (there)
        update_record_free(&before);
    if (!same && run->resume != HOG_GO_ON) {
        message("%s: no update of these images was interrupted; --resume "
                "begins nothing",
                run->output);
        return -1;
    }
    if (there && !same && !run->restart)
        message("%s: the images are others than when its update was "
                "interrupted, which begins anew",
                run->output);
    run->restart |= !same;
    return 0;
}

/* A whole run of this output that was interrupted goes first. */
static int check_other_run(const struct hog_run *run)
{
    struct foray_error err;

    if (access(run->journal, F_OK))
        return 0;
    if (!run->restart) {
        message("%s: a run that was interrupted is not over: without --update "
                "it goes on, with --restart it is given up",
                run->journal);
        return -1;
    }
    if (!foray_hog_batch_discard(run->journal, &err))
        return 0;
    message("%s", err.msg);
    return -1;
}

static int make_names(struct hog_update *update, const struct hog_run *run)
{
    update->record_path = update_record_path(run->output);
    update->journal = update_record_beside(run->output, ".journal");
    return update->record_path && update->journal ? 0 : -1;
}

static int read_index(struct hog_update *update, const struct hog_run *run)
{
    const char *path = run->index;
    FILE *file = fopen(path, "re");
    int failed;

    if (!file) {
        message("%s: %s: --update needs the index of the run before; without "
                "--update%s all is computed anew",
                path, strerror(errno),
                run->provenance ? "" : ", and with --index,");
        return -1;
    }
    failed = index_read(&update->index, file, index_is_json(path), path);
    fclose(file);
    return failed;
}

/* Whether the index is of the rows that there are, and where these are. */
static int check_index(struct hog_update *update, const struct hog_run *run,
                       const struct foray_dataset *features)
{
    size_t n = update->index.n;

    if (!run->batch.places && n != features->shape[0]) {
        message("%s has %zu rows, and %s %zu: it is not its index", run->output,
                features->shape[0], run->index, n);
        return -1;
    }
    if (run->provenance)
        return 0;
    if (update_hdf5_check_index(run->output, &update->index, run->index))
        return -1;
    if (run->batch.places)
        update->places = update_ragged_read(run->output, n, features->shape[0]);
    return run->batch.places && !update->places ? -1 : 0;
}

static size_t size_of(const struct foray_dataset *features)
{
    size_t nbytes = foray_dtype_size(features->dtype);

    for (int k = 0; k < features->ndim; k++)
        nbytes *= features->shape[k];
    return nbytes;
}

static int look(struct hog_update *update, struct hog_run *run)
{
    struct update_about about;

    if (access(run->output, W_OK)) {
        message("%s: %s", run->output, strerror(errno));
        return -1;
    }
    note_files(update->before, run);
    if (check_other_run(run) || make_names(update, run) ||
        update_about_read(&about, run) || read_index(update, run))
        return -1;
    if (check_index(update, run, &about.features))
        return -1;
    if (update_match(&update->match, &update->index, run->paths,
                     run->batch.n) ||
        digest_images(update))
        return -1;
    update->n_old = update->index.n;
    update->n = update->n_old + update->match.n_new;
    run->whole = run->provenance ? 0 : size_of(&about.features);
    run->batch.may_be_none = run->batch.places != NULL;
    run->batch.rows = about.rows;
    run->batch.cols = about.cols;
    return look_back(update, run);
}

static void say_what(FILE *file, const struct hog_update *update)
{
    const struct update_match *match = &update->match;

    fprintf(file, "%zu as they were, %zu new, %zu again, %zu gone",
            match->n_kept, match->n_new, match->n_again, match->n_gone);
}

int hog_update_look(struct hog_update *update, struct hog_run *run)
{
    memset(update, 0, sizeof *update);
    update->run = run;
    if (look(update, run)) {
        hog_update_end(update, true);
        return -1;
    }
    if (!update->match.changes) {
        int failed = hog_update_discard(run->output);

        if (!failed) /* of one that came to its end but for this */
            hog_output_discard(run->output);
        if (!failed && !run->parallel.quiet)
            message("%s: all %zu rows are as they should be, %zu gone",
                    run->output, update->n, update->match.n_gone);
        hog_update_end(update, true);
        return failed ? -1 : 1;
    }
    run->journal = run->batch.journal = update->journal;
    run->batch.paths = update->match.paths;
    run->batch.n = update->match.n;
    run->batch.numbers = update->match.where;
    run->paths = (char *const *)update->match.paths;
    return 0;
}

void hog_update_print(const struct hog_update *update)
{
    fputs("update  ", stdout);
    say_what(stdout, update);
    putchar('\n');
}

int hog_update_check(const struct hog_update *update)
{
    char now[3][64];

    note_files(now, update->run);
    if (!memcmp(now, update->before, sizeof now))
        return 0;
    message("%s was changed by another process meanwhile: try again",
            update->run->output);
    return -1;
}

int hog_update_begin(struct hog_update *update)
{
    if (hog_update_check(update))
        return -1;
    update->begun = true;
    return update_record_write(&update->record, update->record_path);
}

int hog_update_discard(const char *output)
{
    static const char *const ends[] = {"", ".partial"};

    if (update_record_discard_journal(output) ||
        (hog_output_is_hdf5(output) && update_hdf5_discard(output)))
        return -1;
    for (int k = 0; k < 2; k++) {
        char *path = update_record_beside(output, ends[k]);

        if (!path)
            return -1;
        unlink(path);
        free(path);
    }
    return 0;
}

void hog_update_say(const struct hog_update *update)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return;
    say_what(out, update);
    if (!fclose(out))
        message("%s: %zu rows: %s", update->run->output, update->n, text);
    free(text);
}

void hog_update_end(struct hog_update *update, bool stays)
{
    if (update->begun && !stays) {
        unlink(update->record_path);
        if (!update->run->provenance)
            (void)update_hdf5_discard(update->run->output);
    }
    index_free(&update->index);
    update->record.where = NULL;
    update_record_free(&update->record);
    free(update->put);
    free(update->places);
    update->put = NULL;
    update->places = NULL;
    update_match_free(&update->match);
    free(update->record_path);
    free(update->journal);
    update->record_path = update->journal = NULL;
}
