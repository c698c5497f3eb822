#include "hdf5/chunks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foray/storage.h>

/* Each question where a chunk lies walks over all before it: of more chunks
 * than this it does not pay unless they are large. */
enum { FEW_CHUNKS = 2000, LARGE_CHUNK = 256 << 10 };

struct foray__h5_place foray__h5_place(const uint64_t *at, int ndim)
{
    struct foray__h5_place out;
    size_t used = 0;

    out.text[0] = '\0';
    for (int k = 0; k < ndim && used < sizeof out.text - 1; k++) {
        snprintf(out.text + used, sizeof out.text - used, "%s%llu%s",
                 k ? ", " : "(", (unsigned long long)at[k],
                 k == ndim - 1 ? ")" : "");
        used = strlen(out.text);
    }
    return out;
}

/* A list that is being made. */
struct listing {
    struct foray__h5_about *about;
    const struct foray__h5_region *region;
    const char *name;
    uint64_t *rows; /* `columns` numbers each */
    size_t n, room, columns;
    int code; /* why it ended early */
    struct foray_error *err;
};

static int check(const struct listing *listing, const hsize_t *at,
                 haddr_t address, hsize_t size)
{
    const struct foray__h5_about *about = listing->about;
    struct foray__h5_place place =
        foray__h5_place((const uint64_t *)at, about->dataset.ndim);
    uint64_t end;

    for (int k = 0; k < about->dataset.ndim; k++)
        if (at[k] % about->dataset.chunk[k])
            return foray__fail(listing->err, FORAY_EFORMAT,
                               "%s is damaged: a chunk at %s cannot be",
                               listing->name, place.text);
    if (__builtin_add_overflow(address, size, &end) || end > about->file.size)
        return foray__fail(listing->err, FORAY_ETRUNCATED,
                           "%s: the chunk at %s lies beyond the end of the "
                           "file",
                           listing->name, place.text);
    /* A filter that enlarges a chunk a lot is none of those that we know. */
    if (size > 2 * (hsize_t)about->chunk_nbytes + 4096)
        return foray__fail(listing->err, FORAY_EFORMAT,
                           "%s is damaged: the chunk at %s has %llu bytes",
                           listing->name, place.text, (unsigned long long)size);
    return 0;
}

static bool is_within(const struct listing *listing, const hsize_t *at)
{
    size_t start[FORAY_MAX_NDIM];

    for (int k = 0; k < listing->about->dataset.ndim; k++) {
        if (at[k] >= listing->about->dataset.shape[k])
            return false;
        start[k] = at[k];
    }
    return foray__h5_region_touches(listing->region, start,
                                    listing->about->dataset.chunk);
}

static int add(struct listing *listing, const hsize_t *at, unsigned mask,
               haddr_t address, hsize_t size)
{
    uint64_t *row;

    if (address == HADDR_UNDEF || !is_within(listing, at))
        return 0;
    FORAY_TRY(check(listing, at, address, size));
    if (listing->n == listing->room) {
        size_t room = listing->room ? 2 * listing->room : 256;
        void *grown =
            realloc(listing->rows, room * listing->columns * sizeof *row);

        if (!grown)
            return foray__fail(listing->err, FORAY_ENOMEM,
                               "no memory for a list of %zu chunks", room);
        listing->rows = grown;
        listing->room = room;
    }
    row = listing->rows + listing->n++ * listing->columns;
    row[FORAY__H5_ADDRESS] = address;
    row[FORAY__H5_SIZE] = size;
    row[FORAY__H5_MASK] = mask;
    for (int k = 0; k < listing->about->dataset.ndim; k++)
        row[FORAY__H5_AT + k] = at[k];
    return 0;
}

/* More chunks than the shape has room for are in no file that is whole. */
static bool count_is_possible(const struct foray__h5_about *about, hsize_t n)
{
    hsize_t most = 1;

    for (int k = 0; k < about->dataset.ndim; k++) {
        size_t along = (about->dataset.shape[k] + about->dataset.chunk[k] - 1) /
                       about->dataset.chunk[k];

        if (__builtin_mul_overflow(most, (hsize_t)along, &most))
            return true;
    }
    return n <= most;
}

#if defined HAVE_H5DCHUNK_ITER && H5_VERSION_GE(1, 14, 0)
static int add_each(const hsize_t *at, unsigned mask, haddr_t address,
                    hsize_t size, void *arg)
{
    struct listing *listing = arg;

    if (!count_is_possible(listing->about, listing->n))
        return H5_ITER_ERROR;
    listing->code = add(listing, at, mask, address, size);
    return listing->code ? H5_ITER_STOP : H5_ITER_CONT;
}

static int add_all(struct listing *listing, hid_t dataset)
{
    if (H5Dchunk_iter(dataset, H5P_DEFAULT, add_each, listing) < 0)
        return foray__h5_fail(listing->err, FORAY_EFORMAT,
                              "the chunks of %s are damaged", listing->name);
    return listing->code;
}
#elif defined HAVE_H5DGET_CHUNK_INFO
static int add_one_by_one(struct listing *listing, hid_t dataset, hid_t space)
{
    hsize_t n = 0;

    if (H5Dget_num_chunks(dataset, space, &n) < 0 ||
        !count_is_possible(listing->about, n))
        return foray__h5_fail(listing->err, FORAY_EFORMAT,
                              "the chunks of %s are damaged", listing->name);
    if (n > FEW_CHUNKS && listing->about->chunk_nbytes < LARGE_CHUNK) {
        listing->about->direct = false;
        return 0;
    }
    for (hsize_t i = 0; i < n; i++) {
        hsize_t at[FORAY_MAX_NDIM] = {0}, size = 0;
        haddr_t address = HADDR_UNDEF;
        unsigned mask = 0;

        if (H5Dget_chunk_info(dataset, space, i, at, &mask, &address, &size) <
            0)
            return foray__h5_fail(listing->err, FORAY_EFORMAT,
                                  "the chunks of %s are damaged",
                                  listing->name);
        FORAY_TRY(add(listing, at, mask, address, size));
    }
    return 0;
}

static int add_all(struct listing *listing, hid_t dataset)
{
    hid_t space = H5Dget_space(dataset);
    int code = add_one_by_one(listing, dataset, space);

    foray__h5_close(space);
    return code;
}
#else
static int add_all(struct listing *listing, hid_t dataset)
{
    (void)dataset;
    listing->about->direct = false;
    return 0;
}
#endif

int foray__h5_chunks(struct foray_array *out, struct foray__h5_about *about,
                     hid_t dataset, const struct foray__h5_region *region,
                     const char *name, struct foray_error *err)
{
    struct listing listing = {.about = about,
                              .region = region,
                              .name = name,
                              .columns =
                                  FORAY__H5_AT + (size_t)about->dataset.ndim,
                              .err = err};
    int code = add_all(&listing, dataset);

    memset(out, 0, sizeof *out);
    if (!code && about->direct) {
        size_t shape[2] = {listing.n, listing.columns};

        code = foray_array_create(out, NULL, FORAY_U64, 2, shape, err);
        if (!code && listing.n)
            memcpy(out->data, listing.rows,
                   listing.n * listing.columns * sizeof *listing.rows);
    }
    free(listing.rows);
    return code;
}
