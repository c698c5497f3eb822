#!/bin/sh
# foray map: kernels in C and compiled ones, their parameters, shapes of
# outputs, what goes wrong, and lines that are the user's.
. "${srcdir:-.}/tests/cli/setup.sh"
command -v cc >/dev/null || skip "no cc"
unset CC
XDG_CACHE_HOME=$work/cache
here=$(cd "$top" && cd "${srcdir:-.}" && pwd)
CPATH=$here/include
export XDG_CACHE_HOME CPATH
modules=$work/cache/foray/modules

cat >scale.c <<'END'
#include <foray.h>
#include "factor.h"

int kernel(struct foray_task *task);
int twice(struct foray_task *task);

static int scale(struct foray_task *task, double alpha)
{
    const struct foray_array *x = foray_task_in(task, 0);
    const struct foray_array *y = foray_task_out(task, 0);

    if (x->shape[0] && FORAY_AT(x, double, 0) < 0)
        return foray_task_fail(task, "a negative row");
    for (size_t i = 0; i < x->shape[0]; i++)
        for (size_t j = 0; j < y->shape[1]; j++)
            FORAY_AT(y, double, i, j) = FACTOR * alpha *
                                        FORAY_AT(x, double, i);
    return 0;
}

int kernel(struct foray_task *task)
{
    return scale(task, foray_task_number(task, "alpha"));
}

int twice(struct foray_task *task)
{
    return scale(task, foray_task_number_or(task, "alpha", 2));
}
END
echo '#define FACTOR 10' >factor.h
expect 0 eval -q 'where(True, f64(3), 0)' -o three.npy
# Ten rows: ones of a sum along a broadcast axis would need an array; raw bytes
# of a header and zeros make one.
printf '\223NUMPY\001\000v\000%-117s\n' \
	"{'descr': '<f8', 'fortran_order': False, 'shape': (10,), }" >zeros.npy
head -c 80 /dev/zero >>zeros.npy
expect 0 eval -q 'z + 3' z=zeros.npy -o x.npy

sum() {
	expect 0 eval -q "y" y="$1" --reduce sum
	cat "$work/out"
}
expect 0 map -q scale.c -i x.npy -o y.npy:f64:ROWSx2 -p alpha=0.5
[ "$(sum y.npy)" = 300 ] || fail "0.5 * 10 * 3, 20 times: $(sum y.npy)"
expect 0 map -q scale.c:twice -i x.npy -o y.npy:f64:ROWSx1
[ "$(sum y.npy)" = 600 ] || fail "2 * 10 * 3, 10 times: $(sum y.npy)"

# The module is found again, and made anew when a header has changed.
before=$(ls "$modules")
expect 0 map -q scale.c -i 'x.npy[:5]' -o y.npy:f64:ROWSx2 -p alpha=-1
[ "$(sum y.npy)" = -300 ] || fail "-1 * 10 * 3, 10 times: $(sum y.npy)"
echo '#define FACTOR 100' >factor.h
expect 0 map -q scale.c -i x.npy -o y.npy:f64:ROWSx2 -p alpha=1
[ "$(sum y.npy)" = 6000 ] || fail "100 * 3, 20 times: $(sum y.npy)"
[ "$(ls "$modules")" != "$before" ] || fail "the changed header was not seen"

# A library that is there already.
cc -shared -fPIC -o scale.so scale.c || fail "cc"
expect 0 map -q scale.so:twice -i x.npy -o y.npy:f64:ROWSx1 -p alpha=1 -j1
[ "$(sum y.npy)" = 3000 ] || fail "of the library: $(sum y.npy)"

# What goes wrong.
rm y.npy
expect 1 map scale.c -i x.npy -o y.npy:f64:ROWSx2
says err "there is no parameter alpha"
expect 1 map scale.c -i x.npy -o y.npy:f64:ROWSx2 -p alpha=much
says err "the parameter alpha=much is no number"
expect 1 map scale.c -i x.npy -o y.npy:f64:ROWSx2 -p alpha
says err "must be NAME=VALUE"
expect 1 map scale.c:other -i x.npy -o y.npy:f64:ROWSx2
says err "has no function other"
expect 1 map none.c -i x.npy -o y.npy
says err "there is no kernel none.c"
expect 1 map scale.c -i x.npy -o y.npy:f64:7x2 -p alpha=1
says err "equally long"
expect 0 eval -q 'x - 4' x=x.npy -o low.npy
expect 1 map scale.c -i low.npy -o y.npy:f64:ROWSx2 -p alpha=1
says err "a negative row"
absent y.npy
expect 3 map scale.c -i low.npy -o y.npy:f64:ROWSx2 -p alpha=1 --on-error skip
says err "10 of 10 tasks failed"
rm y.npy
sed 's/double alpha)/dubble alpha)/' scale.c >typo.c
expect 1 map typo.c -i x.npy -o y.npy
says err "typo.c:7:" "dubble" "the compiler failed"
sed 's/FACTOR \*/missing_one() */; 3i double missing_one(void);' scale.c >link.c
expect 1 map link.c -i x.npy -o y.npy
says err "missing_one"
PATH=$work/empty expect 1 map scale.c -i x.npy -o y.npy
says err "there is no C compiler"
absent y.npy

for output in y.npy: y.npy:f63 y.npy:f64: y.npy:f64:2xx3 y.npy:f64:ROWSy2 \
	y.npy:f64:-1 ':f64:3' 'y.npy:>f8'; do
	expect 2 map scale.c -i x.npy -o "$output"
done
expect 2 map scale.c -i x.npy
says err "-o OUT.npy is needed"
expect 2 map scale.c -o y.npy
says err "-i ARRAY is needed"
expect 2 map -i x.npy -o y.npy
says err "no kernel"
expect 1 map --dry-run scale.c -i x.npy -o y.npy:f64:ROWSx900000000000 \
	-p alpha=1
says err "y.npy needs" "free"
expect 1 map --dry-run scale.c -i x.npy -o nowhere/y.npy -p alpha=1
says err "the folder of nowhere/y.npy"
expect 1 map scale.c -i x.npy -o y.txt -p alpha=1
says err "must be a .npy or .h5 file"
absent y.npy y.txt
expect 0 map --dry-run scale.c -i x.npy -o y.npy:f32:ROWSx4 -p alpha=1
says out "y.npy: (10, 4) f32"
absent y.npy
exit 0
