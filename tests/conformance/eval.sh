#!/bin/sh
# foray eval against NumPy: see eval.py.
. "${srcdir:-.}/tests/conformance/python.sh"
needs numpy NumPy python3-numpy
command -v cc >/dev/null || { echo "skipped: no cc"; exit 77; }
exec "$python" "${srcdir:-.}/tests/conformance/eval.py" "$@"
