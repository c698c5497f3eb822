# What tests of the documents need. Sourced: $source is where the sources are,
# $scratch a new folder that is removed at the end.
set -eu
source=$(cd "${srcdir:-.}" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/foray-docs-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
    echo "FAILED: $*"
    exit 1
}

skip() {
    echo "SKIPPED: $*"
    exit 77
}
