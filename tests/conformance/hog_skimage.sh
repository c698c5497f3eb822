#!/bin/sh
# scikit-image has the same HOG: see hog_skimage.py.
exec /usr/bin/python3 "${srcdir:-.}/tests/conformance/hog_skimage.py" \
    tests/conformance/hog_dump
