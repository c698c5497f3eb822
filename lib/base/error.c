#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void clear(struct foray_error *err, int code, int sys_errno)
{
    memset(err, 0, sizeof *err);
    err->code = code;
    err->sys_errno = sys_errno;
    err->task = -1;
    err->worker = -1;
}

/* One line, and nothing that a terminal obeys: names and values are others'. */
static void clean_words(char *words)
{
    for (; *words; words++)
        if ((unsigned char)*words < 0x20 || *words == 0x7f)
            *words = '?';
}

void foray__error_fill(struct foray_error *err, int code, const char *fmt, ...)
{
    va_list args;

    if (!err)
        return;
    clear(err, code, 0);
    va_start(args, fmt);
    vsnprintf(err->msg, sizeof err->msg, fmt, args);
    va_end(args);
    clean_words(err->msg);
}

static int code_of_errno(int sys_errno)
{
    switch (sys_errno) {
    case ENOMEM:
        return FORAY_ENOMEM;
    case ENOENT:
    case ENOTDIR:
        return FORAY_ENOENT;
    case EACCES:
    case EPERM:
    case EROFS:
        return FORAY_EACCES;
    case EEXIST:
        return FORAY_EEXIST;
    case EIO:
        return FORAY_EIO;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return FORAY_ENOSPC;
    case EAGAIN:
    case EMFILE:
    case ENFILE:
        return FORAY_EAGAIN;
    default:
        return FORAY_ESYSTEM;
    }
}

int foray__fail_errno(struct foray_error *err, int sys_errno, const char *fmt,
                      ...)
{
    int code = code_of_errno(sys_errno);
    char text[64];
    size_t used;
    va_list args;

    if (!err)
        return code;
    clear(err, code, sys_errno);
    va_start(args, fmt);
    vsnprintf(err->msg, sizeof err->msg, fmt, args);
    va_end(args);
    clean_words(err->msg);
    used = strlen(err->msg);
    snprintf(err->msg + used, sizeof err->msg - used, ": %s",
             strerror_r(sys_errno, text, sizeof text));
    return code;
}

void foray__frames_copy(struct foray_frames *out, const void *bytes)
{
    memcpy(out, bytes, sizeof *out);
    if (out->n < 0 || out->n > FORAY_ERROR_FRAMES)
        out->n = 0;
    for (int i = 0; i < FORAY_ERROR_MODULES; i++)
        out->names[i][FORAY_ERROR_MODULE_SIZE - 1] = '\0';
}

void foray__error_copy(struct foray_error *out, const void *bytes)
{
    const struct foray_error *from = bytes;

    memcpy(out, from, sizeof *out);
    out->msg[FORAY_ERROR_MSG_SIZE - 1] = '\0';
    foray__frames_copy(&out->frames, &from->frames);
    if (!out->code)
        out->code = FORAY_ECRASH;
}

const char *foray__tail(char buffer[FORAY__TAIL_SIZE], const char *path)
{
    size_t length = strlen(path);

    if (length < FORAY__TAIL_SIZE)
        return path;
    snprintf(buffer, FORAY__TAIL_SIZE, "...%s",
             path + length - (FORAY__TAIL_SIZE - 4));
    return buffer;
}
