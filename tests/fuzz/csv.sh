#!/bin/sh
# Every file of the corpus of tables through the fuzz target.
exec tests/fuzz/replay_csv "${srcdir:-.}/tests/fuzz/corpus/csv"
