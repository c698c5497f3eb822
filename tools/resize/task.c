#include "resize/task.h"

#include <pthread.h>
#include <string.h>

#include <foray/texts.h>

#include "data/output.h"
#include "resize/records.h"
#include "resize/times.h"
#include "shell/clock.h"
#include "shell/message.h"

/* Its input, k 0, or output, k 2. */
static const char *text_of(struct foray_task *task, int k)
{
    return foray_texts_at(foray_task_whole(task, k),
                          foray_task_whole(task, k + 1),
                          foray_task_index(task));
}

/* PNG keeps alpha, the others have none. */
static enum foray_color color_for(const struct resize_params *params,
                                  const char *output)
{
    bool png = params->format == FORAY_IMAGE_PNG ||
               (params->format == FORAY_IMAGE_UNKNOWN &&
                output_has_suffix(output, ".png"));

    if (params->image.color != FORAY_COLOR_DEFAULT)
        return params->image.color;
    return png ? FORAY_COLOR_ALL : FORAY_COLOR_DEFAULT;
}

/* `unwritten` is said of a full disk, say, and not of 16 bits. */
static int write_image(const struct foray_image *image,
                       const struct resize_params *params, const char *output,
                       struct resize_record *record, struct foray_error *err)
{
    int code = foray_image_write_as(foray_image_pixels(image), output,
                                    params->format, params->quality, err);

    record->unwritten = code && code != FORAY_EDTYPE && code != FORAY_ESHAPE;
    return code;
}

static int convert(struct foray_image *image,
                   const struct resize_params *params, const char *input,
                   const char *output, struct resize_record *record,
                   struct foray_error *err)
{
    struct foray_image_options options = params->image;
    struct foray_image_info info;
    int code;

    options.color = color_for(params, output);
    foray_image_note_stat(image, &record->bytes, &record->mtime_ns);
    code = foray_image_read(image, input, &options, err);
    if (!record->bytes && /* it could not be opened, or is empty */
        foray_image_stat(&record->bytes, &record->mtime_ns, input, NULL))
        record->bytes = 0;
    if (!code)
        info = *foray_image_last_info(image);
    else if (foray_image_info(&info, input, NULL))
        return code;
    record->rows = (uint32_t)info.rows;
    record->cols = (uint32_t)info.cols;
    return code ? code : write_image(image, params, output, record, err);
}

/* The decoder of each thread that runs tasks, kept from image to image: its
 * buffers are those of the largest. */
static pthread_key_t decoder;

static void free_decoder(void *image)
{
    foray_image_free(image);
}

static int get_decoder(struct foray_image **out, struct foray_error *err)
{
    int code = 0;

    *out = pthread_getspecific(decoder);
    if (!*out)
        code = foray_image_new(out, err);
    if (!code) /* without memory it is lost at the end */
        pthread_setspecific(decoder, *out);
    return code;
}

int resize_tasks_begin(struct foray_error *err)
{
    if (pthread_key_create(&decoder, free_decoder))
        return message_error(err, FORAY_ENOMEM, "out of memory");
    return 0;
}

/* This thread's: tasks may have run in it. */
void resize_tasks_end(void)
{
    foray_image_free(pthread_getspecific(decoder));
    pthread_setspecific(decoder, NULL);
}

int resize_task(struct foray_task *task)
{
    struct resize_record *record = foray_task_inout(task, 0)->data;
    const struct resize_params *params = foray_task_params(task);
    const char *output = text_of(task, 2);
    struct resize_time *time =
        params->timed ? foray_task_inout(task, 1)->data : NULL;
    double start = clock_now();
    struct foray_image *image;
    struct foray_error err;
    int code;

    if (record->done) /* by a try */
        return 0;
    memset(record, 0, sizeof *record);
    resize_time_begin(time, task);
    code = get_decoder(&image, &err);
    if (!code)
        foray_image_on_need(image, foray_image_reserve, task);
    if (!code)
        code = convert(image, params, text_of(task, 0), output, record, &err);
    record->seconds = (float)(clock_now() - start);
    resize_time_end(time);
    if (code)
        return foray_task_raise(task, &err);
    resize_record_done(record, output);
    return 0;
}
