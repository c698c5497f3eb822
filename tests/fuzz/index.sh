#!/bin/sh
# Every file of the corpus of indices through the fuzz target.
exec tests/fuzz/replay_index "${srcdir:-.}/tests/fuzz/corpus/index"
