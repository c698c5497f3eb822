#!/bin/sh
# Usage errors: exit status 2, a sentence on standard error, nothing made.
. "${srcdir:-.}/tests/cli/setup.sh"

wrong() {
	text=$1
	shift
	expect 2 "$@"
	says err "$text"
	[ ! -s "$work/out" ] || fail "foray $*: words on standard output"
	[ "$(wc -l <"$work/err")" -eq 1 ] || fail "foray $*: more than a line"
	absent out.npy out.csv
}

pgm a.pgm 32 32

wrong "no command"
wrong "unknown command frob" frob
wrong "unknown option --frob" --frob
wrong "-o OUT.npy is needed" hog a.pgm
wrong "must be a .npy or .h5 file" hog -o out.txt a.pgm
wrong "no images" hog -o out.npy
wrong "-o needs a value" hog a.pgm -o
wrong "--output needs a value" hog a.pgm --output
for option in --frob --frob=1 -x; do
	wrong "unknown option ${option%=*}" hog -o out.npy "$option" a.pgm
done
wrong "takes no value" hog -o out.npy --exif=yes a.pgm

for jobs in 0 two 1.5 "" 0% 101% 99999999999; do
	wrong "--jobs $jobs: must be" hog -o out.npy --jobs "$jobs" a.pgm
done
for extent in 8 8x 0x8 x8 8x8x8 -8x8 8,8; do
	wrong "must be ROWSxCOLUMNS" hog -o out.npy --resize="$extent" a.pgm
	wrong "must be ROWSxCOLUMNS" hog -o out.npy --pixels-per-cell="$extent" \
		a.pgm
done
for size in 0 K 1P 1KB -1 99999999999999999999 17179869184G; do
	wrong "must be a number" hog -o out.npy --max-pixels="$size" a.pgm
done
wrong "must be f64, f32 or f16" hog -o out.npy --dtype i8 a.pgm
wrong "must be f64, f32 or f16" hog -o out.npy --dtype '>f8' a.pgm
wrong "must be skimage" hog -o out.npy --method sift a.pgm
wrong "must be L1" hog -o out.npy --block-norm l2 a.pgm
wrong "must be color" hog -o out.npy --color grey a.pgm
wrong "must be bilinear, box" hog -o out.npy --resize 8x8 --filter hamming a.pgm
wrong "must be stretch, crop" hog -o out.npy --resize 8x8 --fit cover a.pgm
wrong "must be auto or 1" hog -o out.npy --resize 8x8 --jpeg-scale 2 a.pgm
wrong "must be stop or skip" hog -o out.npy --on-error continue a.pgm
wrong "must be auto" hog -o out.npy --progress yes a.pgm
wrong "must be fork, threads or serial" hog -o out.npy --backend fibers a.pgm
wrong "must be a number" hog -o out.npy --orientations 0 a.pgm
for seconds in 0 0.0 -1 inf nan 0x10 5s 1.2.3 . ""; do
	wrong "must be a number of seconds" hog -o out.npy --timeout="$seconds" a.pgm
done
for number in -1 1.5 two "" 99999999999; do
	wrong "must be a number" hog -o out.npy --retries="$number" a.pgm
done
for number in -1 20 five ""; do
	wrong "must be a number from 0 to 19" hog -o out.npy --nice="$number" a.pgm
done
wrong "orientations" hog -o out.npy --orientations 1000 a.pgm

# Options that a method lacks.
wrong "uoctti" hog -o out.npy --method uoctti --block-norm L2-Hys a.pgm
wrong "uoctti" hog -o out.npy --method uoctti --cells-per-block 2x2 a.pgm
wrong "uoctti" hog -o out.npy --method uoctti --pixels-per-cell 8x4 a.pgm
wrong "uoctti" hog -o out.npy --method uoctti --transform-sqrt a.pgm
wrong "dalal-triggs" hog -o out.npy --method dalal-triggs --block-norm L1 a.pgm

