#!/bin/sh
# foray hog -o OUT.h5, and what the command says of HDF5 files that are none.
. "${srcdir:-.}/tests/cli/setup.sh"

pgm a.pgm 64 128
pgm b.pgm 64 128
"$foray" hog -q -o out.h5 a.pgm b.pgm 2>"$work/err" ||
	{ grep -q 'built without' "$work/err" && skip "no HDF5 in this build"; }
expect 0 info out.h5
says out features paths status "(2, 6804)"
absent out.csv out.h5.partial
expect 0 convert -q --chunk 1x900 --shuffle --deflate 3 out.h5:features parts.h5:/f
expect 0 info --json parts.h5
says out '"chunks": [1, 900], "filters": ["shuffle", "deflate 3"]'
expect 1 convert -q out.h5:features parts.h5:/f
says err /f --overwrite
expect 0 hog -q -o out.npy a.pgm b.pgm
expect 0 convert -q out.h5:features from.npy
cmp -s from.npy out.npy || fail "other features in HDF5"
expect 3 hog -q --on-error skip --index why.csv -o out.h5 a.pgm missing.pgm
grep -q missing why.csv || fail "no index though one was asked for"
if command -v h5dump >/dev/null; then
	h5dump -d /status -d /paths out.h5 >"$work/out"
	says out '"ok", "missing"' '"a.pgm", "missing.pgm"'
fi
expect 1 hog -q -o never.h5 missing.pgm
absent never.h5 never.h5.partial
expect 2 hog -o out.txt a.pgm
head -c 1000 out.h5 >cut.h5
expect 1 info cut.h5
says err cut.h5
expect 1 stats out.h5
says err out.h5
expect 1 stats out.h5:nix
says err features
