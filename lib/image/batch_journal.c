#include "image/batch_journal.h"

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include <foray/storage.h>

#include "base/error.h"
#include "image/batch_places.h"
#include "image/batch_task.h"

int foray__batch_describe(char **out, const struct foray_hog_batch *batch,
                          struct foray_error *err)
{
    const struct foray_image_options *image = &batch->image;
    const struct foray_hog_options *hog;
    char places[FORAY_HOG_DIGEST_SIZE] = "no";
    struct foray_hog *resolved;
    int n;

    if (batch->places)
        foray__batch_places_digest(places, batch);
    FORAY_TRY(foray_hog_new(&resolved, &batch->hog, err));
    hog = foray_hog_options(resolved);
    n = asprintf(out,
                 "foray %s\nmethod %d\norientations %d\n"
                 "pixels-per-cell %zux%zu\ncells-per-block %zux%zu\n"
                 "block-norm %d\ntransform-sqrt %d\ncolor %d\nexif %d\n"
                 "resize %zux%zu\nfilter %d\nfit %d\njpeg-scale %d\n"
                 "truncated %d\nvisualize %s\nplaces %s\n",
                 PACKAGE_VERSION, (int)hog->method, hog->orientations,
                 hog->cell_rows, hog->cell_cols, hog->block_rows,
                 hog->block_cols, (int)hog->norm, hog->transform_sqrt,
                 (int)image->color, image->exif, image->rows, image->cols,
                 (int)image->filter, (int)image->fit, (int)image->jpeg_scale,
                 image->truncated, batch->visualize ? batch->visualize : "no",
                 places);
    foray_hog_free(resolved);
    if (n >= 0)
        return 0;
    *out = NULL;
    return foray__fail(err, FORAY_ENOMEM, "no memory for a journal");
}

static int rows_name(char **out, const char *journal, struct foray_error *err)
{
    if (asprintf(out, "%s.rows", journal) >= 0)
        return 0;
    *out = NULL;
    return foray__fail(err, FORAY_ENOMEM, "no memory for a journal");
}

/* First the records: those of another run must not be found without its
 * journal. Their lock is held for longer than the journal's. */
int foray_hog_batch_discard(const char *journal, struct foray_error *err)
{
    char *rows;
    int code;

    if (!journal || !*journal)
        return 0;
    FORAY_TRY(rows_name(&rows, journal, err));
    code = foray_array_discard(rows, err);
    free(rows);
    return code ? code : foray_journal_discard(journal, err);
}

int foray__batch_open_records(struct foray_array *out,
                              const struct foray_hog_batch *batch, size_t n,
                              struct foray_error *err)
{
    const char *journal = batch->journal;
    struct foray_placement place = {.partial = journal != NULL,
                                    .resumable = journal != NULL};
    size_t shape[2] = {n, sizeof(struct foray__batch_record)};
    char *path = NULL;
    int code;

    if (journal)
        FORAY_TRY(rows_name(&path, journal, err));
    code = foray_array_create_at(out, path, FORAY_U8, 2, shape, &place, err);
    free(path);
    return code;
}

int foray__batch_check_files(const struct foray_hog_batch *batch,
                             const struct foray_array *records,
                             struct foray_error *err)
{
    if (!batch->journal || batch->stack)
        return 0;
    for (size_t i = 0; i < batch->n; i++) {
        const struct foray__batch_record *record = foray_row(records, i);

        if (record->outcome == FORAY__BATCH_DONE)
            FORAY_TRY(foray__fingerprint_check(&record->file, batch->paths[i],
                                               i, batch->verify, err));
    }
    return 0;
}
