#!/bin/sh
# Images that fail, outputs that cannot be written: under both policies.
. "${srcdir:-.}/tests/cli/setup.sh"

pgm a.pgm 40 40 1
pgm b.pgm 40 40 2
pgm wide.pgm 40 48 3
pgm tiny.pgm 16 16 4
head -c 900 b.pgm >cut.pgm
printf 'words' >text.pgm
printf 'P5\n40 40\nx' >bad.pgm

# One of them bad: stop makes nothing and names it.
for bad in cut.pgm text.pgm bad.pgm missing.pgm; do
	expect 1 hog -o out.npy a.pgm $bad b.pgm
	says err "$bad"
	absent out.npy out.csv
done

# Skip makes everything else, a row of NaN, the reason, exit status 3.
expect 0 hog -q -o good.npy a.pgm b.pgm
expect 3 hog -o out.npy --on-error skip a.pgm cut.pgm text.pgm missing.pgm b.pgm
says err "3 of 5 images failed" out.csv
[ "$(statuses out.csv)" = "ok truncated unsupported missing ok" ] ||
	fail "statuses: $(statuses out.csv)"
grep -q '^1,cut.pgm,.*,truncated,.*cut.pgm' out.csv ||
	fail "no reason in the index: $(cat out.csv)"
! grep -q ONLY_TASK out.csv || fail "the index tells how to debug a file"
for row in 1 2 3; do
	case $(first_value out.npy $row) in
	*nan*) ;;
	*) fail "row $row is not NaN" ;;
	esac
done
expect 0 info out.npy
says out "(5, "
for pair in "0 0" "4 1"; do
	[ "$(first_value out.npy ${pair% *})" = \
		"$(first_value good.npy ${pair#* })" ] ||
		fail "row ${pair% *} differs from the good one"
done
rm -f out.npy out.csv

# Nothing to go on with.
expect 1 hog -o out.npy --on-error skip cut.pgm.not text.pgm
says err cut.pgm.not

# Sizes: two are named, before any work, under both policies.
for policy in stop skip; do
	expect 1 hog -o out.npy --on-error $policy a.pgm b.pgm wide.pgm
	says err "a.pgm is 40 x 40" "wide.pgm is 40 x 48"
	absent out.npy out.csv
done
expect 0 hog -q -o out.npy --resize 32x24 a.pgm wide.pgm tiny.pgm
[ "$(column 3 out.csv | tr '\n' ' ')" = "40 40 16 " ] ||
	fail "rows in the index: $(cat out.csv)"
rm -f out.npy out.csv

expect 1 hog -o out.npy tiny.pgm
says err "24"
expect 1 hog -o out.npy --max-pixels 1K a.pgm
says err a.pgm
expect 3 hog -o out.npy --on-error skip --max-pixels 1600 --resize 32x32 \
	a.pgm wide.pgm
[ "$(statuses out.csv)" = "ok too_large" ] ||
	fail "statuses: $(statuses out.csv)"
rm -f out.npy out.csv

# Outputs.
expect 1 hog -o nowhere/out.npy --from images.that.are.not.read
says err "-o nowhere/out.npy: nowhere: No such file"
expect 1 hog -o out.npy --index nowhere/i.csv a.pgm
says err nowhere/i.csv
expect 1 hog -o out.npy --visualize nowhere/d a.pgm
says err nowhere/d
expect 1 hog -o out.npy --visualize a.pgm a.pgm
says err "a.pgm: Not a directory"
expect 1 resize 8x8 -o a.pgm b.pgm
says err "a.pgm: Not a directory"
expect 1 hog -o out.npy --temp-folder nowhere a.pgm
absent out.npy out.csv
expect 1 hog -o out.npy ''
says err "is empty"
expect 1 hog -o out.npy --from .
says err "directory"
mkdir folder.npy
expect 1 hog -o folder.npy a.pgm
says err folder.npy
absent folder.csv
[ -d folder.npy ] || fail "a folder was replaced"
[ -z "$(ls folder.npy.partial 2>/dev/null)" ] || fail "partial file left"

# The old output stays when a run fails, and goes when one succeeds.
expect 0 hog -q -o out.npy a.pgm
cp out.npy old.npy
expect 1 hog -o out.npy cut.pgm
same out.npy old.npy
expect 0 hog -q -o out.npy b.pgm
! cmp -s out.npy old.npy || fail "the old output stayed"

# One task alone, for a debugger, makes no output that looks like one.
rm out.npy out.csv out.json
FORAY_ONLY_TASK=0
export FORAY_ONLY_TASK
for arguments in "hog -o out.npy a.pgm b.pgm" "resize 8x8 -o small a.pgm b.pgm" \
	"stats old.npy" \
	"convert old.npy out.npy --dtype f32" "gram old.npy -o out.npy"; do
	[ "${arguments%% *}" != gram ] || "$foray" doctor --json |
		grep -q '"openblas": true' || continue
	# shellcheck disable=SC2086 # a list of words
	expect 1 $arguments
	says err "FORAY_ONLY_TASK=0 ran one task"
	[ ! -s "$work/out" ] || fail "foray $arguments printed something"
	absent out.npy out.csv
done
exit 0
