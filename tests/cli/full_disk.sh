#!/bin/sh
# A file system that is full: a sentence, exit status 1, nothing left.
. "${srcdir:-.}/tests/cli/setup.sh"

mkdir full
mount -t tmpfs -o size=1m foray-full full 2>/dev/null ||
	skip "no right to mount a small tmpfs"
pgm a.pgm 128 128

nothing_left() {
	[ -z "$(ls -A full)" ] || fail "left: $(ls -A full)"
}

# 30 rows of 128 KiB: too large as a whole, said before any work.
repeat 30 a.pgm >list
expect 1 hog -o full/o.npy --from list
says err full/o.npy "free"
nothing_left
expect 1 hog -o full/o.npy --dry-run --from list
says out "images  30"
says err "full/o.npy needs"
nothing_left

# Temporary arrays that do not fit either.
expect 0 hog -q -o o.npy a.pgm
rm -f o.npy o.csv

# ballast KIB: leave that much free.
ballast() {
	free=$(df -k full | awk 'NR == 2 { print $4 }')
	head -c $(((free - $1) * 1024)) /dev/zero >full/ballast
}

# Features fit (868 KiB), glyph pictures do not: no image's fault.
repeat 7 a.pgm >list
ballast 880
expect 1 hog -o full/o.npy --index i.csv --visualize full/glyphs \
	--on-error skip --from list
says err "No space left"
rm -r full/ballast full/glyphs
nothing_left
absent i.csv

# Features fit, the index does not: no output either.
repeat 7 "$(printf '%.0s./' $(seq 1500))a.pgm" >list
ballast 444
expect 1 hog -o full/o.npy --dtype f32 --from list
says err full/o.csv
rm full/ballast
nothing_left

# Images themselves: what is whole stays, and the disk is no image's fault.
for name in 1 2 3 4 5 6; do
	cp a.pgm $name.pgm
done
ballast 600
expect 1 resize 512x512 -o full/made --index i.csv --on-error skip [1-6].pgm
says err "No space left" "images are written"
absent i.csv
for file in full/made/*; do
	[ "$(wc -c <"$file")" -eq $((15 + 512 * 512)) ] || fail "$file is cut short"
done
exit 0
