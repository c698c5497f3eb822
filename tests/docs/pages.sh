#!/bin/sh
# The C of docs/from-joblib.md and docs/from-openmp.md compiles.
#
# Each fenced block is a function or more, if a line of it begins with a brace,
# or else the inside of one. A page is one program: blocks see the functions of
# those before.
. "${srcdir:-.}/tests/docs/setup.sh"

# What the pieces of a page have in common.
prelude() {
    cat <<'END'
#include <foray.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

extern struct foray_pool *pool;
extern struct foray_error err;
extern struct foray_call calls[10];
extern struct foray_result results[10];
END
}

# program PAGE: its blocks, those without a brace in functions of their own.
program() {
    prelude
    awk -v page="$1" '
        /^```c$/ { inside = 1; text = ""; whole = 0; first = NR + 1; next }
        /^```$/ && inside {
            inside = 0
            if (!whole)
                text = "int piece_" first "(void);\nint piece_" first \
                    "(void)\n{\n" text "return 0;\n}\n"
            printf "#line %d \"%s\"\n%s", first - (whole ? 0 : 3), page, text
        }
        inside { text = text $0 "\n" }
        inside && /^{/ { whole = 1 }' "$1"
}

# compile PAGE
compile() {
    program "$1" >"$scratch/page.c"
    # Functions that only show how they look are not called.
    # shellcheck disable=SC2086 # a compiler and its flags
    ${CC:-cc} -std=c11 -Wall -Wextra -Werror -Wno-unused-function $openmp \
        -I"$source/include" -c -o "$scratch/page.o" "$scratch/page.c"
}

echo 'int f(void) { return 0; }' >"$scratch/try.c"
openmp=-fopenmp
# shellcheck disable=SC2086 # a compiler and its flags
${CC:-cc} $openmp -c -o "$scratch/try.o" "$scratch/try.c" 2>/dev/null ||
    openmp=-Wno-unknown-pragmas

for name in from-joblib from-openmp; do
    page=$source/docs/$name.md
    n=$(grep -c '^```c$' "$page") || fail "no C in $name.md"
    [ "$(grep -c '^```$' "$page")" = "$(grep -c '^```.' "$page")" ] ||
        fail "a block of $name.md does not end"
    compile "$page" || fail "the C of $name.md does not compile"
    echo "$name.md: $n blocks compile"
done

# The check must be able to fail.
printf '```c\nforay_pool_close(nobody);\n```\n' >"$scratch/page.md"
if compile "$scratch/page.md" 2>/dev/null; then
    fail "a page that is wrong compiles"
fi
exit 0
