#include "hdf5/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 6 };

const char *foray__h5_given(const char *name)
{
    return name && *name ? name : "/data";
}

struct foray__h5_name foray__h5_name(const char *path, const char *name)
{
    struct foray__h5_name out;
    char tail[FORAY__TAIL_SIZE];
    const char *given = foray__h5_given(name);

    snprintf(out.text, sizeof out.text, "%.100s:%s%.80s",
             foray__tail(tail, path), *given == '/' ? "" : "/", given);
    return out;
}

struct visit {
    foray__h5_visit_fn fn;
    void *arg;
};

static herr_t visit_object(hid_t file, const char *name, const H5O_info_t *info,
                           void *arg)
{
    struct visit *visit = arg;

    (void)file;
    /* A positive value ends the visit without being the library's error. */
    return info->type == H5O_TYPE_DATASET ? -visit->fn(name, visit->arg) : 0;
}

int foray__h5_visit(hid_t file, const char *path, foray__h5_visit_fn fn,
                    void *arg, struct foray_error *err)
{
    struct visit visit = {fn, arg};
    char tail[FORAY__TAIL_SIZE];
#if H5_VERSION_GE(1, 12, 0)
    herr_t code = H5Ovisit3(file, H5_INDEX_NAME, H5_ITER_INC, visit_object,
                            &visit, H5O_INFO_BASIC);
#else
    herr_t code = H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, visit_object,
                            &visit, H5O_INFO_BASIC);
#endif

    if (code < 0)
        return foray__h5_fail(err, FORAY_EFORMAT,
                              "the groups of %s are damaged",
                              foray__tail(tail, path));
    return -code;
}

/* Each group on the way is asked for the next name: the library takes a missing
 * one in between for an error. */
int foray__h5_exists(hid_t file, const char *name)
{
    char *path = strdup(name);
    int found = path ? 1 : -1;

    for (char *end = path; path && found > 0 && *end;) {
        char kept;

        while (*end == '/')
            end++;
        while (*end && *end != '/')
            end++;
        kept = *end;
        *end = '\0';
        if (strspn(path, "/") != strlen(path)) {
            htri_t link = H5Lexists(file, path, H5P_DEFAULT);

            /* A link may lead nowhere. */
            found = link > 0 ? H5Oexists_by_name(file, path, H5P_DEFAULT)
                             : (int)link;
        }
        *end = kept;
    }
    free(path);
    return found;
}

struct names {
    char text[300];
    int n;
};

static int add_name(const char *name, void *arg)
{
    struct names *names = arg;
    size_t used = strlen(names->text);

    if (names->n++ < SHOWN)
        snprintf(names->text + used, sizeof names->text - used, "%s/%.40s",
                 used ? ", " : "", name);
    return 0;
}

static int refuse(hid_t file, const char *path, const char *name,
                  struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];
    struct names names = {{0}, 0};

    FORAY_TRY(foray__h5_visit(file, path, add_name, &names, err));
    if (!names.n)
        return foray__fail(err, FORAY_ENOENT, "%s has no datasets",
                           foray__tail(tail, path));
    return foray__fail(err, FORAY_ENOENT,
                       "%s has no dataset %.80s: it has "
                       "%s%s",
                       foray__tail(tail, path), name, names.text,
                       names.n > SHOWN ? ", ..." : "");
}

int foray__h5_dataset(hid_t *dataset, hid_t file, const char *path,
                      const char *name, struct foray_error *err)
{
    struct foray__h5_name shown = foray__h5_name(path, name);
    int found = foray__h5_exists(file, foray__h5_given(name));
    hid_t object;

    *dataset = -1;
    if (!found)
        return refuse(file, path, foray__h5_given(name), err);
    object = H5Oopen(file, foray__h5_given(name), H5P_DEFAULT);
    if (object < 0)
        return foray__h5_fail(err, FORAY_EFORMAT, "cannot open %s", shown.text);
    if (H5Iget_type(object) == H5I_DATASET) {
        *dataset = object;
        return 0;
    }
    foray__h5_close(object);
    return foray__fail(err, FORAY_ENOENT, "%s is a group, not a dataset",
                       shown.text);
}
