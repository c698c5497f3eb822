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
# A process that ends without exit handlers, as a forked child does, leaves the
# runtime's registration in shared memory: __KMP_REGISTERED_LIB_PID_UID.
sweep()
{
    for entry in /dev/shm/__KMP_REGISTERED_LIB_*; do
        pid=${entry#*_LIB_}
        pid=${pid%_*}
        [ -O "$entry" ] && [ ! -e "/proc/$pid" ] && rm -f "$entry"
    done
    return 0
}
trap sweep EXIT
no_hang
exit $failed
