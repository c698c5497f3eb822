/* Bytes of like weight together: the filter shuffle. */
#ifndef FORAY_HDF5_SHUFFLE_H
#define FORAY_HDF5_SHUFFLE_H

#include <stddef.h>

/* All first bytes of the elements, then all second ones, ... What is left
 * behind the last whole element stays where it is. No overlap. */
void foray__h5_shuffle(void *out, const void *in, size_t nbytes, size_t size);
void foray__h5_unshuffle(void *out, const void *in, size_t nbytes, size_t size);

#endif
