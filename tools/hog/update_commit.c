/* The end of an update: what was computed, into the output. */
#include "hog/update.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/storage.h>

#include "hog/provenance.h"
#include "hog/update_apply.h"
#include "hog/update_hdf5.h"
#include "images/index.h"
#include "shell/message.h"

static int lack_memory(const struct hog_update *update)
{
    message("no memory for an index of %zu images",
            update->index.n + update->match.n);
    return -1;
}

/* Which row each that was computed becomes. What failed may get none: then new
 * ones move up, and the row that was there, of the image as it was, stays. */
static int place(struct hog_update *update, const struct foray_hog_row *rows)
{
    struct update_match *match = &update->match;
    size_t lost = 0;

    update->put = malloc((match->n + 1) * sizeof *update->put);
    if (!update->put)
        return lack_memory(update);
    for (size_t k = 0; k < match->n; k++) {
        size_t at = match->where[k];

        update->put[k] = at < update->n_old ? at : at - lost;
        if (!update->run->drops || index_has_features(&rows[k])) {
            match->where[k] = update->put[k]; /* as a trace tells it */
            continue;
        }
        update->put[k] = FORAY_NO_ROW;
        if (at < update->n_old) {
            update->index.rows[at].status = FORAY_IMAGE_STATUS_GONE;
            match->n_again--;
            match->n_gone++;
        } else {
            lost++;
        }
    }
    match->n_new -= lost;
    update->n -= lost;
    return 0;
}

static void put_row(struct foray_hog_row *to, const struct foray_hog_row *from)
{
    free(to->message);
    *to = *from;
    if (from->message) /* without memory it is lost */
        to->message = strdup(from->message);
}

static int add_line(struct index_in *index, const struct foray_hog_row *row,
                    const char *path)
{
    index->rows[index->n] = (struct foray_hog_row){0};
    put_row(&index->rows[index->n], row);
    index->paths[index->n] = strdup(path);
    return index->paths[index->n++] ? 0 : -1;
}

/* The index of all rows by their numbers, then of what has none. */
static int merge(struct hog_update *update, const struct foray_hog_row *rows)
{
    const struct update_match *match = &update->match;
    struct index_in *index = &update->index;
    int failed = index_reserve(index, index->n + match->n + 1);

    for (size_t k = 0; !failed && k < match->n; k++) {
        if (update->put[k] < update->n_old)
            put_row(&index->rows[update->put[k]], &rows[k]);
        else if (update->put[k] != FORAY_NO_ROW)
            failed = add_line(index, &rows[k], match->paths[k]);
    }
    for (size_t k = 0; !failed && k < match->n; k++)
        if (update->put[k] == FORAY_NO_ROW)
            failed = add_line(index, &rows[k], match->paths[k]);
    return failed ? lack_memory(update) : 0;
}

/* Where all rows come from. */
static int tell(struct hog_provenance *out, const struct hog_update *update,
                const struct foray_hog_plan *computed,
                struct foray_hog_place *places)
{
    const struct index_in *all = &update->index;
    struct hog_run run = *update->run;
    struct foray_hog_plan plan = *computed;
    struct foray_error err;

    plan.n = run.batch.n = all->n;
    run.batch.paths = (const char *const *)all->paths;
    run.batch.places = places;
    if (!hog_provenance_fill(out, &run, &plan, all->rows, update->n, &err))
        return 0;
    message("%s", err.msg);
    return -1;
}

static int write_texts(const struct hog_update *update,
                       const struct provenance *about, struct companion *index,
                       struct companion *provenance)
{
    const struct index_in *all = &update->index;
    const struct hog_run *run = update->run;

    index_write(index->file,
                &(struct index){.rows = all->rows,
                                .n = all->n,
                                .paths = all->paths,
                                .drops = run->drops,
                                .json = index_is_json(run->index)});
    if (run->provenance)
        provenance_write(provenance->file, about);
    return companion_finish(index) ||
                   (run->provenance && companion_finish(provenance))
               ? -1
               : 0;
}

