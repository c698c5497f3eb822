#include "images/chosen.h"

#include <string.h>

bool chosen_has_failed(const struct foray_hog_row *row)
{
    return row->status != FORAY_IMAGE_STATUS_OK &&
           row->status != FORAY_IMAGE_STATUS_NOT_RUN;
}

size_t chosen_slowest(size_t *out, size_t most, bool good,
                      const struct index *images)
{
    size_t n = 0, at;

    for (size_t i = 0; i < images->n; i++) {
        const struct foray_hog_row *row = &images->rows[i];

        if (row->worker < 0 || (good && row->status != FORAY_IMAGE_STATUS_OK) ||
            (n == most && row->seconds <= images->rows[out[n - 1]].seconds))
            continue;
        for (at = n; at && images->rows[out[at - 1]].seconds < row->seconds;)
            at--;
        n += n < most;
        memmove(out + at + 1, out + at, (n - 1 - at) * sizeof *out);
        out[at] = i;
    }
    return n;
}

size_t chosen_failed(size_t *out, size_t most, size_t each,
                     const struct index *images)
{
    size_t seen[FORAY_IMAGE_STATUS_GONE + 1] = {0}, n = 0;

    for (size_t i = 0; i < images->n && n < most; i++) {
        const struct foray_hog_row *row = &images->rows[i];

        if (chosen_has_failed(row) && row->status <= FORAY_IMAGE_STATUS_GONE &&
            seen[row->status]++ < each)
            out[n++] = i;
    }
    return n;
}
