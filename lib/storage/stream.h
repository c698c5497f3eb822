/* Copying more bytes than a cache holds. */
#ifndef FORAY_STORAGE_STREAM_H
#define FORAY_STORAGE_STREAM_H

#include <stddef.h>

/* As memcpy; large copies bypass the cache, which spares reading the
 * destination first. */
void foray__stream_copy(void *dst, const void *src, size_t nbytes);

#endif
