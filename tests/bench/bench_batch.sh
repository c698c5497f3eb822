#!/bin/sh
# 200 photographs of 512x512: foray hog with two jobs against joblib and
# scikit-image, against an OpenMP loop, and against one job.
# From the build folder: make tests/bench/bench_batch, then this.
# Images: those of propaganda-debian, or of the folder given. Output goes to
# /dev/shm, so that no disk is measured.
LC_ALL=C
export LC_ALL
images=${1:-/usr/share/wallpapers}
set -- "$images"/*.[jJ][pP][gG]
[ -e "$1" ] || { echo "no photographs in $images: apt-get install propaganda-debian"; exit 77; }
[ -x tests/bench/bench_batch ] || { echo "make tests/bench/bench_batch first"; exit 99; }
work=$(mktemp -d /dev/shm/foray-bench-XXXXXX) || exit 99
trap 'rm -rf "$work"' EXIT

# First, because it warms the memory for all that follows: a virtual machine
# pays several times more for the first touch of memory never used before.
tests/bench/bench_batch "$work" "$@" || exit 1

i=0
while [ $i -lt 200 ]; do
	for path; do
		[ $i -lt 200 ] && echo "$path"
		i=$((i + 1))
	done
done >"$work/list"

# The command as a whole, from its start to its end, best of nine.
best=
for round in 1 2 3 4 5 6 7 8 9; do
	start=$(date +%s.%N)
	./foray hog -q -j2 -o "$work/out.npy" --from "$work/list" || exit 1
	seconds=$(echo "$start $(date +%s.%N)" | awk '{ printf "%.3f", $2 - $1 }')
	best=$(echo "$seconds ${best:-$seconds}" | awk '{ print ($1 < $2) ? $1 : $2 }')
done
rm -f "$work/out.npy"
echo "foray hog -j2, whole command  $best s"
python=/usr/bin/python3
$python -c 'import skimage, joblib, PIL' 2>/dev/null ||
	{ echo "no python3-skimage, python3-joblib, python3-pil: not compared"; exit 0; }
joblib=$($python "$(dirname "$0")/bench_joblib.py" "$@") || exit 1
echo "$joblib $best" | awk '{
	ratio = $1 / $2
	printf "joblib + skimage, 2 jobs      %.3f s, %.1f times as long (target 30) %s\n",
		$1, ratio, (ratio >= 30 ? "ok" : "MISSED") }'
