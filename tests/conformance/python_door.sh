#!/bin/sh
# tools/python/foray.py, the door for Python: see python_door.py.
. "${srcdir:-.}/tests/conformance/python.sh"
needs numpy NumPy python3-numpy
source=$(cd "${srcdir:-.}" && pwd)
DOOR=$source/tools/python FORAY=$(pwd)/foray
export DOOR FORAY
PYTHONDONTWRITEBYTECODE=1 exec "$python" \
    "$source/tests/conformance/python_door.py"
