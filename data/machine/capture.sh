#!/bin/sh
# Print this machine's files that say how many CPUs a process may use, as a
# bundle for tests/captured.c:  data/machine/capture.sh > data/machine/NAME.txt
# The bundles here whose first line says "written" follow the kernel's
# documentation (cgroup-v1, cgroup-v2, proc(5)) instead of a machine at hand.
set -u

show()
{
    for file; do
        [ -r "$file" ] || continue
        printf '=== %s\n' "$file"
        cat "$file"
    done
}

echo "captured: $(uname -srm)"
printf '=== /proc/self/cgroup\n'
cat /proc/self/cgroup
printf '=== /proc/self/mountinfo\n'
grep -e ' - cgroup' /proc/self/mountinfo
for top in $(awk '/ - cgroup/ { print $5 }' /proc/self/mountinfo); do
    for file in $(find "$top" -name cpu.max -o -name cpu.cfs_quota_us \
        -o -name cpu.cfs_period_us 2>/dev/null | sort); do
        show "$file"
    done
done
show /sys/devices/system/cpu/cpu[0-9]*/topology/thread_siblings_list
