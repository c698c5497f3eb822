#!/bin/sh
# Arrays of .npz files against NumPy: see npz.py.
. "${srcdir:-.}/tests/conformance/python.sh"
needs numpy NumPy python3-numpy
PYTHONDONTWRITEBYTECODE=1 exec "$python" \
    "${srcdir:-.}/tests/conformance/npz.py" tests/conformance/files_check
