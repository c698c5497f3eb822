#!/bin/sh
# foray hog --update: only what is new or changed is computed, into the rows of
# the file that is there; whatever ends it, the file is the old one or the same
# command goes on.
. "${srcdir:-.}/tests/cli/setup.sh"

mkdir im
for i in 1 2 3 4 5 6 7 8; do
	pgm im/$i.pgm 32 32 $i
done

# row FILE N: the bytes of one row of 324 f64, in a file.
row() {
	tail -c +$((129 + $2 * 2592)) "$1" | head -c 2592
}

# as_fresh FILE: each image has the row that a new run gives it, and the index
# says where.
as_fresh() {
	"$foray" hog -q --on-error skip -o fresh.npy im 2>/dev/null
	as_it_was "$1"
}
as_it_was() {
	column 2 fresh.csv >paths
	_i=0
	while read -r _path; do
		_line=$(grep -F ",$_path," "${1%.npy}.csv") ||
			fail "$_path is not in the index"
		row "$1" "${_line%%,*}" >a
		row fresh.npy $_i >b
		cmp -s a b || fail "$1: another row of $_path"
		_i=$((_i + 1))
	done <paths
	[ "$(column 1 "${1%.npy}.csv" | tail -1)" -eq \
		$((($(wc -c <"$1") - 128) / 2592 - 1)) ] ||
		fail "$1 and its index have different lengths"
}

nothing_left() {
	absent o.npy.update o.npy.update.journal o.npy.update.journal.rows \
		o.npy.journal o.csv.partial o.json.partial o.npy.partial
}

# The first time there is nothing to update.
expect 0 hog --update -o o.npy im
says err "(8, 324)"
cp o.npy whole.npy
expect 0 hog --update -o o.npy im
says err "all 8 rows are as they should be, 0 gone"
same o.npy whole.npy

# New ones behind the others, whose rows stay; changed ones in their place;
# those that are gone keep theirs.
change() {
	pgm im/0.pgm 32 32 10
	pgm im/9.pgm 32 32 9
	pgm im/3.pgm 32 32 33
	touch im/5.pgm
	rm im/2.pgm
}
mkdir before
cp -p o.npy o.csv o.json before
ls -i o.npy >number
change
expect 0 hog --update -o o.npy --dry-run im
says out "update  5 as they were, 2 new, 2 again, 1 gone"
same o.npy whole.npy
expect 0 hog --update -o o.npy im
says err "10 rows: 5 as they were, 2 new, 2 again, 1 gone"
as_fresh o.npy
nothing_left
ls -i o.npy | cmp -s - number || fail "it is another file"
[ "$(statuses o.csv)" = "ok gone ok ok ok ok ok ok ok ok" ] ||
	fail "statuses $(statuses o.csv)"
[ "$(column 2 o.csv | tail -2 | tr '\n' ' ')" = "im/0.pgm im/9.pgm " ] ||
	fail "order of new images"
row o.npy 1 >a
row whole.npy 1 >b
same a b
expect 0 info o.npy
says out "(10, 324)" 'status {"ok": 9, "gone": 1}'


# One that is back is known; an index in JSON lines says the same.
pgm im/2.pgm 32 32 2
expect 0 hog --update -o o.npy im
says err "10 rows: 9 as they were, 0 new, 1 again, 0 gone"
as_fresh o.npy
expect 0 hog -q -o j.npy --index j.jsonl im
bad=$(printf 'im/caf\351".pgm')
pgm "$bad" 32 32 99
mv im/4.pgm im/4.away
expect 0 hog --update -o j.npy --index j.jsonl im
says err "11 rows: 9 as they were, 1 new, 0 again, 1 gone"
grep -qF '{"row": 10, "path": "im/caf\udce9\".pgm"' j.jsonl || fail "last row"
expect 0 hog --update -o o.npy im
says err "11 rows: 9 as they were, 1 new, 0 again, 1 gone"
mv im/4.away im/4.pgm
for index in j.jsonl o.csv; do
	expect 0 hog --update -o ${index%%.*}.npy --index $index im
	says err "11 rows: 11 as they were, 0 new, 0 again, 0 gone"
done
as_fresh o.npy
rm "$bad"

# What failed is tried again, and it alone.
echo nonsense >im/8.pgm
expect 3 hog --update -o o.npy --on-error skip im
says err "9 as they were, 0 new, 1 again, 1 gone" "1 of 1 images failed"
[ "$(grep -c corrupt o.csv)" = 0 ] || [ "$(column 5 o.csv | sed -n 8p)" != ok ] ||
	fail "the status of a file that is none"
expect 3 hog --update -o o.npy --on-error skip im
says err "1 again"
expect 0 hog --update -o o.npy --on-error skip --accept-failures 10% im
pgm im/8.pgm 32 32 8
expect 0 hog --update -o o.npy im
says err "1 again"
as_fresh o.npy

