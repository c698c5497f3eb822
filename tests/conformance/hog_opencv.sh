#!/bin/sh
# OpenCV has the method dalal-triggs: see hog_opencv.py.
exec /usr/bin/python3 "${srcdir:-.}/tests/conformance/hog_opencv.py" \
    tests/conformance/hog_dump
