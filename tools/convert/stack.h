/* A folder of images as one array. */
#ifndef FORAY_TOOLS_CONVERT_STACK_H
#define FORAY_TOOLS_CONVERT_STACK_H

#include <foray/array.h>
#include <foray/pool.h>

/* Decode all images of a folder, which must be of one size and kind, in the
 * byte order of their names, by the workers.
 * Shape:  (images, rows, cols) or (images, rows, cols, channels), u8 or u16.
 * Owner: the caller closes. */
int stack_open(struct foray_array *out, const char *folder,
               struct foray_pool *pool, struct foray_error *err);

#endif
