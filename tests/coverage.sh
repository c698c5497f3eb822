#!/bin/sh
# Which lines of lib/ the tests have executed: percent of each file, each room and
# of all. Run by make coverage, in a build of ./configure --enable-coverage:
# tests/coverage.sh SOURCE BUILD. With MISSING=1 it names the lines instead
# that were not.
set -eu
source=${1:?usage: tests/coverage.sh SOURCE BUILD}
build=${2:?usage: tests/coverage.sh SOURCE BUILD}
command -v gcovr >/dev/null || { echo "gcovr is not installed (Debian: gcovr)"; exit 1; }

report() {
    gcovr -r "$source" --object-directory "$build" --filter "$source/lib/" \
        --gcov-ignore-parse-errors -j 2 "$build" "$@"
}

if [ -n "${MISSING-}" ]; then
    report --txt
    exit
fi
report --csv | awk -F, '
    NR == 1 || !$2 { next }
    {
        split($1, part, "/")
        room = part[1] "/" part[2]
        lines[room] += $2; done[room] += $3
        all += $2; all_done += $3
        printf "%6.1f %5d of %5d  %s\n", 100 * $3 / $2, $3, $2, $1
    }
    END {
        for (room in lines)
            printf "%6.1f %5d of %5d  %s/\n", 100 * done[room] / lines[room],
                done[room], lines[room], room
        if (all)
            printf "%6.1f %5d of %5d  lib/\n", 100 * all_done / all, all_done, all
    }'