# Refused, and nothing touched.
cp -p o.npy o.csv o.json before
refused() {
	_status=$1
	shift
	expect "$_status" hog --update "$@"
	nothing_left
	same o.npy before/o.npy
	same o.csv before/o.csv
	same o.json before/o.json
}
pgm im/11.pgm 32 32 11
refused 1 -o o.npy --block-norm L1 im
says err 'made with block-norm "L2-Hys", and it is "L1" now' "without --update"
refused 1 -o o.npy --dtype f32 im
refused 1 -o o.npy --resize 64x64 im
refused 1 -o o.npy --resume im
says err "begins nothing"
pgm im/12.pgm 32 33 12
refused 1 -o o.npy im
says err "im/12.pgm is 32 x 33, the images before are 32 x 32"
rm im/12.pgm
refused 2 -o o.npy --no-index im
refused 1 -o o.npy --failed drop --on-error skip im
says err 'made with failed "nan", and it is "drop" now'
refused 2 -o o.npy --failed drop --on-error skip --visualize pictures im
refused 2 -o o.npy before/o.npy
says err "have no time of change" "foray convert"
refused 2 -o o.npy --shard 1/2 im
says err "a list of its own"
refused 1 -o o.npy --index none.csv im
says err none.csv
head -5 o.csv >short.csv
refused 1 -o o.npy --index short.csv im
says err "o.npy has 11 rows, and short.csv 4"
sed 's/^3,/4,/' o.csv >other.csv
refused 1 -o o.npy --index other.csv im
says err "other.csv, line 5"
mv o.json away.json
expect 1 hog --update -o o.npy im
says err "o.json does not tell of o.npy"
mv away.json o.json

# Locked out, by whoever writes the output.
exec 9>o.npy.partial
flock 9 2>/dev/null && {
	refused_busy() {
		expect 1 hog "$@" -o o.npy im
		says err "another process"
		same o.npy before/o.npy
	}
	refused_busy --update
	refused_busy
}
exec 9>&-
rm -f o.npy.partial
expect 0 hog -q --update -o o.npy im
as_fresh o.npy

# Killed at each call that changes a file, and repeated.
strike=$top/tests/cli/.libs/strike.so
[ -e "$strike" ] || exit 0
begin() {
	rm -rf o.* im
	mkdir im
	for i in 1 2 3 4 5 6 7 8; do
		pgm im/$i.pgm 32 32 $i
	done
	expect 0 hog -q -o o.npy im
	change
}

# struck HOW N: the update, struck there.
struck() {
	FORAY_STRIKE=$2 FORAY_STRIKE_HOW=$1 LD_PRELOAD="$strike" \
		FORAY_FORCE_BACKEND=serial \
		"$foray" hog -q --update -o o.npy im >out 2>err </dev/null
}
begin
mkdir state
cp -Rp o.npy o.csv o.json im state
expect 0 hog -q -o fresh.npy im

# finished HOW N: it comes to its end if it is repeated; 1: it was not struck.
finished() {
	rm -rf o.* im
	cp -Rp state/* .
	! struck "$1" "$2" || return 1
	expect 0 hog -q --update -o o.npy im
	as_it_was o.npy
	nothing_left
}
for n in 8 22; do
	finished kill $n
done
n=31
while finished kill $n; do
	n=$((n + 1))
	[ $n -lt 100 ] || fail "it does not end"
done
for n in 20 27 35 38; do
	finished tear $n
done
n=5
while finished full $n; do
	n=$((n + 6))
	[ $n -lt 100 ] || fail "it does not end"
done

# Of other images than when it was interrupted: all of them are computed.
rm -rf o.* im
cp -Rp state/* .
struck kill 29 && fail "it was not struck"
[ -e o.npy.update.journal ] || fail "there is no journal"
pgm im/10.pgm 32 32 77
expect 1 hog --update --resume -o o.npy im
says err "begins nothing"
expect 0 hog --update -o o.npy im
says err "which begins anew"
as_fresh o.npy
nothing_left

# What was decided is finished by whatever comes next, with its index elsewhere.
rm -rf o.* im
cp -Rp state/* .
mkdir sub
mv o.csv sub/o.csv
FORAY_STRIKE=37 LD_PRELOAD="$strike" FORAY_FORCE_BACKEND=serial \
	"$foray" hog -q --update -o o.npy --index sub/o.csv im 2>err &&
	fail "it was not struck"
grep -q decided o.npy.update || fail "it was struck too soon"
expect 1 hog -o ../"${PWD##*/}"/o.npy --block-norm L1 missing.pgm
says err "the update that was interrupted is finished" missing.pgm
mv sub/o.csv .
expect 0 hog --update -o o.npy im
says err "all 10 rows are as they should be, 1 gone"
exit 0
