#!/bin/sh
# Every file of the corpus of settings through the fuzz target.
exec tests/fuzz/replay_settings "${srcdir:-.}/tests/fuzz/corpus/settings"
