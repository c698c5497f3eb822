#!/bin/sh
# The samples, and what the fuzzer once made of them, through the fuzz target.
exec tests/fuzz/replay_image "${srcdir:-.}"/data/image \
    "${srcdir:-.}"/tests/fuzz/corpus/image
