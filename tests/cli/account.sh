#!/bin/sh
# foray hog --trace and --report: what each worker did when, as JSON and as a
# page; also of runs in which workers die, that are stopped, and that go on.
. "${srcdir:-.}/tests/cli/setup.sh"

have_python() {
	command -v python3 >/dev/null
}

# check_trace IMAGES DEATHS: events of trace.json as the Trace Event Format wants
# them, which do not overlap in a row to the nanosecond that viewers count in, one
# for each image, and for each death.
check_trace() {
	have_python || return 0
	python3 - "$@" <<'END' || fail "trace.json"
import json, sys
trace = json.load(open("trace.json"))
images, deaths = int(sys.argv[1]), int(sys.argv[2])
events = trace["traceEvents"]
assert trace.keys() == {"otherData", "traceEvents"}
metadata = {"process_name": ("name", str), "thread_name": ("name", str),
            "thread_sort_index": ("sort_index", int)}
for e in events:
    assert type(e["name"]) is str and type(e["pid"]) is int, e
    assert type(e["args"]) is dict, e
    assert type(e.get("tid")) is int or e["name"] == "process_name", e
    if e["ph"] == "M":
        key, kind = metadata[e["name"]]
        assert type(e["args"][key]) is kind, e
        continue
    assert type(e["cat"]) is str and type(e["ts"]) is float, e
    assert e["ts"] >= 0 and e.get("s") == {"X": None, "i": "t"}[e["ph"]], e
    json.dumps(e, ensure_ascii=False).encode() # no half of a character
done = [e for e in events if e["ph"] == "X"]
assert trace["otherData"]["thinned"] is False
assert trace["otherData"]["deaths"] == deaths
assert len(done) == images or images < 0 and done, (len(done), images)
assert len({e["args"]["row"] for e in done}) == len(done)
named = {e["tid"] for e in events if e["name"] == "thread_name"}
for tid in named:
    end = 0
    for e in sorted((e for e in done if e["tid"] == tid), key=lambda e: e["ts"]):
        assert round(e["ts"] * 1000) >= end and e["dur"] >= 0, (e, end)
        assert 0 <= e["args"].get("read_us", 0) <= e["dur"] + 1 or \
            e["args"]["status"] != "ok", e
        end = round(e["ts"] * 1000) + round(e["dur"] * 1000)
assert {e["tid"] for e in done} <= named
assert sum(e["name"] == "worker died" for e in events) == deaths
assert sum(e["name"] == "worker replaced" for e in events) == deaths
END
}

# check_page: report.html is whole, its elements are closed, and it loads and
# runs nothing.
check_page() {
	tail -n 1 report.html | grep -q '</body></html>$' || fail "the page's end"
	! grep -qi '<script\|http://\|https://\|@import\|url(' report.html ||
		fail "the page wants something from outside"
	have_python || return 0
	python3 - <<'END' || fail "report.html"
from html.parser import HTMLParser
class Check(HTMLParser):
    stack = []
    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "img"):
            self.stack.append(tag)
        for name, value in attributes:
            assert name != "src" or value.startswith("data:image/"), value[:80]
            assert not name.startswith("on"), name
    def handle_startendtag(self, tag, attributes):
        pass
    def handle_endtag(self, tag):
        assert self.stack.pop() == tag, tag
check = Check()
check.feed(open("report.html", encoding="utf-8").read())
check.close()
assert not check.stack, check.stack
END
}

page_says() {
	for text; do
		grep -qF -e "$text" report.html || fail "the page does not say: $text"
	done
}

