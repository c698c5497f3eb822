/* Arrays in memory and in files of every kind but HDF5. */
#include "scenario.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int create(struct foray_error *err)
{
    struct foray_array x = numbers(), y = {0};
    int code = foray_array_create(&y, NULL, FORAY_F64, 2, x.shape, err);

    if (!code)
        code = foray_array_copy(&y, &x, err);
    return first_of(close_numbers(&y, code, code ? NULL : err), code);
}

static int dump_in(const struct foray_placement *placement,
                   struct foray_error *err)
{
    struct foray_array x = numbers(), y = {0};

    return close_numbers(&y, foray_array_dump(&y, &x, placement, err), err);
}

static int dump(struct foray_error *err)
{
    return dump_in(NULL, err);
}

static int dump_folder(struct foray_error *err)
{
    return dump_in(
        &(struct foray_placement){.folder = scenario_folder(), .align = 4096},
        err);
}

/* Large enough for pages of 2 MiB. */
static int dump_large(struct foray_error *err)
{
    enum { LARGE = 5 << 20 };
    static char bytes[LARGE];
    struct foray_array x, y = {0};
    int code = foray_array_wrap(&x, bytes, FORAY_U8, 1, (size_t[]){LARGE}, err);

    bytes[LARGE - 1] = 7;
    if (!code)
        code = foray_array_dump(&y, &x, NULL, err);
    if (code)
        return code;
    if (memcmp(y.data, bytes, LARGE) != 0)
        code = broken(err, "a dump without an error has other bytes");
    return first_of(code, foray_array_close(&y, code ? NULL : err));
}

static int dump_session(struct foray_error *err)
{
    struct foray_session *session = NULL;
    int code = foray_session_open(&session, scenario_folder(), err);

    if (code)
        return code;
    code = dump_in(&(struct foray_placement){.session = session, .name = "x"},
                   err);
    return first_of(code, foray_session_close(session, code ? NULL : err));
}

static int clean(struct foray_error *err)
{
    size_t n;

    return foray_clean(scenario_folder(), false, &n, NULL, NULL, err);
}

static int open_as(const char *mode, struct foray_error *err)
{
    struct foray_array x = {0};

    return close_numbers(
        &x, foray_array_open(&x, scenario_input("x.npy"), mode, err), err);
}

static int open_r(struct foray_error *err)
{
    return open_as("r", err);
}

static int open_w(struct foray_error *err)
{
    return open_as("r+", err);
}

static int open_c(struct foray_error *err)
{
    return open_as("c", err);
}

static int load(struct foray_error *err)
{
    struct foray_array x = {0};

    return close_numbers(&x, foray_array_load(&x, scenario_input("x.npy"), err),
                         err);
}

static int save(struct foray_error *err)
{
    struct foray_array x = numbers();

    return foray_array_save(&x, scenario_path("y.npy"), err);
}

/* Its columns after one another: not one block of memory. */
static int save_strided(struct foray_error *err)
{
    struct foray_array x = numbers(), y;
    int code = foray_array_slice(&y, &x, 0, 0, ROWS, 2, err);

    return code ? code : foray_array_save(&y, scenario_path("y.npy"), err);
}

static int make(bool partial, struct foray_error *err)
{
    struct foray_array x = numbers(), y = {0};
    int code = foray_array_create_at(
        &y, scenario_path("y.npy"), FORAY_F64, 2, x.shape,
        &(struct foray_placement){.partial = partial}, err);

    if (!code)
        code = foray_array_copy(&y, &x, err);
    if (!code && partial)
        code = foray_array_commit(&y, err);
    if (code)
        return first_of(code, foray_array_close(&y, NULL));
    return close_numbers(&y, 0, err);
}

static int create_partial(struct foray_error *err)
{
    return make(true, err);
}

/* Has its name from the begin. */
static int create_named(struct foray_error *err)
{
    int code = make(false, err);

    unlink(scenario_path("y.npy"));
    return code;
}

