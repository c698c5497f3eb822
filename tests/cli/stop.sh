#!/bin/sh
# Ctrl-C, SIGTERM, SIGHUP, SIGKILL: no process is left, no output but what the
# same command goes on with (resume.sh).
. "${srcdir:-.}/tests/cli/setup.sh"

shm_names >shm.before
mkdir tmp
FORAY_TEMP_FOLDER=$work/tmp
export FORAY_TEMP_FOLDER
pgm a.pgm 1000 1000
repeat 4000 "$work/a.pgm" >list
set -- --pixels-per-cell 16x16 --cells-per-block 1x1 --dtype f32 -j2 \
	-o "$work/out.npy" --from list

working() {
	[ "$(processes | wc -l)" -ge 3 ]
}

all_gone() {
	[ -z "$(processes)" ]
}

nothing_left() {
	[ -z "$(processes)" ] || fail "$1: processes were left: $(processes)"
	[ ! -e out.npy ] && [ ! -e out.csv ] || fail "$1: an output was left"
	[ -z "$(ls -A tmp)" ] || fail "$1: left: $(ls -A tmp)"
}

# timeout gives the command default signals, which a shell's & does not.
start_with_signals() {
	rm -f out.npy.*
	timeout --preserve-status 600 "$foray" hog "$@" \
		>"$work/out" 2>"$work/err" </dev/null &
	starter=$!
	wait_for begun
	pid=$(children $starter)
}

# The command heeds signals before it makes a file.
begun() {
	[ -e out.npy.partial ]
}

for pair in "INT 130" "TERM 143" "HUP 129"; do
	signal=${pair% *}
	start_with_signals "$@"
	find_busy "$pid"
	kill -"$signal" "$pid"
	wait $starter
	status=$?
	[ $status -eq "${pair#* }" ] || fail "$signal: exit status $status"
	says err "stopped by SIG$signal"
	nothing_left "$signal"
	absent out.csv
done

# The same with the tasks in the command itself.
start_with_signals --backend serial "$@"
wait_for has_worked "$pid"
kill -INT "$pid"
wait $starter
status=$?
[ $status -eq 130 ] || fail "serial, SIGINT: exit status $status"
nothing_left "serial"
absent out.csv

# As soon as the workers are there.
rm -f out.npy.*
"$foray" hog "$@" >"$work/out" 2>"$work/err" </dev/null &
pid=$!
wait_for working
sleep 0.1
kill -TERM $pid
wait $pid
[ $? -eq 143 ] || fail "TERM early: exit status $?"
nothing_left "TERM early"

# SIGKILL, at several moments: the kernel takes everything.
for moment in 0 0.05 0.3; do
	"$foray" hog "$@" >"$work/out" 2>"$work/err" </dev/null &
	pid=$!
	wait_for working
	sleep $moment
	kill -KILL $pid
	wait $pid 2>/dev/null
	wait_for all_gone
	nothing_left "SIGKILL"
done

# Asked for twice, it ends at once.
start_with_signals "$@"
find_busy "$pid"
kill -STOP "$worker"
kill -INT "$pid"
sleep 0.2
kill -INT "$pid"
wait $starter
[ $? -eq 130 ] || fail "SIGINT twice: exit status $?"
wait_for all_gone

# How far it is.
start_with_signals "$@"
find_busy "$pid"
kill -USR1 "$pid"
wait_for grep -q "/s, .* left" "$work/err"
kill -INT "$pid"
wait $starter

# Also before there is a run: while it waits for its list.
heeds_usr1() { # bit 9 of the signals that are caught
	caught=$(sed -n 's/^SigCgt:.*\(...\)$/\1/p' "/proc/$1/status")
	[ $((0x$caught >> 9 & 1)) -eq 1 ]
}

mkfifo names
"$foray" hog --dry-run -o x.npy --from names >"$work/out" 2>"$work/err" &
pid=$!
exec 3>names
wait_for heeds_usr1 $pid
kill -USR1 $pid
repeat 3 a.pgm >&3
exec 3>&-
wait $pid || fail "SIGUSR1 before the run ended it"
says err "headers 3/3"

# Whoever reads what it says may go away.
mkfifo words
"$foray" hog --progress json -j2 --on-error skip -o read.npy -v a.pgm \
	missing.pgm 2>words &
pid=$!
exec 3<words
exec 3<&-
wait $pid
[ $? -eq 3 ] || fail "without a reader: exit status $?"
[ -e read.npy ] || fail "no output without a reader"
rm read.*

# What a killed run left beside the name is in nobody's way.
repeat 3 a.pgm >list
unset FORAY_TEMP_FOLDER
"$foray" hog --restart "$@" >"$work/out" 2>"$work/err" </dev/null ||
	fail "a run after a killed one"
[ -e out.npy ] && [ -e out.csv ] || fail "no output after a killed run"
absent_partial=$(ls | grep 'partial\|journal')
[ -z "$absent_partial" ] || fail "left: $absent_partial"
shm_as_before shm.before
exit 0
