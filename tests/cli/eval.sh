#!/bin/sh
# foray eval: texts that are wrong, texts that try to be more than expressions,
# and modules: made once, kept safe, found again.
. "${srcdir:-.}/tests/cli/setup.sh"
command -v cc >/dev/null || skip "no cc"
unset CC CPATH
XDG_CACHE_HOME=$work/cache
export XDG_CACHE_HOME
modules=$work/cache/foray/modules

# Each wrong text is a sentence that points at the place; nothing is made.
wrong() {
	expect "$1" eval -o out.npy -- "$4"
	says err "character $2: " "$3"
	[ "$(wc -l <"$work/err")" -eq 1 ] || fail "eval $4: more than a line"
	absent out.npy
}
wrong 2 1 'a name, a number or "(" is missing' ''
wrong 2 5 'a name, a number or "(" is missing' 'y = '
wrong 2 4 'a name, a number or "(" is missing' '1 +'
wrong 2 5 'an operator or ")" is missing' '(1+2'
wrong 2 4 'an operator is missing' '1+2)'
wrong 2 3 'an operator is missing' '1 2'
wrong 2 1 'x is not known' 'x+1'
wrong 2 3 'there is no function foo' '1+foo(2)'
wrong 2 1 'where takes 3 arguments' 'where(1, 2)'
wrong 2 1 'sqrt takes 1 argument' 'sqrt(1, 2)'
wrong 2 1 'sqrt takes 1 argument' 'sqrt()'
wrong 2 7 'cannot be chained' '1 < 2 < 3'
wrong 2 3 '"and" is not for arrays' '1 and 2'
wrong 2 1 '"not" is not for arrays' 'not 2'
wrong 2 3 'where(condition, a, b)' '1 if 2 else 3'
wrong 2 1 '! is no operator' '!1'
wrong 2 3 'only a name can stand before' '1 = 2'
wrong 2 1 'only the last statement' '1; 2'
wrong 2 3 'a division by zero' '1 // 0'
wrong 2 1 '64 bits' '99999999999999999999'
wrong 2 3 '64 bits' '2 ** 64 * u8(1)'
wrong 2 4 'does not end here' '1.5.2'
wrong 2 4 'does not end here' '0x1g'
wrong 2 1 'does not fit into u8' '300 + u8(1)'
wrong 2 1 'does not fit into u8' '-1 * u8(1)'
wrong 2 6 'negative powers' 'i8(2)** -1'
wrong 1 12 'there is no - of bool: ^' '(f32(1)<2) - (f32(1)<2)'
wrong 1 9 'there is no << of f64' 'sqrt(2) << 2'
wrong 1 12 'there is no < of c128' 'c128(2j+1) < 2'

# Nothing but the grammar: what would mean something to C means nothing here.
attempt() {
	expect 2 eval -o out.npy -- "$1"
	says err "character "
	absent out.npy pwned
}
attempt '1; } int system(const char *); { "touch pwned"'
attempt '1 /* */ "'
attempt "1 + 'a'"
attempt '__attribute__ {}'
attempt 'x[0]'
attempt 'a.b'
attempt '1 \ 2'
attempt '#include <stdio.h>'
attempt '$(touch pwned)'
attempt '`touch pwned`'
attempt '1 ? 2 : 3'
attempt '@1'
attempt 'é'
expect 2 eval -o out.npy -- 'system(1)'
expect 2 eval -o out.npy -- '__builtin_trap()'
expect 2 eval -o out.npy -- '1 // touch pwned'
# A comment's begin is two operators, or nothing.
expect 2 eval -o out.npy -- '1 /* 2'
# A name reaches C under another.
expect 0 eval -q 'int = 2; return = int * 3; data = return' -o data=d.npy
expect 0 eval -q 'v0 = 1; zeros = v0 + 1; zeros' --reduce sum
[ "$(cat "$work/out")" = 2 ] || fail "names of C as names: $(cat "$work/out")"

