#!/bin/sh
# Expressions, sizes and lines of progress against joblib: see parallel.py.
. "${srcdir:-.}/tests/conformance/python.sh"
needs joblib._utils 'joblib with eval_expr' python3-joblib
exec "$python" "${srcdir:-.}/tests/conformance/parallel.py" \
    tests/conformance/parallel_check
