/* Files of joblib.dump. */
#include <foray/joblib.h>

#include <string.h>

#include "base/error.h"

static int refuse(const char *path, struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE];

    return foray__fail(err, FORAY_ENOTSUP,
                       "%s: joblib files are not read or written yet",
                       foray__tail(tail, path));
}

int foray_joblib_list(struct foray_dataset_list *out, const char *path,
                      struct foray_error *err)
{
    memset(out, 0, sizeof *out);
    return refuse(path, err);
}

int foray_joblib_open(struct foray_array *out, const char *path,
                      const char *name, const char *mode,
                      struct foray_error *err)
{
    (void)name;
    (void)mode;
    memset(out, 0, sizeof *out);
    return refuse(path, err);
}

int foray_joblib_load(struct foray_array *out, const char *path,
                      const char *name, struct foray_error *err)
{
    (void)name;
    memset(out, 0, sizeof *out);
    return refuse(path, err);
}

int foray_joblib_save(const char *path, const struct foray_named_array *arrays,
                      size_t n, const struct foray_joblib_options *options,
                      struct foray_error *err)
{
    (void)arrays;
    (void)n;
    (void)options;
    return refuse(path, err);
}
