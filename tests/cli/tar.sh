#!/bin/sh
# Images in tar archives: which, what they are called, and what is refused.
. "${srcdir:-.}/tests/cli/setup.sh"
command -v tar >/dev/null || skip "no tar"

mkdir -p in/.hidden d
for i in 1 2 3 4; do
	pgm in/$i.pgm 24 24 $i
done
cp in/1.pgm in/.x.pgm
cp in/1.pgm in/.hidden/y.pgm
echo words >in/notes.txt
ln -s 1.pgm in/link.pgm
tar -cf a.tar -C in 3.pgm notes.txt .hidden .x.pgm link.pgm 1.pgm
tar -cf d/b.tar in/2.pgm
tar -cf d/words.tar in/notes.txt
cp in/4.pgm d/a.pgm
cp in/4.pgm d/c.pgm

hog_paths "a.tar:3.pgm a.tar:1.pgm" a.tar
hog_paths "a.tar:1.pgm in/2.pgm d/b.tar:in/2.pgm" a.tar:1.pgm in/2.pgm d/b.tar
hog_paths "d/a.pgm d/b.tar:in/2.pgm d/c.pgm" d
printf '%s\n' d/b.tar a.tar:3.pgm in/4.pgm >list
hog_paths "d/b.tar:in/2.pgm a.tar:3.pgm in/4.pgm" --from list
hog_paths "d/b.tar:in/2.pgm" --shard 1/3 --from list
cp out.npy packed.npy
expect 0 hog -q -o out.npy in/2.pgm
same out.npy packed.npy

# Nothing is unpacked; pictures and resized images have their own names.
expect 0 hog -q -o out.npy --visualize pictures a.tar
[ -f pictures/0-3.png ] && [ -f pictures/1-1.png ] || fail "names of pictures"
expect 0 resize -q 8x8 -o small a.tar d/b.tar
[ "$(ls small | tr '\n' ' ')" = "1.pgm 2.pgm 3.pgm " ] || fail "names: $(ls small)"
expect 0 resize -q 8x8 -o loose in/1.pgm in/2.pgm in/3.pgm
for i in 1 2 3; do
	same small/$i.pgm loose/$i.pgm
done
expect 1 resize -q 8x8 -o both a.tar in/3.pgm
says err "would both become both/3.pgm"

# Updates: an archive more, and one that was changed.
expect 0 hog -q -o up.npy a.tar
expect 0 hog --update -o up.npy a.tar d/b.tar
says err "2 as they were, 1 new, 0 again"
[ "$(paths up.csv)" = "a.tar:3.pgm a.tar:1.pgm d/b.tar:in/2.pgm" ] ||
	fail "paths of an update: $(cat up.csv)"
touch -d '2001-01-01' a.tar
expect 0 hog --update -o up.npy a.tar d/b.tar
says err "1 as they were, 0 new, 2 again"
expect 0 hog -q -o want.npy a.tar d/b.tar
same up.npy want.npy

# One that fails is one that failed; what is no archive is said at once.
expect 3 hog -q --on-error skip -o out.npy a.tar a.tar:5.pgm b.tar:1.pgm
[ "$(statuses out.csv)" = "ok ok missing missing" ] || fail "$(cat out.csv)"
expect 1 hog -o out.npy d/words.tar
says err "d/words.tar: no jpg, jpeg, png, tif, tiff, webp, pgm or ppm files in this archive"
expect 1 hog -o out.npy none.tar
says err "cannot open none.tar"
if gzip -c a.tar >c.tar.gz; then
	expect 1 hog -o out.npy c.tar.gz
	says err "c.tar.gz is compressed (gzip)"
fi
head -c 1500 a.tar >cut.tar
expect 1 hog -o out.npy cut.tar
says err "cut.tar" "cut short" "ends at byte 1500"

# With skip a damaged one is one image that failed, behind those before it.
mkdir s
tar -cf s/b.tar -C in 1.pgm 2.pgm 3.pgm
size=$(($(wc -c <in/1.pgm) / 512 * 512 + 1024)) # of the first
dd if=/dev/zero of=s/b.tar bs=1 seek=$((size + 110)) count=1 conv=notrunc \
	2>"$work/err" || fail "dd"
head -c $((2 * size - 10)) a.tar >s/c.tar
echo words >s/d.tar
cp a.tar s/e.tar
expect 1 hog -o out.npy s
says err "s/b.tar is a damaged tar archive: at byte $size"
expect 3 hog -q --on-error skip -o out.npy s none.tar
[ "$(paths out.csv)" = "s/b.tar:1.pgm s/b.tar s/c.tar:3.pgm s/c.tar s/d.tar \
s/e.tar:3.pgm s/e.tar:1.pgm none.tar" ] || fail "$(cat out.csv)"
[ "$(statuses out.csv)" = \
	"ok corrupt ok truncated corrupt ok ok missing" ] || fail "$(cat out.csv)"
grep -q "s/b.tar is a damaged tar archive: at byte $size" out.csv &&
	grep -q "s/c.tar is a tar archive that was cut short" out.csv ||
	fail "$(cat out.csv)"
expect 3 resize -q 8x8 --on-error skip -o skipped s/b.tar
[ "$(ls skipped)" = 1.pgm ] || fail "$(ls skipped)"
expect 3 hog -q --on-error skip -o out.npy s/b.tar:1.pgm s/b.tar:2.pgm
[ "$(statuses out.csv)" = "ok corrupt" ] || fail "$(cat out.csv)"
expect 2 hog -o out.npy --index a.tar a.tar:1.pgm
says err "--index a.tar is one of the inputs"
exit 0
