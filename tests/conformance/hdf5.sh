#!/bin/sh
# Datasets of HDF5 files against h5py: see hdf5.py.
check=tests/conformance/hdf5_check
. "${srcdir:-.}/tests/conformance/python.sh"
needs_built "$check" HDF5
needs h5py h5py python3-h5py
exec "$python" "${srcdir:-.}/tests/conformance/hdf5.py" "$check"
