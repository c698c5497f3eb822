# Sourced by the tests of what a program of somebody else's sees: installs both
# libraries, for this test only, into $library, tells pkg-config so, and enters
# $folder, an empty one.
set -eu
top=$(pwd)
source=$(cd "${srcdir:-.}" && pwd)
skip() {
    echo "SKIPPED: $*"
    exit 77
}
fail() {
    echo "FAILED: $*"
    exit 1
}
variable() {
    sed -n "s/^$1 = //p" "$top/Makefile"
}

case $(variable FORAY_CFLAGS) in
*-fsanitize* | *--coverage*)
    skip "a library with sanitizers or coverage is not one to install" ;;
esac
[ "$(variable host_triplet)" = "$(variable build_triplet)" ] ||
    skip "built for another machine"
command -v pkg-config >/dev/null || skip "pkg-config is not installed"

work=$(mktemp -d "${TMPDIR:-/tmp}/foray-docs-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
root=$work/root
folder=$work/folder
mkdir "$folder" "$work/build"

# Installing links libforay-image anew where it was built. That is done in a
# copy, for other tests use the one in the build folder meanwhile.
install_libraries() {
    cp -a libtool .libs ./*.la "$work/build" &&
        sed -i "s|$top|$work/build|g" "$work/build"/*.la &&
        (cd "$work/build" && mkdir -p "$library" &&
            ./libtool --silent --mode=install \
                cp libforay.la libforay-image.la "$library") &&
        make -s DESTDIR="$root" install-includeHEADERS \
            install-forayincludeHEADERS install-pkgconfigDATA
}
library=$root$(sed -n "s/^libdir='\(.*\)'/\1/p" libforay.la)
(
    unset MAKEFLAGS MFLAGS MAKELEVEL
    install_libraries
) >"$work/words" 2>&1 || {
    cat "$work/words"
    fail "make install"
}
[ -e "$library/libforay-image.la" ] || fail "nothing is in $library"
PKG_CONFIG_LIBDIR=$library/pkgconfig
PKG_CONFIG_SYSROOT_DIR=$root
PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_ALLOW_SYSTEM_CFLAGS \
    PKG_CONFIG_ALLOW_SYSTEM_LIBS
unset PKG_CONFIG_PATH
cd "$folder"

# build PACKAGE FLAG: program.c becomes ./program by the flags of a package.
build() {
    # shellcheck disable=SC2046,SC2086 # lists of words
    ${CC:-cc} -std=c11 -Wall -Wextra -Werror -O2 program.c -o program \
        $(pkg-config $static --cflags --libs "$1") $2
}

# shared_and_static PACKAGE [FLAG]: program.c built in both ways; after each the
# test's own "check shared" or "check static".
shared_and_static() {
    static='' n=0
    if [ -e "$library/libforay.so" ]; then
        build "$1" "${2:-}"
        LD_LIBRARY_PATH=$library
        export LD_LIBRARY_PATH
        check shared
        unset LD_LIBRARY_PATH
        rm "$library"/libforay*.so*
        n=1
    fi
    if [ -e "$library/libforay.a" ]; then
        static=--static
        build "$1" "${2:-}"
        check static
        n=$((n + 1))
    fi
    [ $n -gt 0 ] || fail "no library was installed"
}
