#!/bin/sh
# 10,000 tiny images.
. "${srcdir:-.}/tests/cli/setup.sh"

mkdir d
awk 'BEGIN {
	for (k = 0; k < 10000; k++) {
		file = sprintf("d/%05d.pgm", k)
		printf "P5\n16 16\n255\n" >file
		for (i = 0; i < 256; i++)
			printf "%c", 33 + (i * i + k * (1 + i % 7)) % 94 >file
		close(file)
	}
}'
set -- --pixels-per-cell 4x4 --cells-per-block 2x2 --dtype f32
expect 0 hog -j2 -o two.npy "$@" d
says err "(10000, 324) f32"
expect 0 hog -q -j1 -o one.npy "$@" d
same one.npy two.npy
[ "$(column 5 two.csv | sort | uniq -c | tr -s ' ')" = " 10000 ok" ] ||
	fail "statuses: $(column 5 two.csv | sort | uniq -c)"
[ "$(column 2 two.csv | sed -n 10000p)" = d/09999.pgm ] || fail "order"

# Every 1000th is bad.
for k in 0 1 2 3 4 5 6 7 8 9; do
	head -c 100 d/0${k}500.pgm >part && mv part d/0${k}500.pgm
done
expect 3 hog -q -j2 -o out.npy --on-error skip "$@" d
[ "$(grep -c ',truncated,' out.csv)" -eq 10 ] || fail "truncated ones"
expect 1 hog -q -j2 -o stop.npy "$@" d
absent stop.npy stop.csv
exit 0
