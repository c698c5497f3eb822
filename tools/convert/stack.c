#include "convert/stack.h"

#include <stdlib.h>

#include <foray/call.h>
#include <foray/image.h>
#include <foray/parallel.h>
#include <foray/storage.h>

#include "images/inputs.h"
#include "shell/message.h"

/* Decode image `path` into element `index` of the stack. */
static int read_image(struct foray_task *task)
{
    const char *path = foray_task_str(task, 0);
    size_t index = (size_t)foray_task_i64(task, 1);
    const struct foray_array *stack = foray_task_array(task, 2);
    struct foray_image *image = NULL;
    struct foray_array place;
    struct foray_error err;
    int code;

    code = foray_image_new(&image, &err);
    if (!code)
        code = foray_image_read(image, path, NULL, &err);
    if (!code)
        code = foray_array_index(&place, stack, 0, index, &err);
    if (!code)
        code = foray_array_copy(&place, foray_image_pixels(image), &err);
    if (code)
        foray_task_raise(task, &err);
    foray_image_free(image);
    return code;
}

/* The array that all images fit into, by their headers. */
static int make_stack(struct foray_array *out, const struct inputs *images,
                      struct foray_error *err)
{
    struct foray_image_info first = {0}, info;
    size_t shape[4] = {images->n, 0, 0, 0};
    int channels;

    for (size_t i = 0; i < images->n; i++) {
        if (foray_image_info(&info, images->paths[i], err))
            return err->code;
        if (!i)
            first = info;
        if (info.rows != first.rows || info.cols != first.cols ||
            info.channels != first.channels || info.bits != first.bits)
            return message_error(err, FORAY_ESHAPE,
                                 "%s and %s differ in size, channels or bits: "
                                 "only equal ones make a stack",
                                 images->paths[i], images->paths[0]);
    }
    channels = first.channels - first.alpha;
    shape[1] = first.rows;
    shape[2] = first.cols;
    shape[3] = (size_t)channels;
    return foray_array_create(out, NULL,
                              first.bits == 16 ? FORAY_U16 : FORAY_U8,
                              channels == 1 ? 3 : 4, shape, err);
}

static int fill_stack(const struct foray_array *stack,
                      const struct inputs *images, struct foray_pool *pool,
                      struct foray_error *err)
{
    struct foray_call *calls = calloc(images->n, sizeof *calls);
    int code;

    if (!calls)
        return message_error(err, FORAY_ENOMEM, "no memory for %zu images",
                             images->n);
    for (size_t i = 0; i < images->n; i++)
        calls[i] =
            foray_delayed(read_image, images->paths[i], (int64_t)i, stack);
    code = foray_parallel(pool, calls, images->n, NULL, err);
    free(calls);
    return code;
}

int stack_open(struct foray_array *out, const char *folder,
               struct foray_pool *pool, struct foray_error *err)
{
    struct inputs images = {0};
    int code = 0;

    if (inputs_add(&images, folder, false) || !images.n)
        code = message_error(err, FORAY_ENOENT, "%s holds no images", folder);
    if (!code)
        code = make_stack(out, &images, err);
    if (!code) {
        code = fill_stack(out, &images, pool, err);
        if (code)
            foray_array_close(out, NULL);
    }
    inputs_free(&images);
    return code;
}
