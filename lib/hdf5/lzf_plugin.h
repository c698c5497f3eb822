/* LZF for the HDF5 library, which knows it as a plug-in only. */
#ifndef FORAY_HDF5_LZF_PLUGIN_H
#define FORAY_HDF5_LZF_PLUGIN_H

#include <hdf5.h>

enum { FORAY__H5_LZF_ID = 32000 };

/* Nothing is compressed by it: such chunks are stored as they are, which their
 * masks tell. */
void foray__h5_lzf_register(void);

#endif
