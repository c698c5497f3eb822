#!/bin/sh
# Every file of the corpus through the fuzz target.
exec tests/fuzz/replay_npz "${srcdir:-.}/tests/fuzz/corpus/npz"
