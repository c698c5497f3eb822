#!/bin/sh
# LLVM's OpenMP runtime.
names=omp
file="/usr/lib/*-linux-gnu/libomp.so.5 /usr/lib/llvm-*/lib/libomp.so.5
    /usr/lib64/libomp.so"
. "${srcdir:-.}/tests/runtimes/fork.sh"
find_file
# LeakSanitizer faults at exit of any program that loaded this runtime by dlopen,
# unless it leaves thread-local storage alone.
ASAN_OPTIONS=intercept_tls_get_addr=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export ASAN_OPTIONS
no_hang
exit $failed
