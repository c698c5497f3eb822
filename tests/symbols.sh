#!/bin/sh
# The shared libraries export what the public headers declare, and no more.
set -u
. "${srcdir:-.}/tests/declared.sh"
headers=${srcdir:-.}/include/foray
libraries='.libs/libforay.so .libs/libforay-image.so'
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT

for library in $libraries; do
    if [ ! -e "$library" ]; then
        echo "no $library: built with --disable-shared"
        exit 77
    fi
done
# Of a library that is not built the header is not looked at.
declaring=$headers/*.h
for part in hdf5 linalg; do
    if [ -e ".libs/libforay-$part.so" ]; then
        libraries="$libraries .libs/libforay-$part.so"
    else
        # shellcheck disable=SC2086 # a list of files
        declaring=$(ls $declaring | grep -v "/$part\\.h\$")
    fi
done
if ! command -v nm > /dev/null; then
    echo "no nm: install binutils"
    exit 77
fi

# shellcheck disable=SC2086 # a list of files
functions_of $declaring | sort > "$scratch/declared"
# Sanitizers and gcov add symbols of their own; by the list of those who count
# lines (lib/base/leave.c) their libraries find each other.
for library in $libraries; do
    nm -D --defined-only "$library" | awk '{ print $NF }' |
        grep -vE '^(__(odr_)?[atu]san|__gcov|__llvm|__sanitizer|_init$|_fini$)' |
        grep -vE '^(__bss_start|_edata|_end|mangle_path|foray__counters)$' |
        sed "s|\$| ${library##*/}|"
done | sort > "$scratch/symbols"
cut -d ' ' -f 1 "$scratch/symbols" > "$scratch/exported"

failed=0
report()
{
    if [ -s "$scratch/wrong" ]; then
        echo "FAILED: $1:"
        sed 's/^/    /' "$scratch/wrong"
        failed=1
    fi
}

if [ "$(wc -l < "$scratch/declared")" -lt 20 ]; then
    echo "FAILED: hardly a function found in $headers"
    exit 1
fi
grep -vE '^foray_[a-z0-9]' "$scratch/symbols" > "$scratch/wrong"
report 'exported, but not named foray_'
uniq -d "$scratch/exported" > "$scratch/wrong"
report 'exported by two libraries'
sort -u "$scratch/exported" > "$scratch/unique"
comm -23 "$scratch/declared" "$scratch/unique" > "$scratch/wrong"
report 'declared in a public header, but exported by no library'
comm -13 "$scratch/declared" "$scratch/unique" > "$scratch/wrong"
report 'exported, but declared in no public header'
exit $failed
