/* The parent's side of captured output; the worker's is capture_worker.c. */
#include "engine/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <foray/storage.h>

#include "base/error.h"
#include "engine/capture_text.h"
#include "engine/crew.h"
#include "storage/file.h"

struct foray__capture {
    int fd;
    uint64_t task; /* that `came` belongs to */
    struct foray__output came;
};

static int open_file(int *out, const char *folder, struct foray_error *err)
{
    struct foray_folder place;
    int fd;

    FORAY_TRY(foray_folder_choose(&place, folder, FORAY__CAPTURE_MOST, err));
    FORAY_TRY(foray__file_nameless(&fd, place.path, err));
    /* Children of a task and the worker write to it at once, and it shrinks
     * between two calls: everybody writes at its end. */
    *out = fd;
    return fcntl(fd, F_SETFL, O_APPEND)
               ? foray__fail_errno(err, errno, "cannot capture output")
               : 0;
}

int foray__capture_open(struct foray__crew *crew, struct foray_error *err)
{
    int n = crew->pool->n_jobs, code = 0;

    if (crew->captures || crew->threads)
        return 0;
    crew->captures = calloc((size_t)n, sizeof *crew->captures);
    if (!crew->captures)
        return foray__fail(err, FORAY_ENOMEM, "no memory for a pool");
    for (int slot = 0; slot < n; slot++)
        crew->captures[slot].fd = -1;
    for (int slot = 0; slot < n && !code; slot++)
        code = open_file(&crew->captures[slot].fd,
                         crew->pool->config.temp_folder, err);
    if (code)
        foray__capture_close(crew);
    return code;
}

void foray__capture_close(struct foray__crew *crew)
{
    for (int slot = 0; crew->captures && slot < crew->pool->n_jobs; slot++) {
        if (crew->captures[slot].fd >= 0)
            close(crew->captures[slot].fd);
        free(crew->captures[slot].came.text);
    }
    free(crew->captures);
    crew->captures = NULL;
}

void foray__capture_tell(struct foray__crew *crew, int slot)
{
    if (crew->captures &&
        !foray__crew_tell(crew, slot, FORAY__CAPTURE_SEGMENT,
                          FORAY__ACCESS_OUTPUT, crew->captures[slot].fd, 0))
        foray__crew_kill(crew, slot);
}

static bool allocate(struct foray__output *out, size_t size)
{
    out->text = malloc(size + 1);
    out->size = out->text ? size : 0;
    out->lost = !out->text;
    if (out->text)
        out->text[size] = '\0';
    return out->text != NULL;
}

void foray__capture_put(struct foray__crew *crew, int slot,
                        const struct foray__record *record)
{
    const struct foray__output_record *from = (const void *)(record + 1);
    struct foray__capture *capture = &crew->captures[slot];

    free(capture->came.text);
    memset(&capture->came, 0, sizeof capture->came);
    capture->task = record->task;
    if (record->size >= sizeof *record + sizeof *from &&
        from->size <= record->size - sizeof *record - sizeof *from &&
        allocate(&capture->came, (size_t)from->size))
        memcpy(capture->came.text, from->bytes, capture->came.size);
}

struct foray__output foray__capture_take(struct foray__crew *crew, int slot,
                                         uint64_t task, bool is_dead)
{
    struct foray__capture *capture = &crew->captures[slot];
    struct foray__output output = {0};
    size_t size;

    if ((capture->came.text || capture->came.lost) && capture->task == task) {
        output = capture->came;
        memset(&capture->came, 0, sizeof capture->came);
        return output;
    }
    size = is_dead ? foray__capture_text_size(capture->fd) : 0;
    if (size && allocate(&output, size))
        foray__capture_text(output.text, size, capture->fd);
    return output;
}
