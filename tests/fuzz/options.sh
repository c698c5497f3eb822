#!/bin/sh
# Every file of the corpus of words of command lines through the fuzz target.
exec tests/fuzz/replay_options "${srcdir:-.}/tests/fuzz/corpus/options"