# Long and deep texts end in a sentence, too.
deep() {
	awk -v n="$1" -v a="$2" -v b="$3" 'BEGIN {
		for (i = 0; i < n; i++) printf "%s", a
		printf "1"
		for (i = 0; i < n; i++) printf "%s", b
	}'
}
expect 2 eval -o out.npy -- "$(deep 5000 '(' ')')"
says err "nested deeper"
expect 2 eval -o out.npy -- "$(deep 5000 '-' '')"
says err "nested deeper"
expect 2 eval -o out.npy -- "$(deep 5000 '2**' '')"
says err "nested deeper"
expect 2 eval -o out.npy -- "$(deep 70000 ' ' '')"
says err "longer than 65536 bytes"
expect 2 eval -o out.npy -- "$(deep 6000 '1+' '')"
says err "more than 4096"
expect 0 eval -q --reduce sum -- "$(deep 150 '(' ')')"
expect 0 eval -q --reduce sum -- "$(deep 1200 'f64(1)+' '')"
[ "$(cat "$work/out")" = 1201 ] || fail "a long sum: $(cat "$work/out")"

# Names and files.
expect 2 eval 'x' 'x' -o out.npy
says err "must be NAME=ARRAY or NAME=NUMBER"
expect 2 eval 'x' '1x=2' -o out.npy
expect 2 eval 'x' 'x=2' 'x=3' -o out.npy
says err "x is given twice"
expect 2 eval 'x' 'x=2y' -o out.npy
says err "x=2y is no number"
expect 2 eval 'x'
says err "-o NAME=OUT.npy is needed"
expect 2 eval 'y=1' -o z=out.npy
says err "no statement gives z a value"
expect 2 eval 'y=1;z=2' -o y=out.npy -o z=out.npy
says err "given twice"
expect 2 eval 'y=1;z=2' -o y=out.npy -o out2.npy
says err "each needs its name"
expect 2 eval '1' --reduce median
says err "must be sum, mean, min or max"
expect 2 eval '1' --reduce sum --on-error skip
expect 1 eval 'x' x=missing.npy -o out.npy
says err missing.npy
absent out.npy out2.npy

# Numbers: a module does not depend on the values of names.
expect 0 eval -q 'a*f64(3)' a=2 --reduce sum
before=$(ls "$modules" | wc -l)
expect 0 eval -q 'a*f64(3)' a=-5.0 --reduce sum
[ "$(cat "$work/out")" = -15 ] || fail "-5*3: $(cat "$work/out")"
before=$(ls "$modules" | wc -l)
expect 0 eval -q ' a  * f64( 3)' a=7.5 --reduce sum
[ "$(cat "$work/out")" = 22.5 ] || fail "7.5*3: $(cat "$work/out")"
[ "$(ls "$modules" | wc -l)" -eq "$before" ] || fail "the module was made anew"

# With the module there no compiler is run: this one would fail.
mkdir bin
printf '#!/bin/sh\necho "bin/cc: error: broken" >&2\nexit 1\n' >bin/cc
chmod +x bin/cc
PATH=$work/bin expect 1 eval -q 'a*f64(3)' a=1.5 --reduce sum
says err "the compiler failed: bin/cc: error: broken"
PATH=$work/empty expect 1 eval -q 'a*f64(4)' a=2.0 --reduce sum
says err "there is no C compiler: install one"
# CC counts if it names one program.
CC=$work/bin/cc expect 1 eval -q 'a*f64(5)' a=2.0 --reduce sum
says err "broken"
CC="cc; touch pwned" expect 0 eval -q 'a*f64(3)' a=2.5 --reduce sum
CC="$work/bin/none" expect 0 eval -q 'a*f64(3)' a=2.5 --reduce sum
absent pwned

# The folder and its files are this user's alone.
mode() { stat -c %a "$1"; }
[ "$(mode "$modules")" = 700 ] || fail "$modules is mode $(mode "$modules")"
[ -z "$(find "$modules" -perm /077 -print)" ] || fail "others can use modules"
[ -z "$(ls -A "$modules" | grep -v '^[0-9a-f]\{64\}\.so$')" ] ||
	fail "left among the modules: $(ls -A "$modules")"
chmod 770 "$modules"
expect 1 eval -q 'a*f64(3)' a=2.5 --reduce sum
says err "is not safe for modules"
chmod 700 "$modules"

