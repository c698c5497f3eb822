#!/bin/sh
# Arrays of joblib files against joblib: see joblib_files.py.
python=/usr/bin/python3
if ! "$python" -c 'import numpy, joblib' 2>/dev/null; then
    echo "skipped: $python has no joblib (Debian: python3-joblib)"
    exit 77
fi
PYTHONDONTWRITEBYTECODE=1 exec "$python" \
    "${srcdir:-.}/tests/conformance/joblib_files.py" tests/conformance/files_check