/* Two rows in place of old ones and two behind the last, in place. */
static int put_rows(struct foray_error *err)
{
    struct foray_array x = numbers(), rows;
    int code = foray_array_slice(&rows, &x, 0, 0, 4, 1, err);

    return code ? code
                : foray_npy_put_rows(scenario_path("y.npy"), &rows,
                                     (size_t[]){0, 1, ROWS, ROWS + 1}, err);
}

/* All new rows or none; those that are replaced are the same here. */
static int rows_are_whole(struct foray_error *err)
{
    struct foray_array x = numbers(), y = {0};
    int code = foray_array_open(&y, scenario_path("y.npy"), "r", err);

    if (code)
        return code;
    if ((y.shape[0] != ROWS && y.shape[0] != ROWS + 2) ||
        memcmp(y.data, x.data, foray_array_nbytes(&x)) != 0 ||
        (y.shape[0] > ROWS && memcmp(foray_row(&y, ROWS), foray_row(&x, 2),
                                     foray_array_nbytes(&x) / ROWS * 2) != 0))
        code = broken(err, "an array that rows were put into is not whole");
    return first_of(code, foray_array_close(&y, code ? NULL : err));
}

static int npz_save(int deflate, struct foray_error *err)
{
    struct foray_array x = numbers();
    struct foray_named_array named[] = {{"a", &x}, {"b", &x}};

    return foray_npz_save(scenario_path("y.npz"), named, 2,
                          &(struct foray_npz_options){.deflate = deflate}, err);
}

static int npz_stored(struct foray_error *err)
{
    return npz_save(0, err);
}

static int npz_deflated(struct foray_error *err)
{
    return npz_save(6, err);
}

/* Listed, verified, mapped, loaded. */
static int npz_read(const char *name, struct foray_error *err)
{
    const char *path = scenario_input(name);
    struct foray_dataset_list found = {0};
    struct foray_array x = {0};
    int code = foray_npz_list(&found, path, err);

    if (!code && found.n != 2)
        code = broken(err, "a list without an error is not whole");
    foray_dataset_list_free(&found);
    if (!code)
        code = foray_npz_verify(path, NULL, err);
    if (!code)
        code = close_numbers(&x, foray_npz_open(&x, path, "a", "r", err), err);
    if (!code)
        code = close_numbers(&x, foray_npz_load(&x, path, "b", err), err);
    return code;
}

static int npz_read_stored(struct foray_error *err)
{
    return npz_read("x.npz", err);
}

static int npz_read_deflated(struct foray_error *err)
{
    return npz_read("small.npz", err);
}

static int npz_write_into(struct foray_error *err)
{
    struct foray_array x = {0};
    const char *path = scenario_input("x.npz");

    return close_numbers(&x, foray_npz_open(&x, path, "a", "r+", err), err);
}

static int npz_many(struct foray_error *err)
{
    struct foray_array a = {0}, b = {0}, *arrays[] = {&a, &b};
    const char *names[] = {"a", "b"};
    int code = foray_npz_load_many(NULL, arrays, scenario_input("small.npz"),
                                   names, 2, err);

    if (code)
        return a.segment || b.segment ? broken(err, "what failed left arrays")
                                      : code;
    code = close_numbers(&a, 0, err);
    return first_of(code, close_numbers(&b, 0, err));
}

static int joblib_save(const char *compress, struct foray_error *err)
{
    struct foray_array x = numbers();
    struct foray_named_array named[] = {{"a", &x}, {"b/c", &x}};

    return foray_joblib_save(
        scenario_path("y.joblib"), named, 2,
        &(struct foray_joblib_options){.compress = compress}, err);
}

static int joblib_plain(struct foray_error *err)
{
    return joblib_save(NULL, err);
}

static int joblib_zlib(struct foray_error *err)
{
    return joblib_save("zlib", err);
}

static int joblib_xz(struct foray_error *err)
{
    return joblib_save("xz", err);
}

