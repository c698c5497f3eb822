#!/bin/sh
# The same bytes whatever computes them: workers, backend, kernel features.
. "${srcdir:-.}/tests/cli/setup.sh"

mkdir d
for i in 1 2 3 4 5 6 7 8 9 10 11; do
	pgm d/$((i + 100)).pgm 70 83 $i
done
expect 0 hog -q -j1 -o want.npy d
expect 0 hog -q -j1 -o want32.npy --dtype f32 --cells-per-block 1x1 d
for jobs in 2 4 -1 50%; do
	expect 0 hog -q -j "$jobs" -o out.npy d
	same out.npy want.npy
	expect 0 hog -q -j "$jobs" -o out.npy --dtype f32 --cells-per-block 1x1 d
	same out.npy want32.npy
done
for backend in serial threads; do
	expect 0 hog -q --backend "$backend" -o out.npy d
	same out.npy want.npy
done

# Each kernel feature absent alone, then all of them.
all=pidfd,collapse,memfd,tmpfile,close_range,avx512,avx2
for no in $(echo $all | tr , ' ') avx512,avx2 $all; do
	FORAY_TEST_NO=$no
	export FORAY_TEST_NO
	expect 0 hog -q -j2 -o out.npy d
	same out.npy want.npy
	expect 0 hog -q -j2 -o out.npy --dtype f32 --cells-per-block 1x1 d
	same out.npy want32.npy
	unset FORAY_TEST_NO
done

# Temporary arrays elsewhere.
mkdir tmp
expect 0 hog -q -j2 --temp-folder tmp -o out.npy d
same out.npy want.npy
[ -z "$(ls -A tmp)" ] || fail "left in the temporary folder: $(ls -A tmp)"

# Pictures too, and their names.
expect 0 hog -q -j1 -o out.npy --visualize one d
expect 0 hog -q -j4 -o out.npy --visualize four d
[ "$(ls one | wc -l)" -eq 11 ] || fail "pictures: $(ls one)"
[ -s one/0-101.png ] && [ -s one/10-111.png ] || fail "names: $(ls one)"
for picture in one/*; do
	same "$picture" "four/${picture#one/}"
done
same out.npy want.npy
exit 0
