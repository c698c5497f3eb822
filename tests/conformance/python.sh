# What comparisons with Python need. Sourced, from the top build folder: $python is
# the one that Debian's packages are for.
python=/usr/bin/python3

skip() {
    echo "skipped: $*"
    exit 77
}

# needs MODULES NAME PACKAGE
needs() {
    "$python" -c "import $1" 2>/dev/null ||
        skip "$python has no $2 (Debian: $3)"
}

# needs_built PROGRAM LIBRARY
needs_built() {
    [ -x "$1" ] || skip "built without $2"
}
