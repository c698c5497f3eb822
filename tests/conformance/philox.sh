#!/bin/sh
# Random numbers against NumPy: see philox.py.
. "${srcdir:-.}/tests/conformance/python.sh"
needs 'numpy.random; numpy.random.Philox' 'NumPy with Philox' python3-numpy
exec "$python" "${srcdir:-.}/tests/conformance/philox.py" \
    tests/conformance/philox_dump
