#!/bin/sh
# The programs of docs/examples, compiled with pkg-config against the installed
# libraries and run: each prints what is in its .out, and nothing else.
. "${srcdir:-.}/tests/docs/installed.sh"
examples=$source/docs/examples

# An image of 32 rows and 48 columns: waves along both axes.
make_image() {
    awk 'BEGIN {
        print "P2 48 32 255"
        for (i = 0; i < 32; i++)
            for (j = 0; j < 48; j++)
                print int(127.5 + 127 * sin(i * j / 50))
    }'
}

static='' flag=-lm
if [ -e "$library/libforay.so" ]; then
    LD_LIBRARY_PATH=$library
    export LD_LIBRARY_PATH
else
    static=--static
fi
make_image >waves.pgm
n=0
for example in "$examples"/*.c; do
    name=$(basename "$example" .c)
    case $name in
    hog) package=foray-image arguments='waves.pgm missing.pgm' ;;
    *) package=foray arguments='' ;;
    esac
    [ "$(wc -l <"$example")" -le 80 ] || fail "$name.c is too long to be read"
    cp "$example" program.c
    build $package "$flag" || fail "$name.c does not compile"
    # shellcheck disable=SC2086 # a list of words
    ./program $arguments >words 2>errors || {
        cat errors
        fail "$name.c: exit status $?"
    }
    [ ! -s errors ] || fail "$name.c says: $(cat errors)"
    diff "$examples/$name.out" words || fail "$name.out (<) and $name.c (>)"
    n=$((n + 1))
done
for output in "$examples"/*.out; do
    [ -e "${output%.out}.c" ] || fail "$output is of no example"
done
[ $n -gt 0 ] || fail "no examples in $examples"
echo "$n examples run"
exit 0
