/* What a file lacks of another. */
#include <foray/hdf5.h>

#include <stdlib.h>

#include "base/error.h"
#include "hdf5/crew.h"
#include "hdf5/dataset.h"
#include "hdf5/edit.h"
#include "hdf5/save_task.h"
#include "storage/file.h"

/* From the root of one file to that of another. */
struct copying {
    hid_t from, to, links;
    const char *path; /* of the former */
    struct foray_error *err;
};

/* What a hard link leads to is copied, any other link itself. */
static herr_t copy(hid_t root, const char *name, const H5L_info_t *info,
                   void *arg)
{
    const struct copying *copying = arg;
    htri_t there = H5Lexists(copying->to, name, H5P_DEFAULT);
    herr_t done = there < 0 ? -1 : 0;

    if (!there && info->type == H5L_TYPE_HARD)
        done =
            H5Ocopy(root, name, copying->to, name, H5P_DEFAULT, copying->links);
    else if (!there)
        done =
            H5Lcopy(root, name, copying->to, name, copying->links, H5P_DEFAULT);
    /* A positive value is an end that is not the library's error. */
    return done < 0 ? -foray__h5_fail(copying->err, FORAY_EIO, "cannot copy %s",
                                      foray__h5_name(copying->path, name).text)
                    : 0;
}

static int copy_all(struct copying *copying)
{
    char tail[FORAY__TAIL_SIZE];
    herr_t code;

    copying->links = foray__h5_links();
    code = H5Literate(copying->from, H5_INDEX_NAME, H5_ITER_INC, NULL, copy,
                      copying);
    foray__h5_close(copying->links);
    if (code < 0)
        return foray__h5_fail(copying->err, FORAY_EFORMAT,
                              "the groups of %s are damaged",
                              foray__tail(tail, copying->path));
    return -code;
}

static int complete_task(struct foray_task *task)
{
    enum { MAPPED = 64 }; /* as many bytes lie where they can be */
    const char *path = foray_task_str(task, 0), *from = foray_task_str(task, 1);
    struct foray_error err;
    struct copying copying = {.from = -1, .path = from, .err = &err};
    int code = foray__h5_open(&copying.to, path, true, MAPPED, &err);

    if (!code)
        code = foray__h5_open(&copying.from, from, false, 0, &err);
    if (!code)
        code = copy_all(&copying);
    foray__h5_leave(copying.from);
    code = foray__h5_finish(copying.to, path, code, &err);
    return foray__h5_answer(task, code, &err, 0, NULL);
}

static int complete(struct foray__h5_crew *crew, const char *from,
                    struct foray_error *err)
{
    struct foray__h5_edit edit;
    struct foray_result result;
    int code;

    crew->tail =
        foray__tail(crew->buffer, from); /* if one of them is damaged */
    FORAY_TRY(foray__h5_edit_begin(&edit, crew->path, true, err));
    code = foray__h5_crew_call(
        crew, foray_delayed(complete_task, edit.working, from), &result, err);
    if (!code)
        foray_result_free(&result);
    return foray__h5_edit_end(&edit, code, err);
}

int foray_hdf5_complete(struct foray_pool *pool, const char *path,
                        const char *from, struct foray_error *err)
{
    struct foray__h5_crew crew;
    char *source;
    int code;

    FORAY_TRY(foray__absolute(&source, from, err));
    code = foray__h5_crew_open(&crew, pool, path, err);
    if (!code) {
        code = complete(&crew, source, err);
        foray__h5_crew_close(&crew);
    }
    free(source);
    return code;
}
