# What every test of the command needs. Sourced, from the top build folder:
# $foray is the command, the current folder a new one that is removed at the
# end, also when the test is interrupted.
set -u
LC_ALL=C
export LC_ALL
unset FORAY_TEMP_FOLDER FORAY_FORCE_BACKEND FORAY_MAX_CPU_COUNT FORAY_TEST_NO
unset FORAY_N_JOBS FORAY_BACKEND FORAY_INNER_THREADS FORAY_MAX_NBYTES
unset FORAY_MMAP_MODE FORAY_PRE_DISPATCH FORAY_BATCH_SIZE FORAY_RETRIES
unset FORAY_TIMEOUT FORAY_ON_ERROR FORAY_GRACE
umask 022
top=$(pwd)
foray=${FORAY:-$top/foray}
[ -x "$foray" ] || { echo "no command $foray: run make first"; exit 99; }

work=$(mktemp -d "${TMPDIR:-/tmp}/foray-cli-XXXXXX") || exit 99
clean_up() {
	cd /
	umount "$work/full" 2>/dev/null
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
chmod 755 "$work"
cd "$work" || exit 99

fail() {
	echo "FAILED: $*"
	[ -s "$work/err" ] && sed 's/^/  stderr: /' "$work/err"
	[ -s "$work/out" ] && sed 's/^/  stdout: /;20q' "$work/out"
	exit 1
}

skip() {
	echo "SKIPPED: $*"
	exit 77
}

# expect STATUS ARGUMENT...: run the command, its words in $work/out and err.
expect() {
	_wanted=$1
	shift
	"$foray" "$@" >"$work/out" 2>"$work/err" </dev/null
	_status=$?
	[ $_status -eq "$_wanted" ] ||
		fail "foray $*: exit status $_status, not $_wanted"
}

# says FILE TEXT...: FILE (out or err) holds each text.
says() {
	_file=$1
	shift
	for _text; do
		grep -qF -e "$_text" "$work/$_file" ||
			fail "$_file does not say: $_text"
	done
}

# absent FILE...: none of these is there, nor what they begin as.
absent() {
	for _name; do
		for _file in "$_name" "$_name.partial"; do
			[ ! -e "$_file" ] || fail "$_file was left"
		done
	done
}

same() {
	cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

# pgm FILE ROWS COLS [SEED]: a gray image of numbers that look random.
pgm() {
	awk -v rows="$2" -v cols="$3" -v x="$((${4:-1} * 7919 + 17))" 'BEGIN {
		printf "P5\n%d %d\n255\n", cols, rows
		for (i = 0; i < rows * cols; i++) {
			x = (x * 16807) % 2147483647
			printf "%c", 33 + x % 94
		}
	}' >"$1"
}

# repeat N PATH: a list that names one image many times: long work, one file.
repeat() {
	awk -v n="$1" -v path="$2" 'BEGIN { while (n--) print path }'
}

# long_work N: `list` names a large image N times, so that a run of it is under
# way for a while.
long_work() {
	_side=1200
	[ -z "${FORAY_QUICK-}" ] || _side=850
	pgm a.pgm $_side $_side
	repeat "$1" a.pgm >list
}

# column N FILE: of an index whose fields need no quotes.
column() {
	tail -n +2 "$2" | cut -d, -f "$1"
}

# paths FILE: of an index whose fields need no quotes, in one line.
paths() {
	column 2 "$1" | tr '\n' ' ' | sed 's/ $//'
}

# hog_paths WANTED ARGUMENT...: the index names these images.
hog_paths() {
	wanted=$1
	shift
	expect 0 hog -q -j1 -o out.npy "$@"
	[ "$(paths out.csv)" = "$wanted" ] ||
		fail "foray hog $*: $(paths out.csv), not $wanted"
}

# statuses FILE: the status words, in one line.
statuses() {
	column 5 "$1" | tr '\n' ' ' | sed 's/ $//'
}

# first_value FILE ROW: the first number of a row of f64 features.
first_value() {
	"$foray" info "$1" >"$work/info" || fail "info $1"
	_start=$(sed -n 's/^  data at *//p' "$work/info")
	_length=$(sed -n 's/^  shape *([0-9]*, \([0-9]*\))/\1/p' "$work/info")
	od -An -tfD -j $((_start + $2 * _length * 8)) -N 8 "$1" | tr -d ' '
}

# Processes of commands that this test started, by its folder's name in their
# arguments; zombies have none.
processes() {
	grep -lF -f- /proc/[0-9]*/cmdline 2>/dev/null <<-END |
	$work
	END
	sed 's|/proc/||; s|/cmdline||'
}

# Entries of /dev/shm that are foray's.
shm_names() {
	ls /dev/shm 2>/dev/null | grep foray | sort
}

# wait_for COMMAND...: until it succeeds, at most a minute or so.
wait_for() {
	_tries=0
	until "$@"; do
		_tries=$((_tries + 1))
		[ $_tries -lt 1200 ] || fail "waited in vain for: $*"
		sleep 0.05
	done
}

# wait_at_work COMMAND...: until it succeeds, or the process $run has ended.
wait_at_work() {
	until "$@"; do
		kill -0 "$run" 2>/dev/null || break
		sleep 0.01
	done
}

# kill_when COMMAND...: kill the process $run as soon as that succeeds; fails if
# the process ended before.
kill_when() {
	wait_at_work "$@"
	kill -KILL "$run" 2>/dev/null
	wait "$run" 2>/dev/null
	[ $? -eq 137 ]
}

# interrupt COMMAND...: again and again until it succeeds. A machine may be so
# fast that what is to be killed ends before.
interrupt() {
	for _try in 1 2 3 4 5 6 7 8 9 10; do
		"$@" && return
	done
	skip "this machine is too fast for what is killed here"
}

# shm_as_before FILE: nothing new of foray's, when other tests have ended.
shm_as_before() {
	wait_for nothing_new "$1"
}

nothing_new() {
	[ -z "$(shm_names | comm -13 "$1" -)" ]
}

# children PID: processes whose parent it is.
children() {
	cat /proc/[0-9]*/stat 2>/dev/null |
		sed -n "s/^\([0-9]*\) (.*) [^Z] $1 .*/\1/p"
}

# find_busy PID: $worker is one of a command's two workers, in mid-work: it has
# had a tenth of a second of CPU time.
find_busy() {
	wait_for has_two "$1"
	worker=$(children "$1" | head -1)
	wait_for has_worked "$worker"
}

has_two() {
	[ "$(children "$1" | wc -l)" -eq 2 ]
}

has_worked() {
	[ "$(sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f12)" -ge 10 ]
}