/* The new HDF5 file, of the old one as it is from now on. */
static int build(struct hog_update *update,
                 const struct hog_update_computed *computed,
                 const struct update_ragged *ragged,
                 const struct hog_output_about *about)
{
    const struct update_rows rows = {&computed->features->features, update->put,
                                     about->places ? ragged : NULL};
    int lock = update_hdf5_lock(update->run->output);

    if (lock < 0)
        return -1;
    if (hog_update_check(update) ||
        update_hdf5_build(update->run->output, &rows, about, computed->pool)) {
        close(lock);
        return -1;
    }
    update_note_file(update->record.output, update->run->output);
    update->lock = lock;
    return 0;
}

/* All numbers from 0 on: rows that are told of are all there are. */
static size_t *count_up(const struct hog_update *update)
{
    size_t *all = malloc((update->n + 1) * sizeof *all);

    for (size_t k = 0; all && k < update->n; k++)
        all[k] = k;
    if (!all)
        lack_memory(update);
    return all;
}

/* The index, and what an HDF5 file is made anew of. */
static int prepare(struct hog_update *update,
                   const struct hog_update_computed *computed,
                   struct companion *index, struct companion *provenance)
{
    const struct update_ragged ragged = {
        update->places, update->n_old, update->run->batch.places,
        computed->rows, update->put,   update->match.n};
    struct foray_hog_place *places = NULL;
    size_t *all = count_up(update);
    struct hog_provenance told;
    struct hog_output_about about = {.rows = update->index.rows,
                                     .kept = all,
                                     .n = update->n,
                                     .paths = update->index.paths,
                                     .provenance = &told.items};
    int failed = !all;

    if (!failed && update->places) {
        about.places = places = update_ragged_merge(&ragged, update->index.n);
        failed = places ? 0 : lack_memory(update);
    }
    if (!failed)
        failed = tell(&told, update, computed->plan, places);
    if (!failed && hog_output_is_hdf5(update->run->output))
        failed = build(update, computed, &ragged, &about);
    if (!failed)
        failed = write_texts(update, &told.items, index, provenance);
    free(places);
    free(all);
    return failed ? -1 : 0;
}

static int decide(struct hog_update *update)
{
    struct update_record *record = &update->record;

    record->index = update_index_name(update->run->output, update->run->index);
    if (!record->index)
        return -1;
    record->where = update->put; /* lent */
    record->n = update->match.n;
    record->decided = true;
    if (update_record_write(record, update->record_path))
        return -1;
    update->decided = true;
    return 0;
}

/* A disk that is full before the output is longer: what was computed is there,
 * and the same command goes on with it. */
static void take_back(struct hog_update *update)
{
    struct foray_npy_info info;

    if (foray_npy_info(&info, update->run->output, NULL) ||
        info.shape[0] != update->n_old)
        return;
    update->record.decided = false;
    update->record.n = 0;
    if (!update_record_write(&update->record, update->record_path))
        update->decided = false;
}

static int apply(struct hog_update *update,
                 const struct hog_update_computed *computed,
                 struct companion *index, struct companion *provenance)
{
    struct foray_error err;
    int code = update_apply(&update->record, update->run,
                            &computed->features->features, &err);

    if (code == FORAY_ENOSPC)
        take_back(update);
    if (update->decided) { /* whether it is finished or not */
        companion_leave(index);
        companion_leave(provenance);
    }
    update->decided &= code != 0;
    if (!code)
        return 0;
    message("%s", err.msg);
    if (update->decided)
        message("the next foray hog of %s finishes its update",
                update->run->output);
    return -1;
}

int hog_update_commit(struct hog_update *update,
                      const struct hog_update_computed *computed,
                      struct companion *index, struct companion *provenance)
{
    struct foray_error err;
    int failed;

    if (hog_output_finish(computed->features, NULL, NULL, &err)) {
        message("%s", err.msg);
        return -1;
    }
    update->lock = -1;
    failed = place(update, computed->rows) || merge(update, computed->rows) ||
             prepare(update, computed, index, provenance) || decide(update) ||
             apply(update, computed, index, provenance);
    if (update->lock >= 0)
        close(update->lock);
    return failed ? -1 : 0;
}
