/* Saving: an array as a .npy file that is the old one or the whole new one. */
#include "storage/save.h"

#include <stdlib.h>

#include <foray/storage.h>

#include "array/npy.h"
#include "base/error.h"
#include "storage/draft.h"
#include "storage/file.h"
#include "storage/make.h"
#include "storage/pages.h"

/* What np.save writes. Nothing is mapped: a write that fails is an error code,
 * on every file system. */
static int put(int fd, const char *name, const void *arg,
               struct foray_error *err)
{
    struct foray__sink sink = {.fd = fd, .name = name};
    const struct foray_array *array = arg;
    struct foray__layout layout;
    size_t offset, length;
    char *header;
    int code = 0;

    foray__layout_of(&layout, array);
    FORAY_TRY(foray__npy_format(&header, &offset, layout.descr,
                                layout.fortran_order, layout.ndim, layout.shape,
                                64, err));
    length = offset + foray_array_nbytes(array);
    if (!foray__lies_in_memory(fd))
        code = foray__reserve(fd, length, name, err);
    if (!code)
        code = foray__sink_put(&sink, 0, header, offset, err);
    if (!code)
        code = foray__sink_put_array(&sink, offset, array, err);
    free(header);
    return foray__explain_full(code, fd, length, name, err);
}

int foray__save(const char *path, foray__save_fn save, const void *arg,
                struct foray_error *err)
{
    char tail[FORAY__TAIL_SIZE], *absolute;
    struct foray__draft draft;
    int code;

    FORAY_TRY(foray__absolute(&absolute, path, err));
    code = foray__draft_open(&draft, absolute, 0666, err);
    if (!code) {
        code = save(draft.fd, foray__tail(tail, absolute), arg, err);
        if (!code)
            code = foray__file_sync(draft.fd, absolute, err);
        if (!code)
            code = foray__draft_install(&draft, absolute, err);
        if (!code)
            foray__folder_sync(absolute);
        foray__draft_drop(&draft);
    }
    free(absolute);
    return code;
}

int foray_array_save(const struct foray_array *array, const char *path,
                     struct foray_error *err)
{
    return foray__save(path, put, array, err);
}
