#include "image/batch_journal.h"

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include <foray/storage.h>

#include "base/error.h"
#include "image/batch_places.h"
#include "image/batch_task.h"

static const char *yes_or_no(bool yes)
{
    return yes ? "yes" : "no";
}

int foray__batch_describe(char **out, const struct foray_hog_batch *batch,
                          struct foray_error *err)
{
    const struct foray_image_options *image = &batch->image;
    const struct foray_hog_options *hog;
    char places[FORAY_HOG_DIGEST_SIZE] = "none", resize[48] = "none";
    struct foray_hog *resolved;
    int n;

    if (batch->places)
        foray__batch_places_digest(places, batch);
    if (image->rows)
        snprintf(resize, sizeof resize, "%zux%zu", image->rows, image->cols);
    FORAY_TRY(foray_hog_new(&resolved, &batch->hog, err));
    hog = foray_hog_options(resolved);
    n = asprintf(
        out,
        "foray %s\n--method %s\n--orientations %d\n--pixels-per-cell %zux%zu\n"
        "--cells-per-block %zux%zu\n--block-norm %s\n--transform-sqrt %s\n"
        "--color %s\n--exif %s\n--resize %s\n--filter %s\n--fit %s\n"
        "--jpeg-scale %s\n--truncated %s\n--visualize %s\n--ragged %s\n"
        "image-sizes %s\n",
        PACKAGE_VERSION, foray_hog_method_name(hog->method), hog->orientations,
        hog->cell_rows, hog->cell_cols, hog->block_rows, hog->block_cols,
        foray_hog_norm_name(hog->norm), yes_or_no(hog->transform_sqrt),
        foray_color_name(image->color), yes_or_no(image->exif), resize,
        foray_filter_name(image->filter), foray_fit_name(image->fit),
        foray_jpeg_scale_name(image->jpeg_scale),
        image->truncated ? "accept" : "fail",
        batch->visualize ? batch->visualize : "none",
        yes_or_no(batch->places != NULL), places);
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
