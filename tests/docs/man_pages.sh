#!/bin/sh
# The man pages: their programs compile, libforay.3 has every function and type,
# and groff has nothing to say.
. "${srcdir:-.}/tests/docs/setup.sh"
. "$source/tests/declared.sh"

# The code between .EX and .EE of a page, as a reader sees it.
code() {
    sed -n '/^\.EX$/,/^\.EE$/p' "$1" | sed '/^\./d; s/\\-/-/g'
}

{
    echo '#include <foray.h>'
    code "$source/docs/libforay.3"
} >"$scratch/example.c"
grep -q 'foray_map(' "$scratch/example.c" || fail "no example in libforay.3"
# shellcheck disable=SC2086 # a compiler and its flags
${CC:-cc} -std=c11 -Wall -Wextra -Werror -I"$source/include" \
    -c -o "$scratch/example.o" "$scratch/example.c" ||
    fail "the example of libforay.3 does not compile"

# Names of libforay.3, as a reader sees them.
sed 's/\\f[BIR]//g' "$source/docs/libforay.3" |
    grep -oE 'foray(_[a-z0-9]+)+' | sort -u >"$scratch/told"
for header in "$source"/include/foray/*.h; do
    name=$(basename "$header")
    { functions_of "$header"; types_of "$header"; } | sort -u >"$scratch/has"
    [ "$name" = export.h ] || [ -s "$scratch/has" ] ||
        fail "no functions and no types found in $name"
    lacking=$(comm -23 "$scratch/has" "$scratch/told" | tr '\n' ' ')
    [ -z "$lacking" ] || fail "libforay.3 lacks of $name: $lacking"
done

command -v groff >/dev/null || skip "groff is not installed"
for page in foray.1 libforay.3; do
    LC_ALL=C groff -man -ww -z "$source/docs/$page" >"$scratch/words" 2>&1 ||
        echo "groff failed" >>"$scratch/words"
    if [ -s "$scratch/words" ]; then
        cat "$scratch/words"
        fail "groff finds fault with $page"
    fi
done
exit 0
