#!/bin/sh
# The man pages: their programs compile, and groff has nothing to say.
set -eu
source=$(cd "${srcdir:-.}" && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/foray-docs-XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The code between .EX and .EE of a page, as a reader sees it.
code() {
    sed -n '/^\.EX$/,/^\.EE$/p' "$1" | sed '/^\./d; s/\\-/-/g'
}

{
    echo '#include <foray.h>'
    code "$source/docs/libforay.3"
} >"$folder/example.c"
grep -q 'foray_map(' "$folder/example.c" || {
    echo "FAILED: no example in libforay.3"
    exit 1
}
# shellcheck disable=SC2086 # a compiler and its flags
${CC:-cc} -std=c11 -Wall -Wextra -Werror -I"$source/include" \
    -c -o "$folder/example.o" "$folder/example.c" || {
    echo "FAILED: the example of libforay.3 does not compile"
    exit 1
}

command -v groff >/dev/null || {
    echo "SKIPPED: groff is not installed"
    exit 77
}
for page in foray.1 libforay.3; do
    LC_ALL=C groff -man -ww -z "$source/docs/$page" >"$folder/words" 2>&1 ||
        echo "groff failed" >>"$folder/words"
    if [ -s "$folder/words" ]; then
        cat "$folder/words"
        echo "FAILED: groff finds fault with $page"
        exit 1
    fi
done
exit 0
