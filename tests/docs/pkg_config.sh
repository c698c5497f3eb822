#!/bin/sh
# A program of somebody else's, compiled with pkg-config against the installed
# libforay-image, shared and static, reads an image.
. "${srcdir:-.}/tests/docs/installed.sh"

cat >program.c <<'END'
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
printf 'P5 3 2 255\nabcdef' >small.pgm

check() {
    if ./program missing.pgm >words 2>&1 || ! grep -q missing.pgm words; then
        fail "$1: nothing says that missing.pgm is missing"
    fi
    ./program small.pgm >words 2>&1 || {
        cat words
        fail "$1: small.pgm cannot be read"
    }
    [ "$(cat words)" = "2 x 3" ] || fail "$1: small.pgm is $(cat words)"
    echo "$1: it runs"
}

shared_and_static foray-image
exit 0
