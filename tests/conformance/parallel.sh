#!/bin/sh
# Expressions, sizes and lines of progress against joblib: see parallel.py.
python=/usr/bin/python3
if ! "$python" -c 'import joblib._utils' 2>/dev/null; then
    echo "skipped: $python has no joblib with eval_expr (Debian: python3-joblib)"
    exit 77
fi
exec "$python" "${srcdir:-.}/tests/conformance/parallel.py" \
    tests/conformance/parallel_check
