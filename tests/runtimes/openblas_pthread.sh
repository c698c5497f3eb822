#!/bin/sh
# OpenBLAS with threads of its own.
names=openblas
file="/usr/lib/*-linux-gnu/openblas-pthread/libopenblas.so.0
    /usr/lib64/libopenblasp.so.0"
. "${srcdir:-.}/tests/runtimes/fork.sh"
find_file
no_hang
exit $failed
