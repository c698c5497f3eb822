/* Datasets of HDF5 files. */
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/hdf5.h>

static int made(const char *path, const struct foray_hdf5_options *options,
                struct foray_error *err)
{
    struct foray_array x = numbers();

    return foray_hdf5_save(NULL, path, "a", &x, options, err);
}

static int save(struct foray_error *err)
{
    return made(scenario_path("y.h5"),
                &(struct foray_hdf5_options){.overwrite = true}, err);
}

static int save_deflated(struct foray_error *err)
{
    return made(scenario_path("y.h5"),
                &(struct foray_hdf5_options){.deflate = 3,
                                             .shuffle = true,
                                             .overwrite = true,
                                             .chunk = {16, 16}},
                err);
}

/* What the change has nothing to do with is there, and right. */
static int others_are_whole(struct foray_error *err)
{
    const char *path = scenario_path("y.h5");
    struct foray_array x = {0};

    return close_numbers(
        &x, foray_hdf5_load(&x, NULL, path, "packed", NULL, err), err);
}

/* Another dataset into a file that is there. */
static int add(struct foray_error *err)
{
    struct foray_array x = numbers();

    return foray_hdf5_save(NULL, scenario_path("y.h5"), "group/b", &x,
                           &(struct foray_hdf5_options){.overwrite = true},
                           err);
}

/* Is there with its zeros before anything is stored into it. */
static int create(struct foray_error *err)
{
    const char *path = scenario_path("y.h5");
    struct foray_array x = numbers(), y = {0};
    int code = foray_hdf5_create(&y, NULL, path, "a", FORAY_F64, 2, x.shape,
                                 NULL, err);

    if (!code)
        code = foray_array_copy(&y, &x, err);
    code = code ? first_of(code, foray_array_close(&y, NULL))
                : close_numbers(&y, 0, err);
    unlink(path);
    return code;
}

static int append(struct foray_error *err)
{
    struct foray_array x = numbers();

    return foray_hdf5_append(NULL, scenario_path("y.h5"), "rows", &x, err);
}

static int strings(struct foray_error *err)
{
    const char *const words[] = {"one", "two", "three"};
    struct foray_hdf5_strings found = {0};
    const char *path = scenario_path("y.h5");
    int code = foray_hdf5_save_strings(
        NULL, path, "words", words, 3,
        &(struct foray_hdf5_options){.overwrite = true}, err);

    if (!code)
        code = foray_hdf5_load_strings(&found, NULL, path, "words", err);
    if (!code && (found.n != 3 || strcmp(found.items[2], "three") != 0))
        code = broken(err, "strings without an error are others");
    foray_hdf5_strings_free(&found);
    return code;
}

static int attributes(struct foray_error *err)
{
    struct foray_hdf5_attribute attribute = {
        .name = "n", .dtype = FORAY_F64, .values = &(double){7}};
    struct foray_hdf5_attributes found = {0};
    const char *path = scenario_path("y.h5");
    int code =
        foray_hdf5_write_attributes(NULL, path, "rows", &attribute, 1, err);

    if (!code)
        code = foray_hdf5_read_attributes(&found, NULL, path, "rows", err);
    if (!code && (found.n != 1 || *(const double *)found.items->values < 7))
        code = broken(err, "attributes without an error are others");
    foray_hdf5_attributes_free(&found);
    return code;
}

static int read_all(struct foray_error *err)
{
    const char *path = scenario_input("x.h5");
    struct foray_dataset_list found = {0};
    struct foray_array x = {0};
    int code = foray_hdf5_list(&found, NULL, path, err);

    if (!code && found.n != 3)
        code = broken(err, "a list without an error is not whole");
    foray_dataset_list_free(&found);
    if (!code)
        code = close_numbers(
            &x, foray_hdf5_open(&x, NULL, path, "a", "r", NULL, err), err);
    if (!code)
        code = close_numbers(
            &x, foray_hdf5_load(&x, NULL, path, "packed", NULL, err), err);
    return code;
}

static void must(int code, const struct foray_error *err)
{
    if (!code)
        return;
    fprintf(stderr, "%s\n", err->msg);
    exit(99);
}

void hdf5_scenario_prepare(void)
{
    const char *path = scenario_input("x.h5");
    struct foray_array x = numbers();
    struct foray_error err;

    must(made(path, NULL, &err), &err);
    must(foray_hdf5_save(
             NULL, path, "packed", &x,
             &(struct foray_hdf5_options){.deflate = 1, .chunk = {16, 16}},
             &err),
         &err);
    must(foray_hdf5_save(NULL, path, "rows", &x,
                         &(struct foray_hdf5_options){.extendable = true},
                         &err),
         &err);
}

const struct scenario hdf5_scenarios[] = {
    {"hdf5 save", save, 0, "y.h5", NULL, NULL},
    {"hdf5 save, deflated", save_deflated, 0, "y.h5", NULL, NULL},
    {"hdf5 save over", save_deflated, 0, "y.h5", "x.h5", others_are_whole},
    {"hdf5 add", add, 0, "y.h5", "x.h5", others_are_whole},
    {"hdf5 create", create, 0, NULL, NULL, NULL},
    {"hdf5 append", append, 0, "y.h5", "x.h5", others_are_whole},
    {"hdf5 strings", strings, 0, "y.h5", NULL, NULL},
    {"hdf5 attributes", attributes, 0, "y.h5", "x.h5", others_are_whole},
    {"hdf5 read", read_all, 0, NULL, NULL, NULL},
    {.name = NULL}};