static int joblib_read(const char *name, struct foray_error *err)
{
    const char *path = scenario_input(name);
    struct foray_dataset_list found = {0};
    struct foray_array x = {0};
    int code = foray_joblib_list(&found, path, err);

    if (!code && found.n != 2)
        code = broken(err, "a list without an error is not whole");
    foray_dataset_list_free(&found);
    if (!code)
        code =
            close_numbers(&x, foray_joblib_open(&x, path, "a", "r", err), err);
    if (!code)
        code = close_numbers(&x, foray_joblib_load(&x, path, "b", err), err);
    return code;
}

static int joblib_read_plain(struct foray_error *err)
{
    return joblib_read("x.joblib", err);
}

static int joblib_read_zlib(struct foray_error *err)
{
    return joblib_read("small.joblib", err);
}

static int joblib_read_xz(struct foray_error *err)
{
    return joblib_read("xz.joblib", err);
}

static int joblib_read_lz4(struct foray_error *err)
{
    return joblib_read("lz4.joblib", err);
}

/* From npz to joblib, as `foray convert` does it. */
static int convert(struct foray_error *err)
{
    struct foray_array x = {0}, y = {0};
    struct foray_named_array named = {.array = &y};
    size_t shape[] = {ROWS, COLUMNS};
    int code = foray_npz_open(&x, scenario_input("x.npz"), "a", "r", err);

    if (!code)
        code = foray_array_create(&y, NULL, FORAY_F32, 2, shape, err);
    if (!code)
        code = foray_array_copy(&y, &x, err);
    if (!code)
        code =
            foray_joblib_save(scenario_path("y.joblib"), &named, 1, NULL, err);
    code = first_of(code, foray_array_close(&y, code ? NULL : err));
    return first_of(code, foray_array_close(&x, code ? NULL : err));
}

const struct scenario array_scenarios[] = {
    {.name = "create", .act = create},
    {.name = "dump", .act = dump},
    {.name = "dump, folder", .act = dump_folder},
    {.name = "dump, large", .act = dump_large},
    {.name = "dump, session", .act = dump_session},
    {.name = "clean", .act = clean},
    {.name = "open r", .act = open_r},
    {.name = "open r+", .act = open_w},
    {.name = "open c", .act = open_c},
    {.name = "load", .act = load},
    {.name = NULL}};

const struct scenario file_scenarios[] = {
    {"npy save", save, 0, "y.npy", NULL, NULL},
    {"npy save over", save, 0, "y.npy", "old.npy", NULL},
    {"npy save, strided", save_strided, 0, "y.npy", "old.npy", NULL},
    {"npy partial", create_partial, 0, "y.npy", NULL, NULL},
    {"npy partial over", create_partial, 0, "y.npy", "old.npy", NULL},
    {"npy create", create_named, 0, NULL, NULL, NULL},
    {"npy put", put_rows, 0, "y.npy", "x.npy", rows_are_whole},
    {"npz save", npz_stored, 0, "y.npz", NULL, NULL},
    {"npz save over", npz_deflated, 0, "y.npz", "old.npy", NULL},
    {"npz read", npz_read_stored, 0, NULL, NULL, NULL},
    {"npz read, deflated", npz_read_deflated, 0, NULL, NULL, NULL},
    {"npz r+", npz_write_into, 0, NULL, NULL, NULL},
    {"npz load many", npz_many, 0, NULL, NULL, NULL},
    {"joblib save", joblib_plain, 0, "y.joblib", NULL, NULL},
    {"joblib save over", joblib_zlib, 0, "y.joblib", "old.npy", NULL},
    {"joblib save, xz", joblib_xz, 0, "y.joblib", NULL, NULL},
    {"joblib read", joblib_read_plain, 0, NULL, NULL, NULL},
    {"joblib read, zlib", joblib_read_zlib, 0, NULL, NULL, NULL},
    {"joblib read, xz", joblib_read_xz, 0, NULL, NULL, NULL},
    {"joblib read, lz4", joblib_read_lz4, 0, NULL, NULL, NULL},
    {"convert", convert, 0, "y.joblib", "old.npy", NULL},
    {.name = NULL}};
