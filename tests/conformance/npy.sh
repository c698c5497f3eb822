#!/bin/sh
# Headers and conversions against NumPy: see npy.py.
python=/usr/bin/python3
if ! "$python" -c 'import numpy' 2>/dev/null; then
    echo "skipped: $python has no NumPy (Debian: python3-numpy)"
    exit 77
fi
exec "$python" "${srcdir:-.}/tests/conformance/npy.py" \
    tests/conformance/array_check
