#!/bin/sh
# Chunks, and what the fuzzer once made of them, through the fuzz target.
if [ ! -x tests/fuzz/replay_hdf5 ]; then
    echo "skipped: built without HDF5"
    exit 77
fi
exec tests/fuzz/replay_hdf5 "${srcdir:-.}"/tests/fuzz/corpus/hdf5
