#!/bin/sh
# The program of README.md, compiled with pkg-config against the installed
# library, shared and static, and run.
set -eu
top=$(pwd)
readme=$(cd "${srcdir:-.}" && pwd)/README.md
skip() {
    echo "SKIPPED: $*"
    exit 77
}
fail() {
    echo "FAILED: $*"
    exit 1
}
variable() {
    sed -n "s/^$1 = //p" "$top/Makefile"
}

case $(variable FORAY_CFLAGS) in
*-fsanitize* | *--coverage*)
    skip "a library with sanitizers or coverage is not one to install" ;;
esac
[ "$(variable host_triplet)" = "$(variable build_triplet)" ] ||
    skip "built for another machine"
command -v pkg-config >/dev/null || skip "pkg-config is not installed"

folder=$(mktemp -d "${TMPDIR:-/tmp}/foray-docs-XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
root=$folder/root

# Only what the program needs. Installing everything would make libtool link
# libforay-image anew in the build folder, under the feet of other tests.
(
    unset MAKEFLAGS MFLAGS MAKELEVEL
    make -s DESTDIR="$root" lib_LTLIBRARIES=libforay.la \
        install-libLTLIBRARIES install-includeHEADERS \
        install-forayincludeHEADERS install-pkgconfigDATA
) >"$folder/words" 2>&1 || {
    cat "$folder/words"
    fail "make install"
}
library=$root$(cd "$top" && sed -n "s/^libdir='\(.*\)'/\1/p" libforay.la)
[ -e "$library/libforay.la" ] || fail "libforay.la is not in $library"
PKG_CONFIG_LIBDIR=$library/pkgconfig
PKG_CONFIG_SYSROOT_DIR=$root
PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_ALLOW_SYSTEM_CFLAGS \
    PKG_CONFIG_ALLOW_SYSTEM_LIBS
unset PKG_CONFIG_PATH

cd "$folder"
# shellcheck disable=SC2016 # the fence of Markdown
sed -n '/^```c$/,/^```$/p' "$readme" | sed '/^```/d' >norms.c
grep -q '^int main' norms.c || fail "README.md has no program in C"
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
    if ./norms >words 2>&1 || ! grep -q x.npy words; then
        fail "the program of README.md, $1, does not say that x.npy is missing"
    fi
    make_input >x.npy
    ./norms >words 2>&1 || {
        cat words
        fail "the program of README.md, $1"
    }
    [ "$(cat words)" = "3 norms" ] ||
        fail "the program of README.md, $1, says: $(cat words)"
    values=$(tail -c 24 norms.npy | od -An -v -tfD | tr -s ' \n' ' ')
    [ "$values" = " 5 10 1 " ] || fail "norms.npy, $1, holds$values"
    echo "$1: it runs"
}

flags='-std=c11 -Wall -Wextra -Werror -O2'
n=0
if [ -e "$library/libforay.so" ]; then
    # shellcheck disable=SC2046,SC2086 # lists of words
    ${CC:-cc} $flags norms.c -o norms $(pkg-config --cflags --libs foray) -lm
    LD_LIBRARY_PATH=$library
    export LD_LIBRARY_PATH
    check shared
    unset LD_LIBRARY_PATH
    rm "$library"/libforay.so*
    n=1
fi
if [ -e "$library/libforay.a" ]; then
    # shellcheck disable=SC2046,SC2086
    ${CC:-cc} $flags norms.c -o norms \
        $(pkg-config --static --cflags --libs foray) -lm
    check static
    n=$((n + 1))
fi
[ $n -gt 0 ] || fail "no library was installed"
exit 0
