#!/bin/sh
# foray hog --ragged: images keep their sizes.
. "${srcdir:-.}/tests/cli/setup.sh"

pgm a.pgm 64 128
pgm b.pgm 40 48 2
pgm c.pgm 100 33 3
"$foray" hog -q --ragged -o r.h5 a.pgm 2>"$work/err" ||
	{ grep -q 'built without' "$work/err" && skip "no HDF5 in this build"; }

# data FILE: the numbers of a .npy file.
data() {
	tail -c +129 "$1"
}

# dataset FILE NAME: the numbers of one of its datasets, in one line.
dataset() {
	rm -f one.npy
	expect 0 convert -q "$1:$2" one.npy
	data one.npy | od -An -v -t "$3" | tr -s '\n ' '  ' | sed 's/^ //; s/ $//'
}

# As each image alone.
expect 0 hog --ragged -o r.h5 a.pgm b.pgm c.pgm --index r.csv
says err "r.h5: 3 rows, 9396 f64, 73.4 KiB; index r.csv"
for i in a b c; do
	expect 0 hog -q -o $i.npy $i.pgm
	data $i.npy >>all
done
expect 0 convert -q r.h5:features r.npy
data r.npy >flat
same flat all
[ "$(dataset r.h5 offsets u8)" = "0 6804 7776 9396" ] ||
	fail "offsets: $(dataset r.h5 offsets u8)"
[ "$(dataset r.h5 shapes u4)" = \
	"6 14 3 3 9 3 4 3 3 9 10 2 3 3 9" ] ||
	fail "shapes: $(dataset r.h5 shapes u4)"
[ "$(column 3,4 r.csv | tr '\n' ' ')" = "64,128 40,48 100,33 " ] ||
	fail "index: $(cat r.csv)"
expect 0 info r.h5:features
says out '"options.ragged": 1' '"row.axes": "blocks_r blocks_c br bc n"' \
	'"shape": [9396]'
expect 0 hog -q -j 1 --ragged -o one.h5 a.pgm b.pgm c.pgm
same one.h5 r.h5
expect 0 hog --ragged -o never.h5 --dry-run a.pgm b.pgm c.pgm
says out "images  3, each of its size" "row     972 to 6804" "bytes   75168 "
expect 0 hog -q --ragged --method uoctti --dtype f32 -o u.h5 a.pgm b.pgm
[ "$(dataset u.h5 shapes u4)" = "31 8 16 31 5 6" ] ||
	fail "shapes of uoctti: $(dataset u.h5 shapes u4)"
absent never.h5 r.h5.journal

# A part of them; what contradicts it.
expect 0 hog -q --ragged --shard 2/2 -o part.h5 a.pgm b.pgm c.pgm
[ "$(dataset part.h5 offsets u8)" = "0 1620" ] || fail "shard"
expect 2 hog --ragged -o r.npy a.pgm
says err "--ragged is for -o OUT.h5"
expect 2 hog --ragged -o r.h5 --resize 32x32 a.pgm
says err "--ragged and --resize contradict each other"
expect 2 hog --ragged -o r.h5 r.npy
says err "--ragged is for files"

# Images that fail have rows of nothing, or none.
head -c 1000 b.pgm >cut.pgm
expect 1 hog -q --ragged -o never.h5 a.pgm cut.pgm
absent never.h5
expect 3 hog --ragged --on-error skip -o s.h5 a.pgm cut.pgm no.pgm c.pgm
says err "their rows are empty" "4 rows, 8424 f64"
[ "$(dataset s.h5 offsets u8)" = "0 6804 6804 6804 8424" ] ||
	fail "offsets: $(dataset s.h5 offsets u8)"
[ "$(dataset s.h5 shapes u4)" = \
	"6 14 3 3 9 0 0 0 0 0 0 0 0 0 0 10 2 3 3 9" ] ||
	fail "shapes: $(dataset s.h5 shapes u4)"
data a.npy >all
data c.npy >>all
rm -f flat.npy
expect 0 convert -q s.h5:features flat.npy
data flat.npy >flat
same flat all
expect 3 hog -q --ragged --on-error skip --failed drop -o s.h5 \
	a.pgm cut.pgm no.pgm c.pgm
[ "$(dataset s.h5 offsets u8)" = "0 6804 8424" ] ||
	fail "offsets: $(dataset s.h5 offsets u8)"
pgm small.pgm 9 9
expect 1 hog --ragged -o never.h5 a.pgm small.pgm
says err "small.pgm: " "smaller than one block"
expect 3 hog -q --ragged --on-error skip --index s.csv -o s.h5 small.pgm a.pgm
[ "$(statuses s.csv)" = "too_small ok" ] || fail "status: $(cat s.csv)"
absent s.h5.kept s.h5.journal never.h5

# more than 10 GiB of f64 is worth a word.
printf 'P5 6000 6000 255\n' >huge.pgm
truncate -s 37M huge.pgm
repeat 30 huge.pgm >huge
"$foray" hog --ragged --dry-run -o x.h5 --from huge >out 2>err
says err "--dtype f32 halves it"
says out "(10.1 GiB)"
"$foray" hog --ragged --dry-run -o x.h5 --from huge --dtype f32 >out 2>err
if grep halves err; then
	fail "f32 is to be halved"
fi

# It goes on where it was, unless an image has another size now.
pgm d.pgm 512 512
pgm e.pgm 400 600
repeat 150 d.pgm >many
repeat 150 e.pgm >>many
cells='--cells-per-block 1x1'
journalled() {
	grep -q '^done ' k.h5.journal 2>/dev/null
}
start() {
	rm -f k.h5
	# shellcheck disable=SC2086 # $cells is two words
	"$foray" hog -q -j 1 --ragged $cells --from many -o k.h5 2>err &
	run=$!
	kill_when journalled
}
# shellcheck disable=SC2086
expect 0 hog -q --ragged $cells --from many -o whole.h5
interrupt start
cp -p e.pgm as_it_was.pgm
pgm e.pgm 408 600
# shellcheck disable=SC2086
expect 1 hog --ragged $cells --from many -o k.h5
says err "is of another run" --restart
cp -p as_it_was.pgm e.pgm
# shellcheck disable=SC2086
expect 1 hog $cells --resize 400x600 --from many -o k.h5
says err "is of another run"
# shellcheck disable=SC2086
expect 0 hog --ragged $cells --from many -o k.h5
says err "rows were done before"
same k.h5 whole.h5
absent k.h5.journal k.h5.journal.rows
