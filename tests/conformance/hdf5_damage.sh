#!/bin/sh
# HDF5 files that are damaged: see hdf5_damage.py.
check=tests/conformance/hdf5_check
. "${srcdir:-.}/tests/conformance/python.sh"
needs_built "$check" HDF5
needs h5py h5py python3-h5py
exec "$python" "${srcdir:-.}/tests/conformance/hdf5_damage.py" "$check"
