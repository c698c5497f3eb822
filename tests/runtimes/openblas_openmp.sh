#!/bin/sh
# OpenBLAS over libgomp.
names='openblas gomp'
file="/usr/lib/*-linux-gnu/openblas-openmp/libopenblas.so.0
    /usr/lib64/libopenblaso.so.0"
. "${srcdir:-.}/tests/runtimes/fork.sh"
find_file
no_hang
expect 3 local leave 2 # or this test could not fail
exit $failed
