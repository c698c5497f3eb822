#!/bin/sh
# Programs of somebody else's, each compiled with pkg-config against one of the
# installed libraries, shared and static, with the flags of that one alone.
# shellcheck disable=SC2034 # of installed.sh
libraries="libforay.la $(grep -l "^libdir='/" libforay-*.la | tr '\n' ' ')"
. "${srcdir:-.}/tests/docs/installed.sh"

cat >foray.c <<'END'
#include <foray/array.h>
#include <foray/reduce.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    double numbers[] = {1, 2, 3}, sum = 0;
    struct foray_array x;
    struct foray_error err = {0};

    (void)argv;
    if (foray_array_wrap(&x, numbers, FORAY_F64, argc > 1 ? -1 : 1,
                         (size_t[]){3}, &err) ||
        foray_array_sum(&sum, NULL, &x, &err))
        fprintf(stderr, "%s\n", err.msg);
    else
        printf("%g\n", sum);
    return err.code != 0;
}
END
cat >foray-hdf5.c <<'END'
#include <foray/hdf5.h>
#include <foray/storage.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    double numbers[] = {1, 2, 3};
    struct foray_array x, y = {0};
    struct foray_error err = {0};

    (void)argv;
    if (foray_array_wrap(&x, numbers, FORAY_F64, 1, (size_t[]){3}, &err) ||
        foray_hdf5_save(NULL, "x.h5", "/x", &x,
                        &(struct foray_hdf5_options){.overwrite = true},
                        &err) ||
        foray_hdf5_open(&y, NULL, "x.h5", argc > 1 ? "/y" : "/x", "r", NULL,
                        &err))
        fprintf(stderr, "%s\n", err.msg);
    else
        printf("%g\n", ((const double *)y.data)[2]);
    foray_array_close(&y, NULL);
    return err.code != 0;
}
END
cat >foray-image.c <<'END'
#include <foray/image.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct foray_image *image = NULL;
    struct foray_error err = {0};

    if (foray_image_new(&image, &err) ||
        foray_image_read(image, argc > 1 ? argv[1] : "", NULL, &err))
        fprintf(stderr, "%s\n", err.msg);
    else
        printf("%zu x %zu\n", foray_image_pixels(image)->shape[0],
               foray_image_pixels(image)->shape[1]);
    foray_image_free(image);
    return err.code != 0;
}
END
cat >foray-linalg.c <<'END'
#include <foray/linalg.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    double numbers[] = {3, 4}, product;
    struct foray_array x, g;
    struct foray_error err = {0};

    (void)argv;
    if (foray_array_wrap(&x, numbers, FORAY_F64, 2, (size_t[]){1, 2}, &err) ||
        foray_array_wrap(&g, &product, FORAY_F64, argc > 1 ? 1 : 2,
                         (size_t[]){1, 1}, &err) ||
        foray_gram(NULL, &x, &g, &err))
        fprintf(stderr, "%s\n", err.msg);
    else
        printf("%g\n", product);
    return err.code != 0;
}
END
printf 'P5 3 2 255\nabcdef' >small.pgm

# What each prints, with its argument; with another one it fails with a word.
check() {
    case $2 in
    foray) wanted=6 argument='' ;;
    foray-hdf5) wanted=3 argument='' ;;
    foray-image) wanted='2 x 3' argument=small.pgm ;;
    foray-linalg) wanted=25 argument='' ;;
    esac
    if ./program missing.pgm >words 2>&1 || [ ! -s words ]; then
        fail "$2, $1: nothing is said of what is wrong"
    fi
    # shellcheck disable=SC2086 # none, or a word
    ./program $argument >words 2>&1 || {
        cat words
        fail "$2, $1: exit status $?"
    }
    [ "$(cat words)" = "$wanted" ] || fail "$2, $1: $(cat words)"
    echo "$2, $1: it runs"
}

packages=''
for file in "$library"/pkgconfig/*.pc; do
    package=$(basename "$file" .pc)
    [ -e "$package.c" ] || fail "$package.pc is installed, and not tested"
    packages="$packages $package"
done
[ "$packages" != "" ] || fail "no .pc is installed"
shared_and_static "$packages"
exit 0
