#!/bin/sh
# Every file of the corpus through the fuzz target.
exec tests/fuzz/replay_joblib "${srcdir:-.}/tests/fuzz/corpus/joblib"
