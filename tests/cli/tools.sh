#!/bin/sh
# foray info, doctor, clean, hog --dry-run, --progress: what they print.
. "${srcdir:-.}/tests/cli/setup.sh"

# json FILE: one JSON value a line, checked where there is a Python.
json() {
	command -v python3 >/dev/null || return 0
	python3 -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8"): json.loads(line)' "$1" ||
		fail "$1 is not JSON: $(cat "$1")"
}

pgm a.pgm 64 128
cp a.pgm b.pgm
expect 0 hog -o out.npy --visualize pictures a.pgm b.pgm
says err "out.npy: (2, 6804) f64, 106.3 KiB" "images/s"
[ ! -s "$work/out" ] || fail "words on standard output"
expect 0 hog -q -o out.npy a.pgm b.pgm
[ ! -s "$work/err" ] || fail "words though quiet"
expect 0 hog -v -o out.npy a.pgm b.pgm
says err "kernel"

# info
expect 0 info out.npy
says out "out.npy" "npy 1.0" "f64 (<f8)" "(2, 6804)" "order     C" \
	"108864 (106.3 KiB)" "data at   128" "mappable  yes"
cp out.npy 'we"ird.npy'
expect 0 info --json out.npy 'we"ird.npy'
json out
says out '"shape": [2, 6804]' '"offset": 128' '"mappable": true' \
	'"path": "we\"ird.npy"'
[ "$(wc -l <"$work/out")" -eq 2 ] || fail "info --json: not a line an array"
expect 1 info a.pgm out.npy missing.npy
says err "a.pgm: no array" missing.npy
says out out.npy
head -c 1000 out.npy >cut.npy
expect 1 info cut.npy
says err cut.npy
if [ -w /dev/full ]; then
	"$foray" info out.npy >/dev/full 2>"$work/err"
	[ $? -eq 1 ] || fail "info on a full disk: exit status $?"
fi

# dry run
rm -f out.npy out.csv
expect 0 hog --dry-run -j2 -o out.npy a.pgm b.pgm a.pgm
says out "images  3 of 64 x 128" "row     6804 (6, 14, 3, 3, 9)" "dtype   f64" \
	"bytes   163296" "free " "jobs    2"
expect 0 hog --dry-run -j2 -o out.npy --dtype f32 --method uoctti a.pgm
says out "(31, 8, 16)" "dtype   f32"
expect 1 hog --dry-run -o out.npy missing.pgm
absent out.npy out.csv
FORAY_N_JOBS=2
export FORAY_N_JOBS
expect 0 hog --dry-run -o out.npy a.pgm b.pgm a.pgm
says out "jobs    2"
expect 0 hog --dry-run -j1 -o out.npy a.pgm b.pgm a.pgm
says out "jobs    1"
expect 0 doctor
says out "pools      backend fork, jobs 2"
FORAY_N_JOBS=many
expect 1 hog --dry-run -o out.npy a.pgm
says err 'FORAY_N_JOBS is "many": use a number of workers'
expect 1 hog -j2 -o out.npy a.pgm
says err 'FORAY_N_JOBS is "many": use a number of workers'
expect 0 doctor
says out 'pools      none: FORAY_N_JOBS is "many"'
expect 0 doctor --json
json out
says out '"pools": null'
unset FORAY_N_JOBS
absent out.npy out.csv

# doctor
expect 0 doctor
says out "usable, limited by" "HOG kernel" "jpeg" "open files"
expect 0 doctor --json
json out
says out '"cpus": {"count": ' '"hog_kernel": ' '"temp_folder": ' '"pools": {"backend": "fork", "jobs": '
FORAY_MAX_CPU_COUNT=1
export FORAY_MAX_CPU_COUNT
expect 0 doctor
says out "1 usable, limited by FORAY_MAX_CPU_COUNT"
unset FORAY_MAX_CPU_COUNT

# clean: only sessions, only dead ones.
mkdir tmp
expect 0 clean --temp-folder tmp
says err "nothing"
echo keep >tmp/mine.npy
expect 0 clean -n --temp-folder tmp
expect 0 clean --temp-folder tmp
[ -e tmp/mine.npy ] || fail "clean removed a file that is nobody's session"

# progress
expect 0 hog --progress never -q -o out.npy a.pgm
[ ! -s "$work/err" ] || fail "words with --progress never -q"
expect 0 hog --progress json -o out.npy a.pgm b.pgm
json err
says err '"total": 2, "completed": 2, "failed": 0'
expect 0 hog --progress always -q -o out.npy a.pgm b.pgm
says err "2/2"
expect 3 hog --progress json --on-error skip -o out.npy a.pgm missing.pgm
json err
says err '"total": 2, "completed": 2, "failed": 1'
exit 0
