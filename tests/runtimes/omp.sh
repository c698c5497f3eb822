#!/bin/sh
# LLVM's OpenMP runtime.
names=omp
file="/usr/lib/*-linux-gnu/libomp.so.5 /usr/lib/llvm-*/lib/libomp.so.5
    /usr/lib64/libomp.so"
. "${srcdir:-.}/tests/runtimes/fork.sh"
find_file
no_hang
exit $failed
