#!/bin/sh
# Every file of the corpus of what comes back from workers and backends through the fuzz target.
exec tests/fuzz/replay_descriptor "${srcdir:-.}/tests/fuzz/corpus/descriptor"
