#!/bin/sh
# Every file of the corpus, and NumPy's own, through the fuzz target.
exec tests/fuzz/replay_npy "${srcdir:-.}/tests/fuzz/corpus/npy" \
    "${srcdir:-.}/data/npy"
