#!/bin/sh
# foray hog --truncated accept: what Pillow decodes of a file that is cut.
. "${srcdir:-.}/tests/cli/setup.sh"
python=/usr/bin/python3
"$python" -c 'import PIL, numpy' 2>/dev/null || skip "no Pillow"

"$python" - >"$work/out" 2>"$work/err" <<'END' || fail "the images"
import numpy, os
from PIL import Image, ImageFile
ImageFile.LOAD_TRUNCATED_IMAGES = True
numbers = numpy.random.RandomState(1)
coarse = Image.fromarray(numbers.randint(0, 255, (20, 15, 3), "u1"))
photo = coarse.resize((150, 200), Image.BICUBIC)
noise = Image.fromarray(numbers.randint(0, 255, (200, 150, 3), "u1"))
names = []
for name, image, options in (
        ("a.jpg", photo, {}), ("p.jpg", photo, {"progressive": True}),
        ("s.jpg", photo, {"subsampling": 0}), ("g.jpg", photo.convert("L"), {}),
        ("n.png", noise, {}), ("a.png", photo, {}),
        ("l.png", photo.convert("L"), {}), ("r.png", photo.convert("RGBA"), {}),
        ("m.png", photo.quantize(16), {})):
    image.save(name, **options)
    whole = open(name, "rb").read()
    for part in (0.5, 0.77, 0.999):
        cut = f"cut{len(names)}" + name
        with open(cut, "wb") as file:
            file.write(whole[:int(len(whole) * part)])
        pixels = Image.open(cut)
        mode = "L" if pixels.mode == "L" else "RGB"
        pixels.convert(mode).save(f"pil{len(names)}.png")
        names.append(cut)
open("cut", "w").write("\n".join(names))
open("pil", "w").write("\n".join(f"pil{i}.png" for i in range(len(names))))
END
expect 3 hog -q --on-error skip --from cut -o fail.npy
[ "$(column 5 fail.csv | sort -u)" = truncated ] || fail "$(cat fail.csv)"
expect 0 hog -q --truncated accept --from cut -o cut.npy
expect 0 hog -q --from pil -o pil.npy
"$python" - >"$work/out" 2>&1 <<'END' || fail "other features than of Pillow's pixels"
import numpy
cut, pil = numpy.load("cut.npy"), numpy.load("pil.npy")
names = open("cut").read().split()
wrong = [n for n, a, b in zip(names, cut, pil) if (a != b).any()]
assert not wrong, wrong
END
grep -q '"truncated": "accept"' cut.json || fail "$(cat cut.json)"
# What has no header, or is damaged, fails all the same.
head -c 10 a.jpg >short.jpg
expect 1 hog -q --truncated accept -o o.npy short.jpg
expect 2 hog -q --truncated maybe -o o.npy a.jpg
says err "must be fail or accept"
exit 0
