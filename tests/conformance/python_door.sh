#!/bin/sh
# tools/foray.py, the door for Python: see python_door.py.
python=/usr/bin/python3
if ! "$python" -c 'import numpy' 2>/dev/null; then
    echo "skipped: $python has no NumPy (Debian: python3-numpy)"
    exit 77
fi
source=$(cd "${srcdir:-.}" && pwd)
DOOR=$source/tools FORAY=$(pwd)/foray
export DOOR FORAY
PYTHONDONTWRITEBYTECODE=1 exec "$python" \
    "$source/tests/conformance/python_door.py"
