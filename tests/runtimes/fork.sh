# Sourced by the tests of one runtime each. Needs $file (what to load, or a list
# of places where to look for it), $names (what the scan must find), $program.
set -u
program=${program:-./tests/runtimes/fork_dlopen}
if [ ! -x "$program" ]; then
    echo "$program was not built: the compiler has no OpenMP"
    exit 77
fi
# The host sets 3 threads by call: its choice must survive.
OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=2
export OMP_NUM_THREADS OPENBLAS_NUM_THREADS
unset FORAY_TEST_NO OMP_THREAD_LIMIT OMP_DYNAMIC
failed=0

# expect STATUS SCOPE quiesce|leave CAP
expect()
{
    expected=$1
    shift
    # shellcheck disable=SC2086
    "$program" "$file" "$@" $names
    status=$?
    if [ $status -ne "$expected" ]; then
        echo "FAILED: $program $file $* $names: exit $status, not $expected"
        failed=1
    fi
}

find_file()
{
    for candidate in $file; do
        if [ -e "$candidate" ]; then
            file=$candidate
            return
        fi
    done
    echo "no $names found: none of $file"
    exit 77
}

no_hang()
{
    for scope in global local; do
        expect 0 $scope quiesce 1
        expect 0 $scope quiesce 2
        # Without a way to end its threads, one thread and no hang.
        FORAY_TEST_NO=pause
        export FORAY_TEST_NO
        expect 0 $scope quiesce 2
        unset FORAY_TEST_NO
    done
}
