#include "engine/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/capture_text.h"

/* Of this process. */
static struct {
    int file;    /* 0: none; descriptors of ours lie above the streams */
    int kept[2]; /* where output and error went before, -1: nowhere */
    bool on;
} self;

static size_t file_size(int file)
{
    struct stat status;

    return fstat(file, &status) || status.st_size < 0 ? 0
                                                      : (size_t)status.st_size;
}

/* "[1234 bytes cut]\n" for a file of `size` bytes; "" if it is short. */
static size_t write_mark(char out[64], size_t size)
{
    if (size <= FORAY__CAPTURE_MOST)
        return 0;
    return (size_t)snprintf(out, 64, "[%zu bytes cut]\n",
                            size - FORAY__CAPTURE_MOST);
}

static size_t text_size(size_t size)
{
    char mark[64];

    return size <= FORAY__CAPTURE_MOST
               ? size
               : FORAY__CAPTURE_MOST + write_mark(mark, size);
}

size_t foray__capture_text_size(int file)
{
    return text_size(file_size(file));
}

void foray__capture_text(char *out, size_t size, int file)
{
    size_t whole = file_size(file), used = 0;
    char mark[64];

    memset(out, 0, size); /* it may have shrunk since it was measured */
    if (size > FORAY__CAPTURE_MOST) {
        used = write_mark(mark, whole);
        used = used < size - FORAY__CAPTURE_MOST ? used
                                                 : size - FORAY__CAPTURE_MOST;
        memcpy(out, mark, used);
    }
    size -= used;
    whole = whole > size ? whole - size : 0;
    while (size) {
        ssize_t got = pread(file, out + used, size, (off_t)whole);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            memcpy(out + used, FORAY__CAPTURE_LOST,
                   size < sizeof FORAY__CAPTURE_LOST - 1
                       ? size
                       : sizeof FORAY__CAPTURE_LOST - 1);
        if (got <= 0)
            return;
        used += (size_t)got;
        whole += (size_t)got;
        size -= (size_t)got;
    }
}

void foray__capture_adopt(int file)
{
    self.file = file;
}

static void flush(void)
{
    if (__fpending(stdout))
        fflush(stdout);
    if (__fpending(stderr))
        fflush(stderr);
}

static void redirect(int from, int to)
{
    while (dup2(from, to) < 0 && errno == EINTR)
        ;
}

/* Lines, not blocks, are written at once: of a task that dies, too. */
static void begin_capture(void)
{
    for (int i = 0; i < 2; i++) {
        self.kept[i] = fcntl(STDOUT_FILENO + i, F_DUPFD_CLOEXEC, 3);
        redirect(self.file, STDOUT_FILENO + i);
    }
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}

static void end_capture(void)
{
    for (int i = 0; i < 2; i++) {
        if (self.kept[i] < 0) {
            close(STDOUT_FILENO + i);
            continue;
        }
        redirect(self.kept[i], STDOUT_FILENO + i);
        close(self.kept[i]);
    }
}

void foray__capture_switch(bool on)
{
    if (!self.file || on == self.on)
        return;
    flush();
    if (on)
        begin_capture();
    else
        end_capture();
    self.on = on;
}

void foray__capture_begin(void)
{
    if (self.file && file_size(self.file) && ftruncate(self.file, 0))
        return; /* then two calls' output comes together */
}

size_t foray__capture_end(void)
{
    size_t size;

    if (!self.file)
        return 0;
    flush();
    size = foray__capture_text_size(self.file);
    return size ? sizeof(struct foray__output_record) + size : 0;
}

void foray__capture_fill(struct foray__output_record *out, size_t size)
{
    out->size = size - sizeof *out;
    foray__capture_text(out->bytes, (size_t)out->size, self.file);
}
