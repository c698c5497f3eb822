#!/bin/sh
# Arrays in files against NumPy: see storage.py.
. "${srcdir:-.}/tests/conformance/python.sh"
needs numpy NumPy python3-numpy
exec "$python" "${srcdir:-.}/tests/conformance/storage.py" \
    tests/conformance/storage_check
