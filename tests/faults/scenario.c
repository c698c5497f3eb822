#include "scenario.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "helpers.h"

const char *scenario_input(const char *name)
{
    return test_path(name);
}

const char *scenario_folder(void)
{
    static char path[256];

    if (!path[0]) {
        snprintf(path, sizeof path, "%s/made", test_folder());
        mkdir(path, 0700);
    }
    return path;
}

const char *scenario_path(const char *name)
{
    static char ring[8][512];
    static int next;
    char *path = ring[next++ % 8];

    snprintf(path, sizeof ring[0], "%s/%s", scenario_folder(), name);
    return path;
}

static int remove_entry(const char *path, const struct stat *st, int type,
                        struct FTW *ftw)
{
    (void)st;
    (void)type;
    return ftw->level ? remove(path) : 0;
}

void scenario_clear(void)
{
    nftw(scenario_folder(), remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

int broken(struct foray_error *err, const char *what)
{
    if (err)
        snprintf(err->msg, sizeof err->msg, "%s", what);
    return BROKEN;
}

int first_of(int code, int later)
{
    return code ? code : later;
}

struct foray_array numbers(void)
{
    static double cells[CELLS];
    struct foray_array array;

    for (int i = 0; i < CELLS; i++)
        cells[i] = i;
    if (foray_array_wrap(&array, cells, FORAY_F64, 2, (size_t[]){ROWS, COLUMNS},
                         NULL))
        abort();
    return array;
}

int are_numbers(const struct foray_array *array)
{
    if (array->dtype != FORAY_F64 || array->ndim != 2 ||
        array->shape[0] != ROWS || array->shape[1] != COLUMNS)
        return 0;
    for (size_t i = 0; i < CELLS; i++) {
        double x;

        memcpy(&x, foray_at2(array, i / COLUMNS, i % COLUMNS), sizeof x);
        if ((size_t)x != i)
            return 0;
    }
    return 1;
}

int close_numbers(struct foray_array *array, int code, struct foray_error *err)
{
    int right;

    if (code)
        return array->segment ? broken(err, "what failed left an array") : code;
    right = are_numbers(array);
    code = foray_array_close(array, err);
    return code || right ? code : broken(err, "the array is not what it was");
}

static void save(const char *name, const struct foray_array *array)
{
    struct foray_error err;

    if (!foray_array_save(array, scenario_input(name), &err))
        return;
    fprintf(stderr, "%s\n", err.msg);
    exit(99);
}

/* Without the library of the compressor there is a file that is not. */
static int save_compressed(const char *compress, const char *file,
                           const struct foray_named_array *arrays,
                           struct foray_error *err)
{
    const char *path = scenario_input(file);
    int code = foray_joblib_save(
        path, arrays, 2, &(struct foray_joblib_options){.compress = compress},
        err);

    return code == FORAY_ENOTSUP ? foray_joblib_save(path, arrays, 2, NULL, err)
                                 : code;
}

void scenario_prepare(void)
{
    const char *modules = scenario_input("modules");
    static uint8_t pixels[40 * 40];
    struct foray_array x = numbers(), image;
    struct foray_named_array named[] = {{"a", &x}, {"b", &x}};
    struct foray_error err;

    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * i / 7);
    if (foray_array_wrap(&image, pixels, FORAY_U8, 2, (size_t[]){40, 40}, &err))
        abort();
    mkdir(modules, 0700);
    setenv("XDG_CACHE_HOME", modules, 1);
    save("x.npy", &x);
    save("old.npy", &image);
    if (foray_npz_save(scenario_input("x.npz"), named, 2, NULL, &err) ||
        foray_npz_save(scenario_input("small.npz"), named, 2,
                       &(struct foray_npz_options){.deflate = 1}, &err) ||
        foray_joblib_save(scenario_input("x.joblib"), named, 2, NULL, &err) ||
        save_compressed("zlib", "small.joblib", named, &err) ||
        save_compressed("xz", "xz.joblib", named, &err) ||
        save_compressed("lz4", "lz4.joblib", named, &err)) {
        fprintf(stderr, "%s\n", err.msg);
        exit(99);
    }
}
