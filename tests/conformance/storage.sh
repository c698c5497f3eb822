#!/bin/sh
# Arrays in files against NumPy: see storage.py.
python=/usr/bin/python3
if ! "$python" -c 'import numpy' 2>/dev/null; then
    echo "skipped: $python has no NumPy (Debian: python3-numpy)"
    exit 77
fi
exec "$python" "${srcdir:-.}/tests/conformance/storage.py" \
    tests/conformance/storage_check
