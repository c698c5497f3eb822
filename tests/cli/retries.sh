#!/bin/sh
# --timeout, --retries and --nice: a worker that hangs, one that is killed.
. "${srcdir:-.}/tests/cli/setup.sh"

shm_names >shm.before
long_work 400
set -- --pixels-per-cell 64x64 --cells-per-block 1x1 --from list

# start SIGNAL ARGUMENT...: a run, one worker of which gets the signal.
start() {
	signal=$1
	shift
	rm -f out.npy out.csv
	"$foray" hog -o out.npy -j2 "$@" >"$work/out" 2>"$work/err" </dev/null &
	pid=$!
	find_busy $pid
	kill -"$signal" "$worker" || fail "the run was over too soon"
}

ends_with() {
	wait $pid
	status=$?
	[ $status -eq "$1" ] || fail "exit status $status, not $1"
}

counts() {
	column 5 out.csv | sort | uniq -c | awk '{ print $1, $2 }' | tr '\n' ' '
}

# A worker that stands still: its image is given up, by the word for it.
start STOP "$@" --timeout 5 --on-error skip
ends_with 3
says err "1 of 400 images failed"
[ "$(counts)" = "399 ok 1 timeout " ] || fail "statuses: $(counts)"
grep -q ',timeout,.*a\.pgm.*timeout of 5 s' out.csv ||
	fail "the reason: $(grep timeout out.csv)"

# The same is an error with the policy stop, which names the image.
start STOP "$@" --timeout 5
ends_with 1
says err a.pgm "timeout of 5 s"
absent out.npy out.csv

# Tried again, nobody sees a difference.
"$foray" hog -q -o wanted.npy -j2 "$@" || fail "undisturbed"
for signal in STOP KILL; do
	start $signal "$@" --timeout 5 --retries 1 -v
	ends_with 0
	says err "1 replaced"
	[ "$(counts)" = "400 ok " ] || fail "$signal, retries: $(counts)"
	same out.npy wanted.npy
done

# The option beats the environment, also when it says none.
FORAY_RETRIES=1
export FORAY_RETRIES
start KILL "$@" --retries 0
ends_with 1
says err a.pgm
unset FORAY_RETRIES

# The command and its workers give way to others.
niceness() {
	sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f17
}

before=$(niceness $$)
if [ "$before" -le 12 ]; then
	"$foray" hog -q -o out.npy -j2 --nice 7 "$@" &
	pid=$!
	wait_for has_two $pid
	for one in $pid $(children $pid); do
		[ "$(niceness "$one")" -eq $((before + 7)) ] ||
			fail "niceness of $one: $(niceness "$one")"
	done
	ends_with 0
fi
[ -z "$(processes)" ] || fail "processes were left: $(processes)"
shm_as_before shm.before
exit 0
