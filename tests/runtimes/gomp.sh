#!/bin/sh
# libgomp loaded by dlopen: no symbol of it can be seen when loaded locally.
names=gomp
file="/usr/lib/*-linux-gnu/libgomp.so.1 /usr/lib64/libgomp.so.1
    /usr/lib/libgomp.so.1"
. "${srcdir:-.}/tests/runtimes/fork.sh"
find_file
no_hang
expect 3 local leave 2 # or this test could not fail
exit $failed