# Options that contradict each other.
wrong "contradict" hog -o out.npy --index i.csv --no-index a.pgm
wrong "would be written twice" hog -o out.npy --index ./out.npy a.pgm
wrong "begin with out.npy." hog -o out.npy --trace out.npy.journal a.pgm
wrong "name of a file" hog -o out.npy --report - a.pgm
wrong "would be written twice" hog -o out.npy --index x --trace "$work/x" a.pgm
wrong "contradict" hog -o out.npy -q -v a.pgm
for backend in threads serial; do
	wrong "--timeout needs --backend fork" hog -o out.npy --timeout 5 \
		--backend $backend a.pgm
done
for option in --filter=box --fit=pad --jpeg-scale=auto; do
	wrong "are for --resize" hog -o out.npy $option a.pgm
done
wrong "-0 is for" hog -o out.npy -0 a.pgm
ln -s a.pgm link.npy
wrong "one of the inputs" hog -o link.npy a.pgm

# What is written replaces no input, nor what is no file.
cp a.pgm kept.pgm
echo a.pgm >list
wrong "--report link.npy is one of the inputs" hog -o out.npy \
	--report link.npy a.pgm
wrong "--trace list is one of the inputs" hog -o out.npy --trace list \
	--from list
wrong "--index a.pgm is one of the inputs" resize -o out 8x8 --index a.pgm a.pgm
same a.pgm kept.pgm
mkfifo pipe
for pair in "--index pipe" "--trace /dev/stdout" "--report ."; do
	# shellcheck disable=SC2086 # an option and a name
	expect 1 hog -o out.npy $pair a.pgm
	says err "${pair#* } is a folder, a device or a pipe"
done
[ -p pipe ] || fail "a pipe was replaced"
ln -s a.pgm pipe.csv.partial
expect 0 hog -q -o real.npy --no-index a.pgm
expect 1 convert real.npy pipe.csv
says err "cannot write pipe.csv"
rm pipe.csv.partial
expect 1 hog -o out.npy real.npy
says err "real.npy: a stack of images has 3 axes"
wrong "is of .raw inputs" convert real.npy out.npy --shape 3
wrong "is of .raw inputs" convert real.npy out.npy --dtype '>f4'
same a.pgm kept.pgm
absent pipe.csv out.npy out.csv out.json

wrong "name at least one" info
wrong "takes no arguments" clean a.npy
wrong "takes no arguments" doctor a.npy

# Help is no error; data, so on standard output.
expect 0 --help
says out hog eval info map doctor clean
expect 0 --version
says out "foray 0."
for command in hog eval info map doctor clean; do
	expect 0 $command --help
	says out "Usage: foray $command"
	[ ! -s "$work/err" ] || fail "foray $command --help: words on stderr"
done
for words in help --help; do
	expect 0 help $words
	says out "Usage: foray COMMAND"
done
expect 0 help info
says out "Usage: foray info"
wrong "unknown command frob" help frob
expect 0 hog --help
says out --resize --on-error --timeout --retries --nice "-j, --jobs N" dalal-triggs

# Names do not steer the terminal, nor end a line.
wrong 'unknown command a\x0a\x1b[31m' "$(printf 'a\n\033[31m')"
name=$(printf 'a\n\377b')
expect 1 hog -o "$name/out.npy" a.pgm
says err 'a\x0a\xffb: No such file'
cp real.npy "$name"
expect 0 info "$name"
says out 'a\x0a\xffb'

# Closed streams: no file gets their numbers, and silence is no failure.
"$foray" hog -q -o closed.npy a.pgm <&- >&- 2>&- ||
	fail "hog without streams: exit status $?"
same closed.npy real.npy
"$foray" hog -o closed.npy --no-index missing.pgm a.pgm --on-error skip <&- 2>&-
[ $? -eq 3 ] || fail "hog without streams"
"$foray" info closed.npy >&- 2>"$work/err"
[ $? -eq 1 ] || fail "info without an output: exit status $?"

# What standard output did not take is a failure.
if [ -w /dev/full ]; then
	"$foray" --help >/dev/full 2>"$work/err"
	[ $? -eq 1 ] || fail "foray --help on a full disk: exit status $?"
	says err "standard output"
fi
exit 0
