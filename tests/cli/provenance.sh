#!/bin/sh
# foray hog tells where its features come from: OUT.json or attributes; and the
# index in its two forms.
. "${srcdir:-.}/tests/cli/setup.sh"
python=/usr/bin/python3
"$python" -c '' 2>/dev/null || python=python3
command -v "$python" >/dev/null || python=

# holds FILE EXPRESSION...: each is true of the JSON in it, as `j`.
holds() {
	_json=$1
	shift
	[ -n "$python" ] || return 0
	"$python" - "$_json" "$@" >"$work/out" 2>&1 <<-'END' ||
	import json, sys
	j = json.load(open(sys.argv[1]))
	for text in sys.argv[2:]:
	    assert eval(text), text
	END
		fail "$_json: $(cat "$_json")"
}

pgm a.pgm 128 64
pgm b.pgm 128 64 2
expect 0 hog -q -o out.npy a.pgm b.pgm
absent out.json.partial
holds out.json 'j["images"] == 2' 'j["shape"] == [2, 6804]' \
	'j["dtype"] == "f64"' 'j["status"] == {"ok": 2}' \
	'j["row"]["shape"] == [14, 6, 3, 3, 9]' \
	'[j["row"][k] for k in "blocks_r blocks_c br bc n".split()] == [14, 6, 3, 3, 9]' \
	'j["options"]["block-norm"] == "L2-Hys"' \
	'j["options"]["cells-per-block"] == [3, 3]' \
	'j["options"]["max-pixels"] == 256 << 20' \
	'j["options"]["resize"] is None' 'j["options"]["fit"] is None' \
	'j["options"]["retries"] == 0'
if command -v sha256sum >/dev/null; then
	digest=$(printf 'a.pgm\0b.pgm\0' | sha256sum | cut -d' ' -f1)
	grep -q "\"paths_sha256\": \"$digest\"" out.json || fail "another digest"
fi
! grep -q "$work" out.json || fail "a folder that was not given"

# What makes no difference is not told: another folder, other workers.
mkdir elsewhere
cp a.pgm b.pgm elsewhere
(cd elsewhere && "$foray" hog -q -j 1 --backend serial --no-index -o o.npy \
	a.pgm b.pgm) || fail "elsewhere"
same out.json elsewhere/o.json
absent elsewhere/o.csv

expect 0 info out.npy
says out 'made by   foray "' '"ok": 2' '[14, 6, 3, 3, 9]'
expect 0 info --json out.npy
cp "$work/out" info.json
holds info.json 'j["provenance"]["command"] == "hog"'
# What lies there and is of another array, or no JSON, is not shown.
for text in '{' '{"foray": "1"}' '[]' '{"foray": "0", "dtype": "f64", "shape": [3, 6804]}' \
	'{"foray": "0", "dtype": "f64", "shape": [2, 6804]} x'; do
	echo "$text" >out.json
	expect 0 info --json out.npy
	! grep -q provenance "$work/out" || fail "info believes $text"
done
echo '{"foray":"0","dtype":"f64","shape":[2, 6804],"x":["\u00e9\"",-1.5e3,{}]}' >out.json
expect 0 info --json out.npy
says out '"provenance": {"foray": "0", "dtype": "f64"' '["\u00e9\"", -1.5e3, {}]'

# Methods and options of other kinds; failures are counted.
expect 0 hog -q --method uoctti --resize 64x64 --dtype f32 --exif -o u.npy a.pgm
holds u.json 'j["row"] == {"shape": [31, 8, 8], "planes": 31, "cells_r": 8, "cells_c": 8}' \
	'j["options"]["block-norm"] is None' 'j["options"]["resize"] == [64, 64]' \
	'j["options"]["exif"] is True' 'j["dtype"] == "f32"' \
	'j["options"]["filter"] == "bilinear"' 'j["options"]["jpeg-scale"] == "1"'
expect 0 hog -q --resize 64x64 --filter box --fit pad --jpeg-scale auto -o u.npy a.pgm
holds u.json 'j["options"]["filter"] == "box"' 'j["options"]["fit"] == "pad"' \
	'j["options"]["jpeg-scale"] == "auto"'
expect 3 hog -q --on-error skip --timeout 100 --shard 1/1 -o f.npy a.pgm nix.pgm
holds f.json 'j["status"] == {"ok": 1, "missing": 1}' \
	'j["options"]["timeout"] == 100' 'j["options"]["shard"] == "1/1"'

# It comes and goes with the features.
expect 1 hog -q -o never.npy a.pgm nix.pgm
absent never.npy never.csv never.json
mkdir full.npy # no file can have this name
expect 1 hog -q -o full.npy a.pgm
absent full.csv full.json
mkdir full2.json
expect 1 hog -q -o full2.npy a.pgm
says err full2.json
absent full2.npy full2.csv

# The index as JSON lines, and bytes that are no UTF-8.
odd=$(printf 'caf\351,x.pgm')
cp a.pgm "$odd"
expect 0 hog -q -o i.npy "$odd"
grep -qF '0,"caf\xe9,x.pgm",128,64,ok,' i.csv || fail "$(cat i.csv)"
cp a.pgm "$(printf 'caf\303\251.pgm')"
expect 0 hog -q -o i.npy "$(printf 'caf\303\251.pgm')"
grep -qF "$(printf '0,caf\303\251.pgm,')" i.csv || fail "$(cat i.csv)"
rm i.csv
expect 3 hog -q --on-error skip -o i.npy --index i.jsonl "$odd" nix.pgm
absent i.csv
[ "$(wc -l <i.jsonl)" -eq 2 ] || fail "$(cat i.jsonl)"
grep -qF '{"row": 0, "path": "caf\udce9,x.pgm", "rows": 128, "cols": 64, "status": "ok", "seconds": ' \
	i.jsonl || fail "$(cat i.jsonl)"
head -1 i.jsonl >line.json
holds line.json 'j["path"].encode("utf-8", "surrogateescape") == b"caf\xe9,x.pgm"'
expect 2 hog -q -o i.npy --index i.json a.pgm
says err .jsonl

# The same in HDF5.
if "$foray" hog -q -o out.h5 a.pgm b.pgm 2>/dev/null; then
	absent out.json.partial
	expect 0 info out.h5:/features
	says out '"row.shape": [14, 6, 3, 3, 9]' '"options.block-norm": "L2-Hys"' \
		'"images": 2' '"status.ok": 2' "\"paths_sha256\": \"${digest:-}"
fi
exit 0
