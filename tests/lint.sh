#!/bin/sh
# Style and static analysis: clang-format, clang-tidy and cppcheck, without a
# finding. Run by ./bootstrap check: tests/lint.sh BUILD, from the source folder;
# BUILD has the config.h.
set -eu
build=${1:?usage: tests/lint.sh BUILD}
status=0

files() {
    git ls-files "$@" 2>/dev/null || ls $@
}

have() {
    command -v "$1" >/dev/null && return
    echo "$1 is not installed: not checked"
    return 1
}

if have clang-format; then
    # Includes that are meant to be in order of their rooms stay so.
    clang-format --dry-run -Werror $(files 'include/*.h' 'include/foray/*.h' \
        'lib/*.[ch]' 'tools/*.[ch]' 'tests/*.[ch]' \
        'docs/examples/*.c') || status=1
fi

if have clang-tidy; then
    hdf5=$(pkg-config --cflags hdf5 2>/dev/null) || hdf5=
    files 'lib/*.c' 'tools/*.c' |
        xargs -P "$(nproc)" -n 4 sh -c 'for file; do
            clang-tidy --quiet "$file" -- -std=c11 -D_GNU_SOURCE -Iinclude \
                -Ilib -Itools -I'"$build $hdf5"' 2>/dev/null || exit 1
        done' sh || status=1
fi

if have cppcheck; then
    # In convert.c the conversions that would overflow are behind comparisons
    # that cppcheck does not follow through the macros.
    cppcheck -q -j "$(nproc)" --enable=warning,performance,portability \
        --inline-suppr --error-exitcode=1 -Iinclude -Ilib -Itools -D_GNU_SOURCE \
        --suppress=floatConversionOverflow:lib/array/convert.c \
        --suppress=missingIncludeSystem lib tools || status=1
fi
exit $status
