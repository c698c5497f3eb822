/* HOG features of images, a call for each: foray_delayed(get_hog, path). An
 * image that cannot be read is an error of its call, and of no other. */
#include <foray.h>
#include <foray/hog.h>
#include <foray/image.h>
#include <stdio.h>
#include <stdlib.h>

static int get_hog(struct foray_task *task)
{
    struct foray_image *image = NULL;
    struct foray_hog *hog = NULL;
    struct foray_array features = {0}; /* in memory that becomes the result's */
    struct foray_error err;
    size_t n;
    int code;

    if (foray_image_new(&image, &err) ||
        foray_image_read(image, foray_task_str(task, 0), NULL, &err) ||
        foray_hog_new(&hog, &(struct foray_hog_options){0}, &err) ||
        foray_hog_length(&n, hog, foray_image_pixels(image)->shape[0],
                         foray_image_pixels(image)->shape[1], &err) ||
        foray_array_create(&features, NULL, FORAY_F64, 1, &n, &err) ||
        foray_hog_compute(hog, foray_image_pixels(image), &features, &err)) {
        foray_array_close(&features, NULL);
        code = foray_task_raise(task, &err);
    } else {
        code = foray_return(task, &features);
    }
    foray_hog_free(hog);
    foray_image_free(image);
    return code;
}

static void print(const struct foray_result *result)
{
    const struct foray_array *hog = foray_result_array(result, 0);

    if (result->code)
        printf("%s\n", foray_result_error(result)->msg);
    else
        printf("%zu features, the first is %.4f\n", hog->shape[0],
               FORAY_AT(hog, double, 0));
}

static int next_path(struct foray_slot *slot, void *arg)
{
    char ***paths = arg;

    return **paths ? foray_produce(slot, foray_delayed(get_hog, *(*paths)++))
                   : 0;
}

int main(int argc, char **argv)
{
    char **paths = argv + (argc > 0);
    struct foray_iterator iterator = {
        .next = next_path, .next_arg = &paths, .on_error = FORAY_SKIP};
    struct foray_pool *pool = NULL;
    struct foray_run *run = NULL;
    struct foray_result result;
    struct foray_error err = {0};

    if (!foray_pool_open(&pool, NULL, &err) &&
        !foray_run_start(&run, pool, &iterator, &err))
        while (foray_run_next(run, &result, &err) > 0) {
            print(&result);
            foray_result_free(&result);
        }
    if (err.code)
        fprintf(stderr, "%s\n", err.msg);
    foray_run_drop(run, NULL);
    foray_pool_close(pool);
    return err.code != 0;
}
