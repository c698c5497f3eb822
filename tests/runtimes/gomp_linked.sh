#!/bin/sh
# This compiler's OpenMP runtime, linked: gcc's libgomp, or clang's libomp.
program=./tests/runtimes/fork_linked file=linked names=omp
if [ -x $program ] && ldd $program | grep -q libgomp; then
    names=gomp
fi
. "${srcdir:-.}/tests/runtimes/fork.sh"
no_hang
if [ $names = gomp ]; then
    expect 3 global leave 2 # or this test could not fail
fi
exit $failed
