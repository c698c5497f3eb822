#!/bin/sh
# foray resize goes on where it was interrupted: images that are whole stay.
. "${srcdir:-.}/tests/cli/setup.sh"

mkdir im
pgm im/10.pgm 300 300
i=10
while [ $i -lt 49 ]; do
	i=$((i + 1))
	cp im/10.pgm im/$i.pgm
done
pgm im/49.pgm 200 300 7
size=600x600
expect 0 resize $size -q -o whole im

some_made() {
	[ "$(find o -name '*.pgm' 2>/dev/null | wc -l)" -ge 3 ]
}

start() {
	rm -rf o
	"$foray" resize $size -q -j 1 -o o im 2>"$work/err" &
	run=$!
	kill_when some_made
}

# begin: a run into o that is killed when some images are there. The last of them
# may have its name, and not be noted: it is made again.
begin() {
	interrupt start
	rm -f o/*.partial # of an image
	ls -i o >before
}

# finished: as if nothing had been.
finished() {
	for _file in whole/*; do
		same "$_file" "o/${_file##*/}"
	done
	[ "$(ls -A o)" = "$(ls -A whole)" ] || fail "left: $(ls -A o)"
}

begin
expect 0 resize $size -j 1 --index i.csv -o o im
says err "of 40 images were written before"
finished
[ "$(statuses i.csv)" = "$(yes ok | head -40 | tr '\n' ' ' | sed 's/ $//')" ] ||
	fail "statuses $(statuses i.csv)"
[ "$(column 7 i.csv | head -1)" = 90015 ] || fail "bytes in the index"
ls -i o >after
[ "$(sort before after | uniq -d | wc -l)" -ge $(($(wc -l <before) - 1)) ] ||
	fail "images were written again"

# What is gone or changed since is made again, the rest is not.
begin
touch im/11.pgm
cp im/49.pgm o/12.pgm
rm o/10.pgm
expect 0 resize $size --resume -j 1 -o o im
n=$(sed -n 's/.*: \([0-9]*\) of 40 images were written before/\1/p' err)
[ "$n" = $(($(wc -l <before) - 3)) ] || [ "$n" = $(($(wc -l <before) - 4)) ] ||
	fail "$n were written before, of $(wc -l <before)"
finished
expect 1 resize $size --resume -o o im
says err "begins none"

# Other options are another run; --restart is that, too.
begin
expect 1 resize 500x600 --resume -o o im
says err "begins none"
expect 0 resize $size --restart -o o im
says err "40 images"
! grep -q before err || fail "it went on"
finished
expect 2 resize $size --restart --resume -o o im

# SIGTERM: what is there is said.
rm -rf o
"$foray" resize $size -j 1 -o o im 2>"$work/err" &
run=$!
wait_at_work some_made
kill -TERM $run 2>/dev/null
wait $run
status=$?
if [ $status = 143 ]; then
	says err "the same command goes on"
	expect 0 resize $size -o o im
	says err "written before"
else
	[ $status = 0 ] || fail "exit status $status after SIGTERM"
fi
finished

# What failed at once leaves nothing to go on with.
expect 1 resize $size -q -o o im/10.pgm missing.pgm
[ "$(ls -A o)" = "$(ls -A whole)" ] || fail "left: $(ls -A o)"
exit 0
