#!/bin/sh
# foray eval against NumPy: see eval.py.
python=/usr/bin/python3
if ! "$python" -c 'import numpy' 2>/dev/null; then
    echo "skipped: $python has no NumPy (Debian: python3-numpy)"
    exit 77
fi
command -v cc >/dev/null || { echo "skipped: no cc"; exit 77; }
exec "$python" "${srcdir:-.}/tests/conformance/eval.py" "$@"
