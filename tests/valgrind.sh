#!/bin/sh
# Unit tests whose parent does the work, under valgrind: no invalid access, no
# value that was never set, no leak. Run by make check-valgrind, in a build without
# sanitizers: tests/valgrind.sh TEST...
set -eu
command -v valgrind >/dev/null || { echo "valgrind is not installed"; exit 77; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT INT TERM
status=0

for test; do
    # Tests that fork have children with memory of their parents: not followed.
    if ./libtool --mode=execute valgrind -q --error-exitcode=9 \
        --leak-check=full --errors-for-leak-kinds=definite,indirect \
        --child-silent-after-fork=yes "$test" >"$log" 2>&1; then
        echo "clean: $test"
    else
        echo "FAILED: $test"
        cat "$log"
        status=1
    fi
done
exit $status
