# Sourced by the tests of what a program of somebody else's sees: installs
# $libraries, or libforay and libforay-image, for this test only, into $library,
# tells pkg-config so, and enters $folder, an empty one.
. "${srcdir:-.}/tests/docs/setup.sh"
top=$(pwd)
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

root=$scratch/root
folder=$scratch/folder
mkdir "$folder" "$scratch/build"

# Installing links what needs libforay anew where it was built. That is done in a
# copy, for other tests use the one in the build folder meanwhile.
install_libraries() {
    # shellcheck disable=SC2086 # a list of words
    cp -a libtool .libs ./*.la "$scratch/build" &&
        sed -i "s|$top|$scratch/build|g" "$scratch/build"/*.la &&
        (cd "$scratch/build" && mkdir -p "$library" &&
            ./libtool --silent --mode=install \
                cp ${libraries:-libforay.la libforay-image.la} "$library") &&
        make -s DESTDIR="$root" install-includeHEADERS \
            install-forayincludeHEADERS install-pkgconfigDATA
}
library=$root$(sed -n "s/^libdir='\(.*\)'/\1/p" libforay.la)
(
    unset MAKEFLAGS MFLAGS MAKELEVEL
    install_libraries
) >"$scratch/words" 2>&1 || {
    cat "$scratch/words"
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

# The flags of a package; of folders only $library lies under $root, which
# pkg-config puts before all of them.
flags_of() {
    pkg-config $static --cflags --libs "$1" |
        sed "s|-L$library|-L:|g; s|-L$root/|-L/|g; s|-L:|-L$library|g"
}

# build PACKAGE FLAG: program.c becomes ./program by the flags of a package.
build() {
    # shellcheck disable=SC2046,SC2086 # lists of words
    ${CC:-cc} -std=c11 -Wall -Wextra -Werror -O2 program.c -o program \
        $(flags_of "$1") $2
}

# check_all PACKAGES FLAG HOW: their programs, PACKAGE.c or program.c, built;
# after each the test's own "check HOW PACKAGE".
check_all() {
    for package in $1; do
        [ ! -e "$package.c" ] || cp "$package.c" program.c
        build "$package" "$2"
        check "$3" "$package"
    done
}

# shared_and_static PACKAGES [FLAG]: all of them, in both ways.
shared_and_static() {
    static='' n=0
    if [ -e "$library/libforay.so" ]; then
        LD_LIBRARY_PATH=$library
        export LD_LIBRARY_PATH
        check_all "$1" "${2:-}" shared
        unset LD_LIBRARY_PATH
        rm "$library"/libforay*.so*
        n=1
    fi
    if [ -e "$library/libforay.a" ]; then
        static=--static
        check_all "$1" "${2:-}" static
        n=$((n + 1))
    fi
    [ $n -gt 0 ] || fail "no library was installed"
}