# What is not a plain file of ours is not loaded, but replaced.
module=$(ls -t "$modules" | head -n 1)
expect 0 eval -q 'f32(3) + 1' --reduce sum
module=$modules/$(ls -t "$modules" | head -n 1)
printf 'int x;' | cc -shared -fPIC -x c -o planted.so - || fail "cc"
rm "$module"
ln -s "$work/planted.so" "$module"
expect 0 eval -q 'f32(3) + 1' --reduce sum
[ "$(cat "$work/out")" = 4 ] || fail "with a planted link: $(cat "$work/out")"
[ ! -h "$module" ] || fail "the planted link is still there"
chmod 777 planted.so
cp planted.so "$module" && chmod 777 "$module"
expect 0 eval -q 'f32(3) + 1' --reduce sum
[ "$(cat "$work/out")" = 4 ] || fail "with a planted file: $(cat "$work/out")"
: >"$module"
expect 0 eval -q 'f32(3) + 1' --reduce sum
rm -r "$modules"
ln -s "$work" "$modules"
expect 1 eval -q 'f32(3) + 1' --reduce sum
rm "$modules"
# A cache that cannot be made: the folder for temporary files.
: >file
mkdir tmp
XDG_CACHE_HOME=$work/file TMPDIR=$work/tmp expect 0 eval -q 'f32(3) + 1' \
	--reduce sum
[ -d "$work/tmp/foray-modules-$(id -u)" ] || fail "no modules in TMPDIR"

# Beyond 256 modules, or 64 MiB, those go that were not used for long, but not
# those in use; what is no module stays.
modules=$work/cache/foray/modules
expect 0 eval -q 'f32(3) + 1' --reduce sum
used=$(ls "$modules")
(
	cd "$modules" || exit
	# shellcheck disable=SC2046 # 300 words
	touch -d 2001-01-01 $(printf '%064x.so ' $(seq 300))
	touch -d 2002-01-01 "$(printf '%064x.so' 1)"
	touch -d 2001-01-01 "$(printf '%064x.so' 1).0123456789abcdef.tmp" notes.so
	touch "$(printf '%064x.so' 2).0123456789abcdef.tmp"
)
if command -v flock >/dev/null; then
	exec 9<"$modules/$(printf '%064x.so' 2)"
	flock -s 9 || fail "flock"
	locked=$(printf '%064x.so' 2)
else
	locked=$used
fi
count() {
	find "$modules" -name '*.so' ! -name notes.so | wc -l
}
expect 0 eval -q 'f32(3) + 1' --reduce sum
[ "$(count)" -eq 301 ] || fail "modules were removed when none was made"
expect 0 eval -q 'f32(4) + 1' --reduce sum
[ "$(count)" -eq 256 ] || fail "of 302 modules $(count) are left"
for file in "$used" "$locked" "$(printf '%064x.so' 1)" notes.so \
	"$(printf '%064x.so' 2).0123456789abcdef.tmp"; do
	[ -e "$modules/$file" ] || fail "$file was removed"
done
[ ! -e "$modules/$(printf '%064x.so' 1).0123456789abcdef.tmp" ] ||
	fail "what a killed compiler left is still there"
truncate -s 40M "$modules/$(printf '%064x.so' 1)" "$modules/$used" ||
	fail "truncate"
touch -d 2002-01-01 "$modules/$(printf '%064x.so' 1)"
touch -d 2003-01-01 "$modules/$used"
expect 0 eval -q 'f32(5) + 1' --reduce sum
[ ! -e "$modules/$(printf '%064x.so' 1)" ] || fail "80 MiB of modules are kept"
[ -e "$modules/$used" ] || fail "40 MiB of modules are not kept"
[ -e "$modules/$locked" ] || fail "a module in use was removed"
exec 9<&-

# Two at once make one module each, and neither sees half of one.
for i in 1 2 3 4; do
	"$foray" eval -q "f64(2) * 21" --reduce sum >"out$i" 2>&1 &
done
wait
cat out1 out2 out3 out4 >outs
[ "$(sort -u outs)" = 42 ] || fail "four at once: $(cat outs)"

# What is printed.
printed() {
	expect 0 eval -q --reduce sum -- "$2"
	[ "$(cat "$work/out")" = "$1" ] || fail "$2 is $(cat "$work/out")"
}
printed 0.1 '0.1'
printed inf '1e400'
printed -inf 'f64(-1e400)'
printed nan 'nan'
printed 18446744073709551615 '18446744073709551615'
printed -9223372036854775808 '-9223372036854775808'
printed 1 'True'
printed 1.5-2j '1.5-2j'
expect 0 eval -q 'f32(1) < 2' --reduce max
[ "$(cat "$work/out")" = True ] || fail "a bool is $(cat "$work/out")"
expect 0 eval 'i32(7) // i32(0)' --reduce sum
says err "1 division of an integer by zero"
expect 0 eval --dry-run 'y=f32(2)' -o y=out.npy
says out "out.npy: () f32, 4 bytes"
absent out.npy
exit 0
