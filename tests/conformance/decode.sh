#!/bin/sh
# Pillow decodes the same files: see decode.py.
exec /usr/bin/python3 "${srcdir:-.}/tests/conformance/decode.py" \
    tests/conformance/decode_dump
