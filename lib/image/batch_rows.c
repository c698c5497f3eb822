/* Rows of an index: what became of an image, in a word and in a sentence. */
#include <foray/hog_batch.h>

#include <stdlib.h>
#include <string.h>

const char *foray_image_status_name(enum foray_image_status status)
{
    switch (status) {
#define STATUS_NAME(name, word)                                                \
    case FORAY_IMAGE_STATUS_##name:                                            \
        return word;
        FORAY_IMAGE_STATUS_MAP(STATUS_NAME)
#undef STATUS_NAME
    }
    return "unknown";
}

enum foray_image_status foray_image_status_of(int code)
{
    switch (code) {
    case 0:
        return FORAY_IMAGE_STATUS_OK;
    case FORAY_ENOENT:
        return FORAY_IMAGE_STATUS_MISSING;
    case FORAY_ENOTSUP:
    case FORAY_EDTYPE:
        return FORAY_IMAGE_STATUS_UNSUPPORTED;
    case FORAY_ETRUNCATED:
        return FORAY_IMAGE_STATUS_TRUNCATED;
    case FORAY_EFORMAT:
        return FORAY_IMAGE_STATUS_CORRUPT;
    case FORAY_ETOOLARGE:
    case FORAY_ENOMEM:
        return FORAY_IMAGE_STATUS_TOO_LARGE;
    case FORAY_ETOOSMALL:
        return FORAY_IMAGE_STATUS_TOO_SMALL;
    case FORAY_ESHAPE:
        return FORAY_IMAGE_STATUS_WRONG_SIZE;
    case FORAY_ETIMEDOUT:
        return FORAY_IMAGE_STATUS_TIMEOUT;
    case FORAY_ECRASH:
    case FORAY_EEXIT:
        return FORAY_IMAGE_STATUS_CRASHED;
    case FORAY_ECANCELED:
        return FORAY_IMAGE_STATUS_NOT_RUN;
    default:
        return FORAY_IMAGE_STATUS_UNREADABLE;
    }
}

void foray_hog_rows_clear(struct foray_hog_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(rows[i].message);
    if (n)
        memset(rows, 0, n * sizeof *rows);
}
