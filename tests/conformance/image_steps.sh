#!/bin/sh
# Pillow has the same resampling and grays: see image_steps.py.
exec /usr/bin/python3 "${srcdir:-.}/tests/conformance/image_steps.py" \
    tests/conformance/image_dump
