#!/bin/sh
# Every file of the corpus through the fuzz target.
exec tests/fuzz/replay_tar "${srcdir:-.}/tests/fuzz/corpus/tar"
