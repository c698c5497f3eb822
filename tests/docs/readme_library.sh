#!/bin/sh
# The program of README.md, compiled with pkg-config against the installed
# library, shared and static, and run.
. "${srcdir:-.}/tests/docs/installed.sh"
readme=$source/README.md

# shellcheck disable=SC2016 # the fence of Markdown
sed -n '/^```c$/,/^```$/p' "$readme" | sed '/^```/d' >program.c
grep -q '^int main' program.c || fail "README.md has no program in C"
grep -q 'pkg-config --cflags --libs foray) -lm' "$readme" ||
    fail "README.md does not say how to compile its program"

# x.npy: float64, 3 rows (3, 4), (6, 8), (0, 1).
make_input() {
    printf '\223NUMPY\001\000v\000'
    printf '%-117s\n' \
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }"
    printf '\0\0\0\0\0\0\010\100\0\0\0\0\0\0\020\100'
    printf '\0\0\0\0\0\0\030\100\0\0\0\0\0\0\040\100'
    printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\360\077'
}

# The program as it was just linked, from nothing to its results.
check() {
    rm -f norms.npy x.npy
    if ./program >words 2>&1 || ! grep -q x.npy words; then
        fail "the program of README.md, $1, does not say that x.npy is missing"
    fi
    make_input >x.npy
    ./program >words 2>&1 || {
        cat words
        fail "the program of README.md, $1"
    }
    [ ! -s words ] || fail "the program of README.md, $1, says: $(cat words)"
    values=$(tail -c 24 norms.npy | od -An -v -tfD | tr -s ' \n' ' ')
    [ "$values" = " 5 10 1 " ] || fail "norms.npy, $1, holds$values"
    echo "$1: it runs"
}

shared_and_static foray -lm
exit 0
