#!/bin/sh
# C++ tasks that throw: tests/unit/exceptions.cc, built with a C++ compiler if
# there is one.
set -u
source=${srcdir:-.}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
skip()
{
    echo "$*"
    exit 77
}

[ -e .libs/libforay.so ] || skip "no .libs/libforay.so: --disable-shared"
case $(sed -n "s/^CFLAGS = //p; s/^FORAY_CFLAGS = //p" Makefile) in
*-fsanitize*) skip "the C++ program is built without sanitizers" ;;
esac
for cxx in "${CXX:-c++}" g++ clang++; do
    command -v "${cxx%% *}" > /dev/null || continue
    # shellcheck disable=SC2086
    $cxx -std=c++11 -Wall -Wextra -Werror -O1 -I"$source/include" \
        "$source/tests/unit/exceptions.cc" -L.libs -lforay \
        -o "$scratch/exceptions" || exit 1
    unset FORAY_FORCE_BACKEND
    LD_LIBRARY_PATH=$PWD/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} \
        "$scratch/exceptions" 2> "$scratch/words" && exit 0
    cat "$scratch/words"
    exit 1
done
skip "no C++ compiler"
