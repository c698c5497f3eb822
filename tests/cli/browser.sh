#!/bin/sh
# The page of --report in a browser: Chromium without a window has nothing to
# complain of, and sees every picture.
. "${srcdir:-.}/tests/cli/setup.sh"

for browser in chromium chromium-browser google-chrome ''; do
	! command -v "${browser:-:}" >/dev/null || break
done
[ -n "$browser" ] || skip "no chromium is installed"

# open_page PAGE: what it becomes is in $work/dom, what the browser says in
# $work/log.
open_page() {
	HOME=$work TMPDIR=$work timeout -k 5 120 "$browser" --headless --no-sandbox \
		--disable-gpu --disable-dev-shm-usage --disable-extensions \
		--disable-background-networking --disable-component-update \
		--no-first-run --user-data-dir="$work/profile" \
		--enable-logging=stderr --dump-dom "file://$work/$1" \
		>dom 2>log </dev/null
}

complains() {
	grep ':CONSOLE' log >complaints
}

# The test can fail: an error in a script, and something from outside that the
# page's own policy forbids.
pgm a.pgm 200 240
pgm b.pgm 64 64 3
cp a.pgm "$(printf '<img src=x onerror="throw 1">\377.pgm')"
head -c 1000 a.pgm >cut.pgm
expect 3 hog --report report.html -o out.npy --on-error skip --resize 64x64 \
	a.pgm b.pgm ./'<'*.pgm cut.pgm none.pgm
sed 's|<h1>|<img src="http://localhost/a.png">&|' report.html >bad.html
open_page bad.html || skip "$browser does not run here: $(tail -n 1 log)"
complains || fail "$browser has nothing to say of a page with an error"

open_page report.html || fail "$browser: $(tail -n 3 log)"
complains && fail "the page has errors: $(cat complaints)"
grep -q '</body></html>' dom || fail "the page is not whole"
[ "$(grep -c '<img src="data:image/' dom)" -ge 3 ] || fail "pictures"
grep -q '&lt;img src=x onerror="throw 1"&gt;\\xff.pgm' dom ||
	fail "a name is not shown as it is"
exit 0
