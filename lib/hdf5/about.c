#include "hdf5/about.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/size.h"
#include "hdf5/lzf_plugin.h"
#include "hdf5/type.h"

/* A description that grows until it is full. */
static void add(struct foray_dataset *dataset, const char *fmt, ...)
    FORAY_PRINTF(2, 3);
static void add(struct foray_dataset *dataset, const char *fmt, ...)
{
    size_t used = strlen(dataset->layout);
    va_list args;

    va_start(args, fmt);
    vsnprintf(dataset->layout + used, sizeof dataset->layout - used, fmt, args);
    va_end(args);
}

/* The next of the filters that made its chunks, in words. */
static void add_filter(struct foray_dataset *dataset, const char *fmt, ...)
    FORAY_PRINTF(2, 3);
static void add_filter(struct foray_dataset *dataset, const char *fmt, ...)
{
    size_t used = strlen(dataset->filters), size = sizeof dataset->filters;
    char words[48];
    va_list args;

    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    snprintf(dataset->filters + used, size - used, "%s%s", used ? ", " : "",
             words);
    add(dataset, ", %s", words);
}

static void state_of(struct foray__h5_file *out, const struct stat *st)
{
    out->device = st->st_dev;
    out->inode = st->st_ino;
    out->size = (uint64_t)st->st_size;
    out->seconds = st->st_mtim.tv_sec;
    out->nanoseconds = st->st_mtim.tv_nsec;
}

int foray__h5_file_state(struct foray__h5_file *out, hid_t dataset,
                         const char *name, struct foray_error *err)
{
    hid_t file = H5Iget_file_id(dataset);
    struct stat st;
    void *fd = NULL;
    bool known = H5Fget_vfd_handle(file, H5P_DEFAULT, &fd) >= 0 && fd &&
                 !fstat(*(int *)fd, &st);

    if (known)
        state_of(out, &st);
    foray__h5_close(file);
    return known ? 0
                 : foray__h5_fail(err, FORAY_EIO,
                                  "cannot look at the file of %s", name);
}

bool foray__h5_file_is(const struct foray__h5_file *file, int fd)
{
    struct foray__h5_file now;
    struct stat st;

    if (fstat(fd, &st))
        return false;
    state_of(&now, &st);
    return now.device == file->device && now.inode == file->inode &&
           now.size == file->size && now.seconds == file->seconds &&
           now.nanoseconds == file->nanoseconds;
}

static int read_shape(struct foray__h5_about *out, hid_t dataset,
                      const char *name, struct foray_error *err)
{
    hid_t space = H5Dget_space(dataset);
    hsize_t shape[FORAY_MAX_NDIM] = {0}, most[FORAY_MAX_NDIM] = {0};
    struct foray_dataset *about = &out->dataset;
    size_t nbytes;
    int ndim = -1;

    if (space >= 0 && H5Sget_simple_extent_type(space) == H5S_NULL) {
        snprintf(out->unfit, sizeof out->unfit, "nothing, without a shape");
        ndim = 0;
    } else if (space >= 0 &&
               H5Sget_simple_extent_ndims(space) <= FORAY_MAX_NDIM) {
        ndim = H5Sget_simple_extent_dims(space, shape, most);
    }
    foray__h5_close(space);
    if (ndim < 0)
        return foray__h5_fail(err, FORAY_EFORMAT, "the shape of %s is damaged",
                              name);
    about->ndim = ndim;
    for (int k = 0; k < ndim; k++)
        about->shape[k] = shape[k];
    out->extendable = ndim && most[0] == H5S_UNLIMITED;
    if (!foray__shape_nbytes(&nbytes, about->itemsize, ndim, about->shape))
        return foray__fail(err, FORAY_ERANGE,
                           "%s would have more bytes than memory has addresses",
                           name);
    about->nbytes = nbytes;
    return 0;
}

static void add_known_filter(struct foray__h5_about *out,
                             enum foray__h5_filter kind, size_t size)
{
    int n = out->filters.n++;

    out->filters.stages[n].kind = kind;
    out->filters.stages[n].size = size;
}

/* One filter of the pipeline, in words and for our own decoder. */
static bool read_filter(struct foray__h5_about *out, hid_t properties, int i)
{
    unsigned values[32] = {0}, flags, config;
    size_t n_values = 32;
    char name[64] = "";
    H5Z_filter_t id = H5Pget_filter2(properties, (unsigned)i, &flags, &n_values,
                                     values, sizeof name, name, &config);

    name[sizeof name - 1] = '\0';
    name[strcspn(name, ";")] = '\0'; /* "; see http://..." */
    if (id == H5Z_FILTER_SHUFFLE) {
        /* Without a size the library takes the element's. */
        add_filter(&out->dataset, "shuffle");
        add_known_filter(out, FORAY__H5_SHUFFLE,
                         n_values ? values[0] : out->dataset.itemsize);
        return true;
    }
    if (id == H5Z_FILTER_DEFLATE) {
        add_filter(&out->dataset, "deflate %u", values[0]);
        add_known_filter(out, FORAY__H5_DEFLATE, values[0]);
        return true;
    }
    if (id == H5Z_FILTER_FLETCHER32) {
        add_filter(&out->dataset, "fletcher32");
        add_known_filter(out, FORAY__H5_FLETCHER32, 0);
        return true;
    }
    if (id == FORAY__H5_LZF_ID) {
        add_filter(&out->dataset, "lzf");
        add_known_filter(out, FORAY__H5_LZF, 0);
        return true;
    }
    if (id < 0 || !*name)
        snprintf(name, sizeof name, "filter %d", (int)id);
    add_filter(&out->dataset, "%s", name);
    if (id >= 0 && H5Zfilter_avail(id) <= 0 && !*out->filter)
        snprintf(out->filter, sizeof out->filter, "%.31s (%d)", name, (int)id);
    return false;
}

