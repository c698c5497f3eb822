#!/bin/sh
# The commands of README.md print what it shows, but for times.
source=$(cd "${srcdir:-.}" && pwd)
. "${srcdir:-.}/tests/cli/setup.sh"
readme=$source/README.md

dpkg -L propaganda-debian >files 2>/dev/null ||
	skip "the package propaganda-debian is not installed"
# The package's own: the folder may have other images.
mkdir wallpapers
grep '^/usr/share/wallpapers/.*\.JPG$' files >images
while IFS= read -r path; do
	cp "$path" wallpapers/ || skip "$path of propaganda-debian is missing"
done <images
[ -n "$(ls wallpapers)" ] || skip "the package propaganda-debian has no images"
for library in jpeg openblas; do
	"$foray" doctor --json | grep -q "\"$library\": true" ||
		skip "built without $library"
done

# Without times, and with the images where they are here.
normal() {
	sed -e 's|/usr/share/wallpapers|wallpapers|g' \
		-e 's|[0-9.]* s, [0-9]* images/s|TIME|' \
		-e 's|,ok,[0-9.]*,|,ok,TIME,|'
}

sed -n '/^```console$/,/^```$/p' "$readme" | sed '/^```/d' | normal >shown
grep -q '^\$ foray hog' shown || fail "README.md has no foray hog"
mkdir bin
ln -s "$foray" bin/foray
PATH=$work/bin:$PATH
export PATH
sed -n 's/^\$ //p' shown >commands
while IFS= read -r line; do
	echo "\$ $line"
	sh -c "$line" 2>&1 </dev/null || echo "exit status $?"
done <commands >words
normal <words >printed
diff shown printed >differ || fail "README.md (<) and now (>):
$(cat differ)"
exit 0
