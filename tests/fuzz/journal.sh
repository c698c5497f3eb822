#!/bin/sh
# Every file of the corpus of journals through the fuzz target.
exec tests/fuzz/replay_journal "${srcdir:-.}/tests/fuzz/corpus/journal"
