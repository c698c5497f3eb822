/* The end of an update: what was computed, into the output. */
#include "hog/update.h"

#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

#include "hog/provenance.h"
#include "hog/update_apply.h"
#include "images/index.h"
#include "shell/message.h"

/* The index of all rows, and their paths. */
static int merge(struct hog_update *update, const struct foray_hog_row *rows)
{
    const struct update_match *match = &update->match;
    struct index_in *index = &update->index;
    char **paths = reallocarray(index->paths, update->n + 1, sizeof *paths);
    struct foray_hog_row *all;

    index->paths = paths ? paths : index->paths;
    all = reallocarray(index->rows, update->n + 1, sizeof *all);
    index->rows = all ? all : index->rows;
    for (size_t k = 0; paths && all && k < match->n; k++) {
        size_t at = match->where[k];

        all[at] = rows[k];
        if (at < index->n)
            continue;
        paths[at] = strdup(match->paths[k]);
        if (!paths[at])
            break;
        index->n++;
    }
    if (paths && all && index->n == update->n)
        return 0;
    message("no memory for an index of %zu images", update->n);
    return -1;
}

static int write_texts(const struct hog_update *update,
                       const struct foray_hog_plan *computed,
                       struct companion *index, struct companion *provenance)
{
    const struct index_in *all = &update->index;
    struct hog_run run = *update->run;
    struct foray_hog_plan plan = *computed;
    struct hog_provenance about;
    struct foray_error err;

    plan.n = run.batch.n = all->n;
    run.batch.paths = (const char *const *)all->paths;
    if (hog_provenance_fill(&about, &run, &plan, all->rows, all->n, &err)) {
        message("%s", err.msg);
        return -1;
    }
    index_write(index->file, &(struct index){.rows = all->rows,
                                             .n = all->n,
                                             .paths = all->paths,
                                             .json = index_is_json(run.index)});
    provenance_write(provenance->file, &about.items);
    return companion_finish(index) || companion_finish(provenance) ? -1 : 0;
}

static int decide(struct hog_update *update)
{
    struct update_record *record = &update->record;

    record->index = update_index_name(update->run->output, update->run->index);
    if (!record->index)
        return -1;
    record->where = update->match.where; /* lent */
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

int hog_update_commit(struct hog_update *update,
                      const struct foray_hog_plan *plan,
                      const struct foray_hog_row *rows,
                      struct hog_output *features, struct companion *index,
                      struct companion *provenance)
{
    struct foray_error err;
    int code;

    if (hog_output_finish(features, NULL, NULL, &err)) {
        message("%s", err.msg);
        return -1;
    }
    if (merge(update, rows) || write_texts(update, plan, index, provenance) ||
        decide(update))
        return -1;
    code =
        update_apply(&update->record, update->run, &features->features, &err);
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
