#!/bin/sh
# A worker killed in the middle: one image is lost, named, and no other.
. "${srcdir:-.}/tests/cli/setup.sh"

shm_names >shm.before
long_work 600
set -- --pixels-per-cell 64x64 --cells-per-block 1x1 --from list

start() {
	"$foray" hog -o out.npy -j2 "$@" >out 2>err &
	pid=$!
	find_busy $pid
}

start "$@" --on-error skip
kill -KILL "$worker" || fail "the run was over too soon"
wait $pid
status=$?
[ $status -eq 3 ] || fail "skip: exit status $status"
says err "1 of 600 images failed"
counts=$(column 5 out.csv | sort | uniq -c | awk '{ print $1, $2 }')
[ "$(echo $counts)" = "1 crashed 599 ok" ] || fail "statuses: $counts"
grep -q ',crashed,.*a\.pgm.*\(SIGKILL\|signal 9\|[Kk]illed\)' out.csv ||
	fail "the reason: $(grep crashed out.csv)"
row=$(sed -n 's/^\([0-9]*\),.*,crashed,.*/\1/p' out.csv)
case $(first_value out.npy "$row") in
*nan*) ;;
*) fail "row $row is not NaN" ;;
esac
case $(first_value out.npy $((row ? row - 1 : 1))) in
*nan*) fail "the row beside it is NaN" ;;
esac
rm -f out.npy out.csv

start "$@"
kill -KILL "$worker" || fail "the run was over too soon"
wait $pid
status=$?
[ $status -eq 1 ] || fail "stop: exit status $status"
says err a.pgm
absent out.npy out.csv
[ -z "$(processes)" ] || fail "processes were left: $(processes)"
shm_as_before shm.before
exit 0