static bool read_filters(struct foray__h5_about *out, hid_t properties)
{
    int n = H5Pget_nfilters(properties);
    bool all_known = n >= 0 && n <= FORAY__H5_MAX_FILTERS;

    for (int i = 0; i < n; i++) {
        if (out->filters.n == FORAY__H5_MAX_FILTERS)
            return false;
        all_known &= read_filter(out, properties, i);
    }
    return all_known && foray__h5_filters_known(&out->filters);
}

static int read_chunks(struct foray__h5_about *out, hid_t properties,
                       const char *name, struct foray_error *err)
{
    hsize_t chunk[FORAY_MAX_NDIM];
    size_t nbytes = out->dataset.itemsize;
    unsigned options = 0;

    if (H5Pget_chunk(properties, FORAY_MAX_NDIM, chunk) != out->dataset.ndim)
        return foray__fail(err, FORAY_EFORMAT,
                           "%s is damaged: its chunks have "
                           "another number of axes",
                           name);
    add(&out->dataset, "chunks ");
    for (int k = 0; k < out->dataset.ndim; k++) {
        out->dataset.chunk[k] = chunk[k];
        add(&out->dataset, k ? "x%zu" : "%zu", out->dataset.chunk[k]);
        if (!chunk[k] || !foray__mul(&nbytes, nbytes, chunk[k]) ||
            nbytes > UINT32_MAX)
            return foray__fail(err, FORAY_EFORMAT,
                               "%s is damaged: its chunks have no sensible "
                               "size",
                               name);
    }
    out->chunk_nbytes = nbytes;
    out->direct = read_filters(out, properties);
    if (H5Pget_chunk_opts(properties, &options) >= 0)
        out->raw_edges = options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS;
    return 0;
}

/* The element that stands for those that were never written. */
static void read_fill(struct foray__h5_about *out, hid_t properties, hid_t type)
{
    H5D_fill_value_t state;
    size_t size = out->dataset.itemsize;

    if (H5Pfill_value_defined(properties, &state) < 0 ||
        state != H5D_FILL_VALUE_USER_DEFINED)
        return;
    if (size > sizeof out->fill) {
        out->direct = false;
        return;
    }
    if (H5Pget_fill_value(properties, type, out->fill) < 0)
        return;
    for (size_t i = 0; i < size; i++)
        out->has_fill |= out->fill[i] != 0;
}

static void read_contiguous(struct foray__h5_about *out, hid_t dataset,
                            hid_t properties)
{
    haddr_t offset = H5Dget_offset(dataset);
    H5D_space_status_t space = H5D_SPACE_STATUS_ERROR;

    /* In a file with a user block the library adds that to "undefined". */
    H5Dget_space_status(dataset, &space);
    if (H5Pget_external_count(properties) > 0) {
        add(&out->dataset, "in other files");
    } else if (offset == HADDR_UNDEF || space != H5D_SPACE_STATUS_ALLOCATED) {
        add(&out->dataset, "contiguous, never written");
    } else {
        add(&out->dataset, "contiguous");
        out->dataset.mappable = !*out->unfit;
        out->dataset.offset = offset;
    }
}

static int read_layout(struct foray__h5_about *out, hid_t dataset, hid_t type,
                       const char *name, struct foray_error *err)
{
    hid_t properties = H5Dget_create_plist(dataset);
    int code = 0;

    switch (H5Pget_layout(properties)) {
    case H5D_COMPACT:
        add(&out->dataset, "in the header");
        break;
    case H5D_CONTIGUOUS:
        read_contiguous(out, dataset, properties);
        break;
    case H5D_CHUNKED:
        out->chunked = true;
        code = read_chunks(out, properties, name, err);
        break;
    case H5D_VIRTUAL:
        add(&out->dataset, "virtual, parts of other datasets");
        break;
    default:
        code = foray__h5_fail(err, FORAY_EFORMAT, "the layout of %s is damaged",
                              name);
    }
    if (!code)
        read_fill(out, properties, type);
    foray__h5_close(properties);
    return code;
}

int foray__h5_about(struct foray__h5_about *out, hid_t dataset,
                    const char *name, struct foray_error *err)
{
    hid_t type = H5Dget_type(dataset);
    const char *unfit;
    int code;

    memset(out, 0, sizeof *out);
    if (type < 0)
        return foray__h5_fail(err, FORAY_EFORMAT, "the type of %s is damaged",
                              name);
    unfit = foray__h5_type_read(&out->dataset, type);
    snprintf(out->unfit, sizeof out->unfit, "%s", unfit ? unfit : "");
    code = read_shape(out, dataset, name, err);
    if (!code)
        code = read_layout(out, dataset, type, name, err);
    foray__h5_close(type);
    if (*out->unfit)
        add(&out->dataset, "; %s", out->unfit);
    return code;
}
