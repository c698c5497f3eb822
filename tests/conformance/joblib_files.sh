#!/bin/sh
# Arrays of joblib files against joblib: see joblib_files.py.
. "${srcdir:-.}/tests/conformance/python.sh"
needs 'numpy, joblib' joblib python3-joblib
PYTHONDONTWRITEBYTECODE=1 exec "$python" \
    "${srcdir:-.}/tests/conformance/joblib_files.py" tests/conformance/files_check
