#!/bin/sh
# foray resize: images of one size in a folder, and what is refused before.
. "${srcdir:-.}/tests/cli/setup.sh"

wrong() {
	_words=$1
	shift
	expect 2 "$@"
	says err "$_words" "--help shows"
	absent made made.csv
}

pgm a.pgm 30 40
pgm b.pgm 50 20 2
mkdir in
pgm in/a.pgm 10 10 3

# Options and names, before any work.
wrong "no size" resize
wrong "the size 8 must be ROWSxCOLUMNS" resize 8 -o made a.pgm
wrong "-o DIR is needed" resize 8x8 a.pgm
wrong "no images" resize 8x8 -o made
wrong "-0 is for" resize 8x8 -o made -0 a.pgm
wrong "must be png, jpg" resize 8x8 -o made --format gif a.pgm
for quality in 0 101 -1 best; do
	wrong "from 1 to 100" resize 8x8 -o made --quality="$quality" a.pgm
done
expect 1 resize 8x8 -o made a.pgm in/a.pgm
says err "a.pgm and in/a.pgm would both become made/a.pgm"
cp a.pgm a.raw
expect 1 resize 8x8 -o made a.raw
says err "give --format"
expect 1 resize 8x8 -o made --format ppm a.pgm a.raw
says err "would both become made/a.ppm"
expect 1 resize 8x8 -o . a.pgm
says err "would be overwritten"
expect 1 resize 8x8 -o no/such a.pgm
absent made no
expect 0 resize 8x8 -o made --dry-run a.pgm b.pgm
says out "2 to 8 x 8"
absent made

# The images; the same whatever computes them.
expect 0 resize 12x16 -o made a.pgm b.pgm
says err "made: 2 images of 12 x 16"
[ "$(ls made)" = "a.pgm
b.pgm" ] || fail "$(ls made)"
for file in made/a.pgm made/b.pgm; do
	[ "$(head -c 13 $file)" = "P5
16 12
255" ] || fail "$file is another image"
done
for backend in serial threads; do
	expect 0 resize 12x16 -q -o $backend --backend $backend a.pgm b.pgm
	[ ! -s "$work/err" ] || fail "words though quiet"
	same made/a.pgm $backend/a.pgm
	same made/b.pgm $backend/b.pgm
done
expect 0 resize 12x16 -q -o made --fit pad --filter box a.pgm
! cmp -s made/a.pgm serial/a.pgm || fail "it was not replaced"
expect 0 resize 30x40 -q -o whole a.pgm
same whole/a.pgm a.pgm

# Images that fail cost themselves.
printf 'P5 9 9 255 cut' >cut.pgm
expect 1 resize 8x8 -o stop --index stop.csv cut.pgm a.pgm
says err "cut.pgm" "images are written"
absent stop.csv stop/cut.pgm
expect 3 resize 8x8 -o skip --on-error skip --index skip.csv a.pgm cut.pgm
says err "1 of 2 images failed: reasons in skip.csv"
[ "$(ls skip)" = a.pgm ] || fail "$(ls skip)"
[ "$(cut -d, -f1-5 skip.csv)" = "row,path,rows,cols,status
0,a.pgm,30,40,ok
1,cut.pgm,9,9,truncated" ] || fail "$(cat skip.csv)"

pgm large.pgm 1200 1200
expect 1 resize 8x8 -o large --memory 1M large.pgm
says err "resize: large.pgm needs" "raise \`memory\`"
expect 0 resize 8x8 -q -o large --memory 8M large.pgm a.pgm b.pgm

# A JPEG that is decoded at an eighth of its size needs less.
if "$foray" resize -q 1200x1200 -o large --format jpg large.pgm 2>"$work/err"
then
	expect 1 resize 8x8 -q -o large --memory 2M --format pgm large/large.jpg
	says err "large.jpg needs"
	expect 0 resize 8x8 -q -o large --memory 2M --format pgm \
		--jpeg-scale auto large/large.jpg
fi

# Other formats, where this build has them.
"$foray" resize -q 8x8 -o png --format png a.pgm 2>"$work/err" || {
	says err "built without PNG"
	exit 0
}
[ "$(ls png)" = a.png ] || fail "$(ls png)"
expect 0 resize -q 8x8 -o pgm --format pgm png/a.png
expect 0 resize -q 8x8 -o want a.pgm
same pgm/a.pgm want/a.pgm
exit 0
