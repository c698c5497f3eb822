#!/bin/sh
# Arrays of .npz files against NumPy: see npz.py.
python=/usr/bin/python3
if ! "$python" -c 'import numpy' 2>/dev/null; then
    echo "skipped: $python has no NumPy (Debian: python3-numpy)"
    exit 77
fi
PYTHONDONTWRITEBYTECODE=1 exec "$python" \
    "${srcdir:-.}/tests/conformance/npz.py" tests/conformance/files_check
