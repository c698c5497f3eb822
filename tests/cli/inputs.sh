#!/bin/sh
# Which images a command works on, and in what order.
. "${srcdir:-.}/tests/cli/setup.sh"

mkdir -p d/B d/c.pgm.d d/.hidden empty "sp ace"
pgm one.pgm 24 24
for name in d/b.PGM d/a.pgm d/Z.pgm d/.x.pgm d/B/deep.pgm d/.hidden/y.pgm \
	"sp ace/new
line.pgm"; do
	cp one.pgm "$name"
done
echo words >d/notes.txt
mkfifo d/fifo.pgm
ln -s "$work/d" d/loop

hog_paths "one.pgm" one.pgm
hog_paths "d/Z.pgm d/a.pgm d/b.PGM" d
hog_paths "d/Z.pgm d/a.pgm d/b.PGM" d/
hog_paths "d/B/deep.pgm d/Z.pgm d/a.pgm d/b.PGM" --recursive d
hog_paths "one.pgm d/Z.pgm d/a.pgm d/b.PGM one.pgm" one.pgm d one.pgm

# Lists: lines or NUL-terminated, a file or standard input.
printf 'd/b.PGM\n\none.pgm' >list
hog_paths "d/b.PGM one.pgm" --from list
hog_paths "d/a.pgm d/b.PGM one.pgm" d/a.pgm --from list
printf 'one.pgm\n' | "$foray" hog -q -o out.npy --from - 2>err ||
	fail "paths on standard input"
[ "$(paths out.csv)" = one.pgm ] || fail "--from -: $(paths out.csv)"
find "sp ace" -type f -print0 | "$foray" hog -q -o out.npy --from - -0 \
	2>err || fail "find -print0"
tail -n +2 out.csv | head -1 | grep -qx '0,"sp ace/new' ||
	fail "a path with a line end is not quoted as RFC 4180 says"
cp one.pgm 'q"u,o.pgm'
expect 0 hog -q -o out.npy 'q"u,o.pgm'
grep -q '^0,"q""u,o.pgm",24,24,ok,[0-9.]*,[0-9]*,[0-9]*,$' out.csv ||
	fail "quotes: $(cat out.csv)"
rm -f out.npy out.csv

expect 1 hog -o out.npy empty
says err "empty: no jpg, jpeg, png, tif, tiff, webp, pgm or ppm" --recursive
expect 1 hog -o out.npy --recursive empty
says err "or below it"
: >list
expect 1 hog -o out.npy --from list
says err "no paths in this list"
expect 1 hog -o out.npy --from nowhere
says err "nowhere: No such file"
printf 'one.pgm\0' >list
expect 1 hog -o out.npy --from list
says err "-0 reads"
absent out.npy out.csv

# A list that is a pipe is read once.
mkfifo pipe
repeat 30 one.pgm >pipe &
expect 0 hog -o out.npy --from pipe --print-python
says out one.pgm

# Other places for the index. That of an older output does not stay, unless it
# is something else: --update would take it for this one's.
expect 0 hog -q -o out.npy one.pgm
[ -e out.csv ] || fail "no index"
expect 0 hog -q -o out.npy --no-index one.pgm
absent out.csv
expect 1 hog -o out.npy --update one.pgm
says err "--update needs the index"
echo words >out.csv
expect 0 hog -q -o out.npy --index i.csv one.pgm
[ "$(cat out.csv)" = words ] || fail "a file was removed"
expect 0 hog -q -o out.npy --index ./out.csv one.pgm
[ "$(wc -l <out.csv)" -eq 2 ] || fail "no index of that name"
expect 0 hog -q -o out.npy --index i.csv one.pgm
absent out.csv
[ "$(head -1 i.csv)" = \
	row,path,rows,cols,status,seconds,bytes,mtime_ns,message ] ||
	fail "head of the index"
[ "$(column 7 i.csv)" = "$(wc -c <one.pgm | tr -d ' ')" ] || fail "bytes"
[ "$(column 8 i.csv)" = "$(stat -c %.9Y one.pgm | tr -d .)" ] || fail "mtime_ns"

# Parts, which convert joins.
mkdir parts
for i in 1 2 3 4 5 6 7; do
	pgm parts/$i.pgm 64 64 $i
done
expect 0 hog -q -o all.npy parts
for k in 1 2 3; do
	expect 0 hog -q --shard $k/3 -o part$k.npy parts
done
[ "$(cut -d, -f2 part1.csv | tail -n +2 | tr '\n' ' ')" = \
	"parts/1.pgm parts/2.pgm parts/3.pgm " ] || fail "images of the first part"
expect 0 convert -q part1.npy part2.npy part3.npy joined.npy
same joined.npy all.npy
expect 1 hog --shard 8/8 -o out.npy parts
says err "has none of 7 images"
for wrong in 0/3 4/3 1 1/0 -1/3 1/3x a/b; do
	expect 2 hog --shard $wrong -o out.npy parts
done
# Memory: an image that can never fit is too large, the others go on.
pgm wide.pgm 4000 2000
expect 3 hog -q -o out.npy --memory 1M --resize 64x64 --on-error skip \
	wide.pgm parts/1.pgm
[ "$(statuses out.csv)" = "too_large ok" ] || fail "statuses $(statuses out.csv)"
expect 1 hog -q -o out.npy --memory 1M --resize 64x64 wide.pgm
says err "hog: wide.pgm needs" "budget"
expect 2 hog -o out.npy --memory none parts
exit 0
