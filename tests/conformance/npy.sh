#!/bin/sh
# Headers and conversions against NumPy: see npy.py.
. "${srcdir:-.}/tests/conformance/python.sh"
needs numpy NumPy python3-numpy
exec "$python" "${srcdir:-.}/tests/conformance/npy.py" \
    tests/conformance/array_check
