#!/bin/sh
# What holds for workers that are forked from the program holds for those of a
# zygote: the same tests, on the other backend, also where the kernel lacks what
# they would rather use.
set -u
suites='closed crash for full grandchild hygiene kills map module newcomer orphans
    retries timeout'
log=$(mktemp) || exit 99
trap 'rm -f "$log"' EXIT
failed=0

if [ ! -x tests/unit/test_map ]; then
    echo "no unit tests: install cmocka"
    exit 77
fi
FORAY_FORCE_BACKEND=forkserver
: "${FORAY_KILLS:=300}"
export FORAY_FORCE_BACKEND FORAY_KILLS

# run SUITE LACKING
run()
{
    FORAY_TEST_NO=$2 "tests/unit/test_$1" > "$log" 2>&1
    code=$?
    if [ $code -ne 0 ] && [ $code -ne 77 ]; then
        cat "$log"
        echo "FAILED: test_$1 with the backend forkserver, without '$2'"
        failed=1
    fi
}

for suite in $suites; do
    run "$suite" ''
done
for suite in closed crash full map; do
    run "$suite" pidfd,close_range
    run "$suite" memfd
    run "$suite" memfd,tmpfile
done
exit $failed
