#!/bin/sh
# The examples in the comments of the public headers compile.
#
# An example begins five blanks behind the star of a comment, after an empty
# line, and goes on to the next line of text. It is a function or more, or else
# the inside of one.
. "${srcdir:-.}/tests/docs/setup.sh"
include=$source/include

# examples HEADER: SCRATCH/NAME-LINE.code for each, by the line it begins at
examples() {
    awk -v prefix="$scratch/$(basename "$1" .h)" '
        /^ \*     / && (file || empty) {
            if (!file)
                file = prefix "-" NR ".code"
            print substr($0, 8) >file
            next
        }
        { empty = $0 == " *" }
        empty && file { print "" >file }
        !empty && file { close(file); file = "" }' "$1"
}

# compile NAME-LINE: SCRATCH/NAME-LINE.code, as a program would use the header
compile() {
    {
        echo '#include <stdio.h>'
        echo '#include <string.h>'
        echo '#include <foray.h>'
        echo "#include <foray/${1%-*}.h>"
        if grep -q '^{' "$scratch/$1.code"; then
            cat "$scratch/$1.code"
        else
            echo 'void example(void); void example(void) {'
            cat "$scratch/$1.code"
            echo '}'
        fi
    } >"$scratch/$1.c"
    # A task function alone has nobody who calls it.
    # shellcheck disable=SC2086 # a compiler and its flags
    ${CC:-cc} -std=c11 -Wall -Wextra -Werror -Wno-unused-function \
        -I"$include" -c -o "$scratch/example.o" "$scratch/$1.c"
}

for header in "$include"/foray/*.h; do
    examples "$header"
done
for name in array atomic backend call config dataset dtype error eval hdf5 hog \
    hog_batch image init joblib kernel machine map npz npz_load parallel pool \
    random reduce result size storage task texts verbose; do
    ls "$scratch/$name"-*.code >/dev/null 2>&1 ||
        fail "no example in foray/$name.h"
done
n=0
for code in "$scratch"/*.code; do
    name=$(basename "$code" .code)
    compile "$name" || fail "the example of foray/${name%-*}.h, line ${name##*-}"
    n=$((n + 1))
done

# The check must be able to fail.
echo 'foray_pool_close(nobody);' >"$scratch/pool-0.code"
if compile pool-0 2>/dev/null; then
    fail "an example that is wrong compiles"
fi
echo "$n examples compile"
exit 0
