/* From what was computed to files that have their names. */
#include "hog/outputs.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <foray/storage.h>

#include "hog/keep.h"
#include "hog/provenance.h"
#include "shell/message.h"

/* Both on the disk, or none: one that is full leaves what was there before. */
static int write_texts(struct hog_outputs *outputs, const struct hog_run *run,
                       const struct provenance *provenance)
{
    if (run->index) {
        outputs->images.json = index_is_json(run->index);
        index_write(outputs->index.file, &outputs->images);
    }
    if (run->provenance)
        provenance_write(outputs->provenance.file, provenance);
    if ((run->index && companion_finish(&outputs->index)) ||
        (run->provenance && companion_finish(&outputs->provenance)))
        return -1;
    return 0;
}

/* Those that have their name, without features. */
static void remove_texts(const struct hog_run *run)
{
    if (run->index)
        unlink(run->index);
    if (run->provenance)
        unlink(run->provenance);
}

static int install_texts(struct hog_outputs *outputs, const struct hog_run *run)
{
    if ((run->index && companion_install(&outputs->index)) ||
        (run->provenance && companion_install(&outputs->provenance))) {
        remove_texts(run);
        return -1;
    }
    return 0;
}

/* Which images have a row: all, or those that did not fail. */
static int choose_rows(struct hog_outputs *outputs, const struct hog_run *run,
                       struct foray_error *err)
{
    size_t n = outputs->plan.n;
    int code = 0;

    outputs->kept = hog_keep_find(&outputs->n_kept, outputs->rows, n);
    if (!outputs->kept)
        return message_error(err, FORAY_ENOMEM,
                             "out of memory for a list of %zu images", n);
    if (run->batch.places)
        code = hog_keep_features(&outputs->features, outputs->rows, n,
                                 outputs->pool, err);
    else if (run->drops && outputs->n_kept < n)
        code = hog_keep_rows(&outputs->features, outputs->kept, outputs->n_kept,
                             outputs->pool, err);
    if (code || run->drops)
        return code;
    for (size_t i = 0; i < n; i++)
        outputs->kept[i] = i;
    outputs->n_kept = n;
    return 0;
}

static int commit_update(struct hog_outputs *outputs)
{
    const struct hog_update_computed computed = {
        &outputs->plan, outputs->rows, &outputs->features, outputs->pool};

    return hog_update_commit(&outputs->update, &computed, &outputs->index,
                             &outputs->provenance);
}

/* Nobody shall take the index of an older output for that of this one. */
static void remove_old_index(const struct hog_run *run)
{
    char head[sizeof INDEX_HEAD] = "";
    struct stat st;
    FILE *file = NULL;

    if (run->old_index && !stat(run->old_index, &st) && S_ISREG(st.st_mode))
        file = fopen(run->old_index, "re");
    if (!file)
        return;
    if (fgets(head, sizeof head, file) && !strcmp(head, INDEX_HEAD))
        unlink(run->old_index);
    fclose(file);
}

/* Features last: who finds them finds the index and the provenance too. Those
 * of an older output go before it is replaced: nobody shall find the one's
 * index beside the other. */
static int install(struct hog_outputs *outputs, const struct hog_run *run)
{
    bool replaces = !access(run->output, F_OK);
    struct foray_error err;

    remove_old_index(run);
    if (replaces)
        remove_texts(run);
    else if (install_texts(outputs, run))
        return -1;
    if (!hog_output_install(&outputs->features, &err))
        return replaces ? install_texts(outputs, run) : 0;
    message("%s", err.msg);
    if (!replaces)
        remove_texts(run);
    return -1;
}

static int commit_run(struct hog_outputs *outputs, const struct hog_run *run)
{
    struct hog_provenance provenance;
    struct hog_output_about about = {.rows = outputs->rows,
                                     .paths = run->paths,
                                     .stack = run->stack,
                                     .first = run->first,
                                     .places = run->batch.places,
                                     .provenance = &provenance.items};
    struct foray_error err;

    if (choose_rows(outputs, run, &err) ||
        hog_provenance_fill(&provenance, run, &outputs->plan, outputs->rows,
                            outputs->n_kept, &err)) {
        message("%s", err.msg);
        return -1;
    }
    about.kept = outputs->kept;
    about.n = outputs->n_kept;
    if (write_texts(outputs, run, &provenance.items))
        return -1;
    if (!hog_output_finish(&outputs->features, &about, outputs->pool, &err))
        return install(outputs, run);
    message("%s", err.msg);
    return -1;
}

int hog_commit(struct hog_outputs *outputs, const struct hog_run *run)
{
    return run->update ? commit_update(outputs) : commit_run(outputs, run);
}
