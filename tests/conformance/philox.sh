#!/bin/sh
# Random numbers against NumPy: see philox.py.
python=/usr/bin/python3
if ! "$python" -c 'import numpy.random; numpy.random.Philox' 2>/dev/null; then
    echo "skipped: $python has no NumPy with Philox (Debian: python3-numpy)"
    exit 77
fi
exec "$python" "${srcdir:-.}/tests/conformance/philox.py" \
    tests/conformance/philox_dump
