#!/bin/sh
# Runs the campaigns named and prints one table: promise, cases tried, cases
# that broke it. From the top build folder:
#
#     tests/faults/faults.sh [--quick] CAMPAIGN...     (make check-faults)
set -u
quick=
if [ "${1:-}" = --quick ]; then
	quick=--quick
	shift
fi
rows=$(mktemp) || exit 99
trap 'rm -f "$rows"' EXIT
status=0
for campaign; do
	start=$(date +%s)
	before=$(wc -l <"$rows")
	# shellcheck disable=SC2086 # an option or none
	"$campaign" $quick >>"$rows" || {
		status=1
		echo "FAILED: $campaign"
	}
	# One that says nothing has tried nothing.
	[ "$(wc -l <"$rows")" -gt "$before" ] || {
		status=1
		echo "FAILED: $campaign printed no row"
	}
	printf '%s: %s s\n' "$campaign" $(($(date +%s) - start)) >&2
done
awk -F '\t' '
	BEGIN { printf "%-72s %10s %8s\n", "promise", "cases", "failures" }
	NF == 3 && $2 == "skipped" { printf "%-72s %19s\n", $1, "skipped: " $3; next }
	NF != 3 || $2 !~ /^[0-9]+$/ || $3 !~ /^[0-9]+$/ {
		print "no row: " $0; bad = 1; next
	}
	{ printf "%-72s %10d %8d\n", $1, $2, $3; bad += $3 > 0 || $2 == 0 }
	END { exit bad > 0 }' "$rows" || status=1
exit $status
