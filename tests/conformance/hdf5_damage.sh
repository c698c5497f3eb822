#!/bin/sh
# HDF5 files that are damaged: see hdf5_damage.py.
check=tests/conformance/hdf5_check
python=/usr/bin/python3
if [ ! -x "$check" ]; then
    echo "skipped: built without HDF5"
    exit 77
fi
if ! "$python" -c 'import h5py' 2>/dev/null; then
    echo "skipped: $python has no h5py (Debian: python3-h5py)"
    exit 77
fi
exec "$python" "${srcdir:-.}/tests/conformance/hdf5_damage.py" "$check"
