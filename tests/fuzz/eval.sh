#!/bin/sh
# Every file of the corpus through the fuzz target of expressions.
exec tests/fuzz/replay_eval "${srcdir:-.}/tests/fuzz/corpus/eval"
