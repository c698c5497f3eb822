#!/bin/sh
# The promise that any bytes are safe input, tried by libFuzzer: 10 million
# inputs for each parser, 60 minutes of CPU time for chunks and for images, none
# of which may crash, leak, take a second, or ask for more memory than there is
# room for below. From the top folder of a build that was configured with
# --enable-fuzzing CC=clang:
#
#     FUZZ_SHARE=0.01 tests/fuzz/campaign.sh TARGET...     (make fuzz-campaign)
#
# Corpora grow in fuzz/corpus there, what breaks the promise is left in
# fuzz/found, and a target goes on behind it. Rows are those of tests/faults.
set -u
share=${FUZZ_SHARE:-1} srcdir=${srcdir:-.}
mkdir -p fuzz/found || exit 99
rows=$(mktemp) || exit 99
trap 'rm -f "$rows" "$rows.out" "$rows.times"' EXIT
# Shadow memory of large blocks is written, not mapped anew each time.
ASAN_OPTIONS=clear_shadow_mmap_threshold=100000000:quarantine_size_mb=16
export ASAN_OPTIONS

whole() { awk "BEGIN { printf \"%d\", $1 }"; }

# Seconds of CPU time of all that has ended, in $cpu. No subshell: it would
# count its own.
count_cpu() {
	times >"$rows.times"
	cpu=$(sed -n 's/m/ /g; s/s//g; 2p' "$rows.times" |
		awk '{ printf "%d", 60 * ($1 + $3) + $2 + $4 }')
}

# What a target promises, how many MiB one allocation may have, how long inputs
# are, and how many of them there are, or seconds.
describe() {
	unit=inputs most=$(whole "10000000 * $share") length=4096 seeds=
	case $1 in
	npy) what="a .npy header" mib=1 ;;
	npz) what="a .npz file" mib=16 ;;
	joblib) what="a joblib file" mib=272 ;; # xz: 256
	descriptor) what="what a worker or a backend sends" mib=1 ;;
	csv) what="a table of numbers" mib=1 ;;
	index) what="an index of images" mib=1 ;;
	journal) what="a journal" mib=2 length=1024 ;;
	options) what="a word of a command line" mib=1 length=512 ;;
	settings) what="a setting" mib=1 length=512 ;;
	eval) what="an expression" mib=16 length=512 ;;
	tar) what="a tar archive" mib=32 length=8192 ;;
	image) what="an image" mib=160 unit=seconds seeds=$srcdir/data/image ;; # zstd: 128
	hdf5) what="a chunk of an HDF5 dataset" mib=16 unit=seconds ;;
	*)
		echo "campaign.sh: there is no target $1" >&2
		exit 99
		;;
	esac
	[ "$unit" = inputs ] || most=$(whole "3600 * $share")
	[ "$most" -gt 0 ] || most=1
}

# A machine that is busy elsewhere makes an input slow once, not three times.
is_slow() {
	for _ in 1 2 3; do
		"tests/fuzz/fuzz_$1" -timeout=1 "$2" >/dev/null 2>&1 && return 1
	done
	return 0
}

# One run of libFuzzer, with an end of its own: `run TARGET OPTION`. How many
# inputs it had is $n_run.
run() {
	# shellcheck disable=SC2086 # a folder or none
	"tests/fuzz/fuzz_$1" "$2" -timeout=1 -rss_limit_mb=2048 \
		-malloc_limit_mb="$mib" -max_len="$length" \
		-artifact_prefix="fuzz/found/$1-" -print_final_stats=1 \
		"fuzz/corpus/$1" "$srcdir/tests/fuzz/corpus/$1" $seeds \
		>"$rows.out" 2>&1
	ended=$?
	n_run=$(sed -n 's/^stat::number_of_executed_units: *//p' "$rows.out")
	n_run=${n_run:-0}
	[ "$ended" = 0 ] && return
	found=$(sed -n 's/.*Test unit written to //p' "$rows.out" | tail -1)
	case $found in
	*-timeout-*) is_slow "$1" "$found" || {
		rm -f "$found"
		return
	} ;;
	esac
	failures=$((failures + 1))
	grep 'ERROR\|SUMMARY\|Test unit' "$rows.out" >&2
}

# Until so many inputs were tried, or seconds spent.
campaign() {
	describe "$1"
	[ -x "tests/fuzz/fuzz_$1" ] || {
		echo "tests/fuzz/fuzz_$1 is not built: configure with" \
			"--enable-fuzzing CC=clang" >&2
		exit 99
	}
	mkdir -p "fuzz/corpus/$1" || exit 99
	count_cpu
	n=0 failures=0 spent=0 begin=$cpu
	while [ "$failures" -lt 20 ]; do
		if [ "$unit" = inputs ]; then
			left=$((most - n)) option=-runs=$((most - n))
		else
			left=$((most - spent))
			option=-max_total_time=$((left < 300 ? left : 300))
		fi
		[ "$left" -gt 0 ] || break
		run "$1" "$option"
		[ "$n_run" -gt 0 ] || break
		n=$((n + n_run))
		count_cpu
		spent=$((cpu - begin))
	done
	edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$rows.out" | tail -1)
	printf '%s: %d inputs, %d s of CPU time, %s edges\n' "$1" "$n" \
		"$spent" "${edges:-no}" >&2
	printf 'any bytes are safe input: %s\t%d\t%d\n' "$what" "$n" \
		"$failures" >>"$rows"
}

for target; do
	campaign "$target"
done
awk -F '\t' '
	BEGIN { printf "%-72s %10s %8s\n", "promise", "cases", "failures" }
	{ printf "%-72s %10d %8d\n", $1, $2, $3; bad += $3 > 0 || $2 == 0 }
	END { exit bad > 0 }' "$rows"
