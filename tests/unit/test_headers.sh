#!/bin/sh
# Every public header compiles alone, twice in a row and without a warning, as
# C11, C++11 and C++17.
set -u
include=${srcdir:-.}/include
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
failed=0
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wundef -Wcast-qual
    -Wpointer-arith -Wwrite-strings -Werror'

# compile COMPILER STANDARD SOURCE
compile()
{
    # shellcheck disable=SC2086
    $1 -std="$2" $warnings -I"$include" -fsyntax-only "$3"
}

# check COMPILER STANDARD SUFFIX
check()
{
    for header in "$include"/foray.h "$include"/foray/*.h; do
        name=${header#"$include/"}
        printf '#include <%s>\n#include <%s>\nint main(void) { return 0; }\n' \
            "$name" "$name" > "$scratch/alone.$3"
        if ! compile "$1" "$2" "$scratch/alone.$3"; then
            echo "FAILED: $name as $2"
            failed=1
        fi
    done
    # The check must be able to fail.
    echo 'int main(void) { long n = 1; int m = n; return m; }' \
        > "$scratch/bad.$3"
    if compile "$1" "$2" "$scratch/bad.$3" 2> /dev/null; then
        echo "FAILED: $1 lets a warning pass"
        failed=1
    fi
}

# Not for C++: there, gcc says that a function hides the constructor of a
# struct with its name, which is what stat() does.
check "${CC:-cc} -Wstrict-prototypes -Wmissing-prototypes -Wshadow" c11 c
[ $failed -eq 0 ] || exit 1
for cxx in "${CXX:-c++}" g++ clang++; do
    if command -v "${cxx%% *}" > /dev/null; then
        check "$cxx" c++11 cc
        check "$cxx" c++17 cc
        exit $failed
    fi
done
echo "C11 is good; no C++ compiler to try the headers with"
exit 77
