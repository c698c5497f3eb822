#!/bin/sh
# HDF5 files on file systems that copy by reference: see hdf5_reflink.py.
check=$(pwd)/tests/conformance/hdf5_check
FORAY=$(pwd)/foray
export FORAY
script=$(cd "${srcdir:-.}" && pwd)/tests/conformance/hdf5_reflink.py
. "${srcdir:-.}/tests/conformance/python.sh"
needs_built "$check" HDF5
needs h5py h5py python3-h5py
PATH=$PATH:/sbin:/usr/sbin
folder=$(mktemp -d "${TMPDIR:-/tmp}/foray-reflink-XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
done=
for make in 'mkfs.xfs -q -m reflink=1' 'mkfs.btrfs -q'; do
    command -v "${make%% *}" >/dev/null || continue
    image=$folder/${make%% *}
    mkdir "$folder/mounted" && truncate -s 320M "$image" || exit 99
    # shellcheck disable=SC2086 # a command with its options
    $make "$image" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 99; }
    if unshare -m mount -o loop "$image" "$folder/mounted" 2>/dev/null; then
        done="$done ${make%% *}"
        # The mount ends with the shell that made it.
        # shellcheck disable=SC2016 # words of that shell
        unshare -m sh -c 'mount -o loop "$1" "$2" && cd "$2" && exec "$3" "$4" "$5"' \
            sh "$image" "$folder/mounted" "$python" "$script" "$check" ||
            exit 1
    fi
    rm -rf "$folder/mounted" "$image"
done
if [ -z "$done" ]; then
    echo "skipped: no file system with copies by reference can be mounted here (Debian: xfsprogs; by root)"
    exit 77
fi
echo "by$done"
