#!/bin/sh
# A .npy stack of images in place of files.
. "${srcdir:-.}/tests/cli/setup.sh"

# stack FILE DESCR SHAPE PGM...: the pixels of same-sized PGMs as one array.
stack() {
	file=$1 descr=$2 shape=$3
	shift 3
	printf '\223NUMPY\001\000\166\000' >"$file"
	printf "%-117s\n" "{'descr': '$descr', 'fortran_order': False, 'shape': $shape, }" \
		>>"$file"
	for image; do
		tail -c 2400 "$image" >>"$file"
	done
}

for i in 1 2 3; do
	pgm $i.pgm 40 60 $i
done
expect 0 hog -q -o want.npy 1.pgm 2.pgm 3.pgm
stack stack.npy '|u1' '(3, 40, 60)' 1.pgm 2.pgm 3.pgm
for jobs in 1 2; do
	expect 0 hog -q -j$jobs -o out.npy stack.npy
	same out.npy want.npy
done
expect 0 hog -q --backend serial -o out.npy stack.npy
same out.npy want.npy
[ "$(column 2 out.csv | tr '\n' ' ')" = "stack.npy[0] stack.npy[1] stack.npy[2] " ] ||
	fail "names in the index: $(cat out.csv)"
[ "$(statuses out.csv)" = "ok ok ok" ] || fail "$(cat out.csv)"

# Parts, which convert joins; one that is empty; another one is another run.
for parts in 1 2 3; do
	for k in $(seq $parts); do
		expect 0 hog -q --shard $k/$parts -o part$k.npy stack.npy
	done
	# shellcheck disable=SC2046 # names without blanks
	expect 0 convert -q $(seq -f part%g.npy $parts) joined.npy
	same joined.npy out.npy
done
[ "$(column 2 part3.csv)" = "stack.npy[2]" ] || fail "$(cat part3.csv)"
expect 0 hog -q --shard 2/2 -o part2.npy stack.npy
[ "$(column 1,2 part2.csv)" = "0,stack.npy[2]" ] || fail "$(cat part2.csv)"
grep -q '"shard": "2/2"' part2.json || fail "$(cat part2.json)"
expect 1 hog --shard 4/4 -o part4.npy stack.npy
says err "--shard 4/4 has none of 3 images"
absent part4.npy
if "$foray" hog -q --shard 2/2 -o part.h5 stack.npy 2>/dev/null; then
	"$foray" info --json part.h5:/paths >/dev/null || fail "no paths"
fi

# Resized as files are; pictures.
expect 0 hog -q -o want.npy --resize 32x32 1.pgm 2.pgm 3.pgm
expect 0 hog -q -o out.npy --resize 32x32 --visualize d stack.npy
same out.npy want.npy
[ "$(ls d | tr '\n' ' ')" = "0-image.png 1-image.png 2-image.png " ] ||
	fail "pictures: $(ls d)"

# Two bytes a pixel, either byte order: equal features.
stack le.npy '<u2' '(3, 20, 60)' 1.pgm 2.pgm 3.pgm
expect 0 hog -q -o le-out.npy --pixels-per-cell 4x4 le.npy
for i in 1 2 3; do
	{ head -c 13 $i.pgm; tail -c 2400 $i.pgm | dd conv=swab 2>/dev/null; } \
		>swab.pgm
	mv swab.pgm s$i.pgm
done
stack be.npy '>u2' '(3, 20, 60)' s1.pgm s2.pgm s3.pgm
expect 0 hog -q -o be-out.npy --pixels-per-cell 4x4 be.npy
same le-out.npy be-out.npy

# What is no stack.
rm -f out.npy out.csv
stack flat.npy '|u1' '(3, 2400)' 1.pgm 2.pgm 3.pgm
expect 1 hog -o out.npy flat.npy
says err "3 axes"
stack complex.npy '<c8' '(3, 10, 30)' 1.pgm 2.pgm 3.pgm
expect 1 hog -o out.npy complex.npy
says err c64
expect 2 hog -o out.npy stack.npy 1.pgm
says err "stands alone"
expect 1 hog -o out.npy missing.npy
says err missing.npy
absent out.npy out.csv
exit 0
