#!/bin/sh
# foray status: how far the runs of this user are.
. "${srcdir:-.}/tests/cli/setup.sh"

pgm a.pgm 512 512
repeat 100000 a.pgm >"list \"of\" 100000"
expect 0 status --json
grep -q "$work" out && fail "a run before any was begun"

"$foray" hog -q -j 2 --cells-per-block 1x1 --dtype f16 --pixels-per-cell 64x64 \
	--from "list \"of\" 100000" -o out.npy 2>"$work/run.err" </dev/null &
run=$!
told() {
	expect 0 status
	grep -q "^$run  [0-9]*/100000, .*/s, .* left  .*--from list.*, in $(pwd -P)\$" \
		"$work/out"
}
wait_for told
expect 0 status --json
grep "^{\"pid\": $run, " out >one || fail "no line of JSON: $(cat out)"
if command -v python3 >/dev/null; then
	python3 -c '
import json, os, sys
run = json.loads(open("one").read())
assert run["total"] == 100000 and 0 <= run["done"] <= 100000, run
assert "list \"of\" 100000" in run["command"], run
assert run["folder"] == os.getcwd(), run
assert run["seconds"] >= 0 and run["failed"] == 0, run' || fail "$(cat one)"
fi
# The image that takes the longest, and how long already.
worker=$(children $run | head -1)
kill -STOP "$worker"
told_slowest() {
	expect 0 status
	grep -q "^$run  .* left; a\.pgm runs for 0:0[1-9]  .*--from list" "$work/out"
}
wait_for told_slowest
expect 0 status --json
grep "^{\"pid\": $run, .*\"slowest_seconds\": [1-9].*, \"slowest\": \"a\.pgm\"}$" \
	out >one || fail "no slowest image: $(cat out)"
kill -CONT "$worker"
# Nobody else is told, and sees that there is nothing to be told.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$foray" status --json >"$work/other" 2>/dev/null
	grep -q "$run" "$work/other" && fail "another user was told"
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$foray" status >"$work/other" 2>&1
	grep -q "^foray status: nothing runs" "$work/other" ||
		grep -q "^[0-9]" "$work/other" || fail "another user is told nothing"
fi
# A stopped run is not waited for for ever.
kill -STOP $run
expect 0 status
grep -q "^$run  busy" out || grep -q "^$run  [0-9]*/" out ||
	fail "a stopped run: $(cat out)"
kill -CONT $run
kill -KILL $run
wait $run 2>/dev/null
expect 0 status --json
grep -q "\"pid\": $run, " out && fail "a run that is dead"
expect 2 status all
says err "takes no arguments"
exit 0