shm_names >shm.before
pgm a.pgm 200 240
pgm b.pgm 200 240 2
cp b.pgm "$(printf '<script>alert("1&2")\377<!--.pgm')"
head -c 1000 a.pgm >cut.pgm
set -- --trace trace.json --report report.html -o out.npy --on-error skip
for jobs in 1 2; do
	expect 3 hog "$@" -q -j $jobs a.pgm b.pgm ./'<'*.pgm cut.pgm none.pgm
	check_trace 5 0
	check_page
	[ "$(grep -c 'alt="the image"' report.html)" = 3 ] || fail "photos"
	[ "$(grep -c 'alt="its features"' report.html)" = 3 ] || fail "glyphs"
	page_says '&lt;script&gt;alert(&quot;1&amp;2&quot;)\xff&lt;!--.pgm' \
		'<b>truncated</b>' '<b>missing</b>' \
		'<th>options.block-norm</th><td>&quot;L2-Hys&quot;</td>' \
		'<th>options.orientations</th><td>9</td>'
done 2>/dev/null
absent trace.json.partial report.html.partial
if have_python; then
	python3 -c '
import csv, json
rows = {int(r["row"]): r for r in csv.DictReader(open("out.csv"))}
for e in json.load(open("trace.json"))["traceEvents"]:
    if e["ph"] == "X":
        row = rows[e["args"]["row"]]
        assert row["status"] == e["args"]["status"] == e["cat"], (row, e)
        assert abs(float(row["seconds"]) * 1e6 - e["dur"]) < 2, (row, e)
' || fail "the trace and the index differ"
fi

expect 3 resize 32x32 -o small -j 2 --trace trace.json --on-error skip -q \
	a.pgm b.pgm cut.pgm none.pgm
check_trace 4 0
rm -r small

# A stack of images, tasks in the command itself, another method.
if have_python; then
	python3 -c '
import struct
head = "{\"descr\": \"<u2\", \"fortran_order\": False, \"shape\": (3, 40, 32), }"
head = head.replace("\"", chr(39)).ljust(117) + "\n"
open("stack.npy", "wb").write(b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) +
    head.encode() + bytes(i * 7 % 251 for i in range(3 * 40 * 32 * 2)))' ||
		fail "a stack"
	expect 0 hog "$@" -q --backend serial --method uoctti stack.npy
	check_trace 3 0
	check_page
	page_says 'stack.npy[2]'
	[ "$(grep -c 'alt="the image"' report.html)" = 3 ] || fail "photos"
	[ "$(grep -c 'alt="its features"' report.html)" = 3 ] || fail "glyphs"
fi

# A worker is killed, then the run is stopped; and what goes on.
pgm c.pgm 512 512
repeat 200000 c.pgm >list
set -- "$@" -j 2 --cells-per-block 1x1 --dtype f16 --pixels-per-cell 64x64 \
	--from list
stop_run() {
	rm -f trace.json report.html
	timeout --preserve-status 600 "$foray" hog "$@" >out 2>err </dev/null &
	starter=$!
	wait_for has_one $starter
	pid=$(children $starter)
	wait_for has_two "$pid"
	worker=$(children "$pid" | head -1)
	wait_for has_worked "$worker"
	[ -z "$kills" ] || kill -KILL "$worker"
	[ -z "$kills" ] || wait_for has_successor
	kill -INT "$pid"
	wait $starter
	[ $? -eq 130 ] || fail "a run that was stopped: $?"
}
has_one() {
	[ "$(children "$1" | wc -l)" -eq 1 ]
}
has_successor() {
	has_two "$pid" && ! children "$pid" | grep -qx "$worker"
}
rm -f out.npy out.csv
kills=yes
stop_run "$@"
check_trace -1 1
check_page
page_says 'were not done' '<b>crashed</b>' 'and was replaced'
kills=
stop_run "$@"
check_trace -1 0
check_page
page_says 'had been done before'
rm -f out.npy.*
[ -z "$(processes)" ] || fail "processes were left: $(processes)"

# Nothing is begun where it cannot be written, or twice.
expect 2 hog -o x.npy --report x.csv a.pgm
says err "x.csv would be written twice"
expect 2 hog -o x.npy --report x.html --trace x.html a.pgm
expect 1 hog -o x.npy --trace no/x.json a.pgm
says err "no/x.json"
expect 1 hog -o x.npy --report no/x.html a.pgm
absent x.npy x.csv x.json x.html
shm_as_before shm.before
exit 0
