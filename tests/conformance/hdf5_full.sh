#!/bin/sh
# HDF5 files on a file system that is full: what was there stays as it is,
# nothing is left of what was not, and the error says so of the right file.
check=$(pwd)/tests/conformance/hdf5_check
. "${srcdir:-.}/tests/conformance/python.sh"
needs_built "$check" HDF5
needs h5py h5py python3-h5py
folder=$(mktemp -d "${TMPDIR:-/tmp}/foray-full-XXXXXX") || exit 99
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/small"
if ! unshare -rm mount -t tmpfs -o size=3M none "$folder/small" 2>/dev/null; then
    echo "skipped: no file system of one's own can be mounted here"
    exit 77
fi
cat >"$folder/inside.sh" <<'END'
mount -t tmpfs -o size=3M none small && cd small || exit 99
"$python" - <<'PY' || exit 99
import h5py
import numpy as np
np.save("../big.npy", np.random.default_rng(1).random((500, 1000)))
with h5py.File("old.h5", "w") as file:
    file["x"] = np.arange(1000.0)
    file.create_dataset("g", data=np.zeros((10, 1000)), chunks=(4, 1000),
                        maxshape=(None, 1000))
PY
before=$(cksum <old.h5)
status=0
for words in 'save ../big.npy new.h5 x' \
    'save ../big.npy new.h5 x deflate=1' \
    'save ../big.npy old.h5 y' \
    'save ../big.npy old.h5 x overwrite deflate=1' \
    'append ../big.npy old.h5 g' \
    'create ../big.npy old.h5 z'; do
    file=$(echo "$words" | cut -d ' ' -f 3)
    answer=$(echo "$words" | tr ' ' '\t' | "$check" 0)
    case $answer in
    FORAY_ENOSPC:*$file*) ;;
    *)
        echo "FAILED: $words: $answer"
        status=1
        ;;
    esac
done
if [ "$(cksum <old.h5)" != "$before" ] || [ "$(ls -A)" != old.h5 ]; then
    echo "FAILED: changed, or left behind:"
    ls -lA
    status=1
fi
exit $status
END
export python check
cd "$folder" && unshare -rm sh inside.sh
