/* Datasets as lists say them, of headers that were read. */
#ifndef FORAY_STORAGE_DATASET_H
#define FORAY_STORAGE_DATASET_H

#include <foray/dataset.h>

#include "array/npy.h"

/* All but its name, its layout, and where it lies. */
void foray__dataset_of_header(struct foray_dataset *out,
                              const struct foray__npy_header *header);

#endif
