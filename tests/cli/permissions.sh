#!/bin/sh
# Files and folders that may not be read or written.
. "${srcdir:-.}/tests/cli/setup.sh"

# As root everything may be read: become nobody for these.
as=
if [ "$(id -u)" -eq 0 ]; then
	command -v setpriv >/dev/null ||
		skip "root, and setpriv (util-linux) is not installed"
	as="setpriv --reuid=65534 --regid=65534 --clear-groups"
fi
$as "$foray" --version >/dev/null 2>&1 ||
	skip "nobody may not run $foray"

mkdir open closed
chmod 777 open
pgm a.pgm 40 40 1
pgm b.pgm 40 40 2
cp a.pgm closed/
chmod 000 b.pgm
chmod 555 closed

run() {
	wanted=$1
	shift
	$as "$foray" "$@" >out 2>err </dev/null
	status=$?
	[ $status -eq "$wanted" ] ||
		fail "foray $*: exit status $status, not $wanted"
}

run 1 hog -o open/o.npy a.pgm b.pgm
says err b.pgm "ermission"
absent open/o.npy open/o.csv
run 3 hog -o open/o.npy --on-error skip a.pgm b.pgm
[ "$(statuses open/o.csv)" = "ok unreadable" ] ||
	fail "statuses: $(statuses open/o.csv)"
rm -f open/o.npy open/o.csv

run 1 hog -o closed/o.npy a.pgm
says err closed/o "ermission"
run 1 hog -o open/o.npy --index closed/o.csv a.pgm
says err closed/o.csv "ermission"
run 1 hog -o open/o.npy --visualize closed/d a.pgm
says err closed/d "ermission"
run 1 hog -o open/o.npy --visualize closed a.pgm
says err closed
absent open/o.npy open/o.csv closed/o.npy closed/o.csv

chmod 000 closed
run 1 hog -o open/o.npy closed
says err closed "ermission"

# One among others fails like an image, if others may go on.
mkdir all
chmod 755 all
cp a.pgm all/z.pgm
mv closed all/closed
run 1 hog -o open/o.npy --recursive all
says err all/closed "ermission"
run 3 hog -o open/o.npy --recursive --on-error skip all
[ "$(statuses open/o.csv)" = "unreadable ok" ] ||
	fail "statuses with a folder: $(statuses open/o.csv)"
says open/o.csv all/closed, "ermission"
rm -f open/o.*
mv all/closed closed
chmod 755 closed
run 1 info b.pgm
says err b.pgm
exit 0
