/* Sizes as people read them in messages. */
#ifndef FORAY_STORAGE_SIZE_TEXT_H
#define FORAY_STORAGE_SIZE_TEXT_H

#include <stddef.h>

struct foray__size_text {
    char text[24];
};

/* "640 bytes", "1.5 GiB". */
struct foray__size_text foray__size_text(size_t nbytes);

#endif
