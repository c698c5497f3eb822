/* Headers of many images, read by several threads: opening files is what it
 * takes, and a disk or a server does many at once. */
#ifndef FORAY_IMAGE_HEADERS_H
#define FORAY_IMAGE_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include <foray/image.h>

struct foray__header {
    bool known;
    struct foray_image_info info;
};

/* Of n files, by at most that many threads, the caller's among them. Those in
 * archives are not looked at, nor is anything when there are no threads to be
 * had: what is not known afterwards the caller reads, and finds out why. The
 * threads have ended when this returns; they take no signals. */
void foray__headers_read(struct foray__header *out, const char *const *paths,
                         size_t n, int most_threads);

#endif
