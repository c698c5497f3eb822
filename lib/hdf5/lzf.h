/* LZF, the other compression that h5py writes: runs of bytes as they are, and
 * copies of bytes that came before. */
#ifndef FORAY_HDF5_LZF_H
#define FORAY_HDF5_LZF_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes that it unpacks to; 0: it is no LZF. */
size_t foray__lzf_size(const unsigned char *bytes, size_t size);

/* Whether the bytes unpack to `nbytes` and no other number of them. */
bool foray__lzf_unpack(const unsigned char *bytes, size_t size,
                       unsigned char *out, size_t nbytes);

#endif
