#!/bin/sh
# foray hog goes on where it was interrupted, with what it would have made.
. "${srcdir:-.}/tests/cli/setup.sh"
# shellcheck disable=SC2086 # $cells is two words

mkdir im
for i in 1 2 3 4 5 6 7 8; do
	pgm im/$i.pgm 512 512 $i
done
repeat 80 im/1.pgm >many
for i in 2 3 4 5 6 7 8; do
	repeat 80 im/$i.pgm >>many
done
cells='--cells-per-block 1x1'
expect 0 hog -q $cells --from many -o whole.npy

journalled() {
	grep -q '^done ' "$1.journal" 2>/dev/null
}

# start OUT: a run that is killed when something is in its journal.
start() {
	rm -f "$1" "$1.journal" "$1.partial"
	"$foray" hog -q -j 1 $cells --from many -o "$1" 2>"$work/err" &
	run=$!
	kill_when journalled "$1"
}

begin() {
	interrupt start "$1"
}

# finish OUT: the same again; as if nothing had been.
finish() {
	expect 0 hog $cells --from many -o "$1"
	says err "rows were done before"
	absent "$1.journal" "$1.journal.rows" "$1.partial" "$1.csv" "$1.json"
}

begin o.npy
finish o.npy
same o.npy whole.npy
same o.json whole.json
cut -d, -f1-5 o.csv >a
cut -d, -f1-5 whole.csv >b
same a b

# Another run is not gone on with: nothing is lost, and the difference named.
begin o.npy
cp o.npy.journal kept
expect 1 hog $cells --from many -o o.npy --orientations 8
says err "is of another run"
expect 1 hog $cells --from many -o o.npy --block-norm L1
says err "--block-norm was L2-Hys, now L1; remove it" --restart
expect 1 hog $cells --from many -o o.npy --transform-sqrt
says err "--transform-sqrt was no, now yes"
tac many >back
expect 1 hog $cells --from back -o o.npy
says err "another file" --restart
same o.npy.journal kept
expect 0 hog -q $cells --resume=verify --from many -o o.npy
same o.npy whole.npy

# An image that was changed is named.
begin o.npy
touch im/1.pgm
expect 1 hog $cells --from many -o o.npy
says err im/1.pgm "was changed"
expect 0 hog -q $cells --restart --from many -o o.npy
same o.npy whole.npy
expect 1 hog $cells --resume --from many -o o.npy
says err "nothing to go on with"
expect 2 hog --resume --restart --from many -o o.npy
expect 2 hog --resume=soon --from many -o o.npy

# SIGTERM: what is done is kept, and said.
"$foray" hog -j 1 $cells --from many -o t.npy 2>"$work/err" &
run=$!
wait_at_work journalled t.npy
kill -TERM $run 2>/dev/null
wait $run
status=$?
if [ $status = 143 ]; then
	says err "the same command goes on"
	finish t.npy
else
	[ $status = 0 ] || fail "exit status $status after SIGTERM"
fi
same t.npy whole.npy

# What failed at once leaves nothing.
expect 1 hog im/1.pgm missing.pgm -o f.npy
absent f.npy f.npy.journal f.csv
cp im/1.pgm cut.pgm
truncate -s 1000 cut.pgm
expect 1 hog im/1.pgm cut.pgm -o f.npy
absent f.npy f.npy.journal f.npy.journal.rows f.csv

# HDF5, likewise.
if "$foray" hog -q -o w.h5 im/1.pgm 2>/dev/null; then
	begin o.h5
	expect 1 hog $cells --dtype f32 --from many -o o.h5
	says err "is of another run"
	finish o.h5
	expect 0 convert -q o.h5:features h.npy
	same h.npy whole.npy
fi
