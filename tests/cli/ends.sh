#!/bin/sh
# The end of a run: killed at each call that changes a file, or with a disk that
# is full from then on, features and index never are of different runs, and the
# same command makes what it would have made.
. "${srcdir:-.}/tests/cli/setup.sh"

strike=$top/tests/cli/.libs/strike.so
[ -e "$strike" ] || skip "this build has nothing to be loaded before the command"

mkdir im old none
for i in 1 2 3 4; do
	pgm im/$i.pgm 24 24 $i
done
expect 0 hog -q -o new.npy im
expect 0 hog -q -o old/o.npy im/4.pgm im/3.pgm

# agree: what is there is of one run.
agree() {
	[ -e o.npy ] || return 0
	expect 0 info o.npy
	if [ -e o.csv ]; then
		_rows=$(sed -n 's/^  shape *(\([0-9]*\),.*/\1/p' out)
		[ "$(column 1 o.csv | wc -l)" -eq "$_rows" ] ||
			fail "$1: an index of another run"
	fi
	[ ! -e o.json ] || says out "made by"
	if cmp -s o.npy old/o.npy; then
		return 0
	fi
	same o.npy new.npy
}

# struck HOW N FOLDER: with what is in it.
struck() {
	rm -rf o.*
	cp -p "$3"/* . 2>/dev/null
	FORAY_STRIKE=$2 FORAY_STRIKE_HOW=$1 LD_PRELOAD="$strike" \
		FORAY_FORCE_BACKEND=serial \
		"$foray" hog -q -o o.npy im >out 2>err </dev/null && return 1
	agree "$*"
	expect 0 hog -q -o o.npy im
	same o.npy new.npy
	same o.json new.json
	[ "$(column 1-5 o.csv)" = "$(column 1-5 new.csv)" ] || fail "$*: index"
	absent o.npy.journal o.npy.journal.rows o.npy.partial o.csv.partial \
		o.json.partial
}
for folder in old none; do
	n=25
	while struck kill $n $folder; do
		n=$((n + 1))
		[ $n -lt 100 ] || fail "it does not end"
	done
	[ $n -gt 30 ] || fail "the end was not reached: $n"
	n=6
	while struck full $n $folder; do
		[ $folder = none ] || [ -e o.csv ] || fail "the index is gone"
		n=$((n + 5))
		[ $n -lt 100 ] || fail "it does not end"
	done
done
exit 0
