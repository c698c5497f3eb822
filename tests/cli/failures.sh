#!/bin/sh
# foray hog --on-error skip: rows of images that failed are NaN or left out, and
# how many may fail.
. "${srcdir:-.}/tests/cli/setup.sh"

for i in 1 2 3; do
	pgm $i.pgm 32 40 $i
done
small='--pixels-per-cell 8x8 --cells-per-block 2x2'
# shellcheck disable=SC2086 # $small is many words
drop() {
	status=$1
	shift
	expect "$status" hog -q $small --on-error skip --failed drop "$@"
}
# shellcheck disable=SC2086
expect 0 hog -q $small -o good.npy 1.pgm 2.pgm 3.pgm

drop 3 -o out.npy a.pgm 1.pgm 2.pgm b.pgm 3.pgm c.pgm
says err "3 of 6 images failed: they have no row" out.csv
same out.npy good.npy
absent out.npy.kept out.npy.journal
[ "$(column 1 out.csv | tr '\n' ' ')" = " 0 1  2  " ] || fail "$(cat out.csv)"
[ "$(column 2 out.csv | tr '\n' ' ')" = \
	"a.pgm 1.pgm 2.pgm b.pgm 3.pgm c.pgm " ] || fail "$(cat out.csv)"
grep -q '"shape": \[3, ' out.json || fail "$(cat out.json)"
grep -q '"failed": "drop"' out.json || fail "$(cat out.json)"
grep -q '"images": 6' out.json || fail "$(cat out.json)"
expect 0 info out.npy
says out '"missing": 3'
drop 3 -o out.npy --index i.jsonl a.pgm 1.pgm
grep -q '^{"row": null, "path": "a.pgm"' i.jsonl || fail "$(cat i.jsonl)"
grep -q '^{"row": 0, "path": "1.pgm"' i.jsonl || fail "$(cat i.jsonl)"
# None failed, or all.
drop 0 -o out.npy 1.pgm 2.pgm 3.pgm
same out.npy good.npy
cp 1.pgm cut.pgm
truncate -s 500 cut.pgm
drop 3 -o out.npy cut.pgm cut.pgm
expect 0 info out.npy
says out '(0, '
# Nothing is left where the name cannot be had.
mkdir full.npy
drop 1 -o full.npy a.pgm 1.pgm
absent full.csv full.json full.npy.kept
[ ! -e full.npy.partial ] || fail "full.npy.partial was left"
# NaN is what there is otherwise.
expect 3 hog -q --on-error skip --failed nan -o out.npy a.pgm 1.pgm
[ "$(first_value out.npy 0)" = nan ] || fail "no NaN: $(first_value out.npy 0)"

accept() {
	status=$1
	shift
	expect "$status" hog -q --on-error skip -o out.npy --accept-failures "$@"
	says err "1 of 4 images failed"
}
accept 0 1 a.pgm 1.pgm 2.pgm 3.pgm
accept 3 0 a.pgm 1.pgm 2.pgm 3.pgm
accept 0 25% a.pgm 1.pgm 2.pgm 3.pgm
accept 3 24.9% a.pgm 1.pgm 2.pgm 3.pgm
expect 0 hog -q --on-error skip -o out.npy --accept-failures 0 1.pgm
for number in -1 1.5 5x % 101% '' %5 nan; do
	expect 2 hog -q --on-error skip --accept-failures="$number" -o o.npy 1.pgm
	says err "must be a number of images"
done
expect 2 hog --failed drop -o o.npy 1.pgm
says err "on-error skip"
expect 2 hog --accept-failures 1 -o o.npy 1.pgm
says err "on-error skip"
expect 2 hog --failed blank -o o.npy 1.pgm
says err "must be nan or drop"

if "$foray" hog -q -o out.h5 1.pgm 2>/dev/null; then
	drop 3 -o out.h5 a.pgm 1.pgm 2.pgm b.pgm 3.pgm
	expect 0 convert -q out.h5:features h.npy
	same h.npy good.npy
	absent out.h5.kept
	[ ! -e out.h5.partial ] || fail "out.h5.partial was left"
	expect 0 info --json out.h5
	says out '"paths"' '"shape": [3]' '"options.failed": "drop"'
fi
exit 0
