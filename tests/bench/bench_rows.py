#!/usr/bin/python3
"""How fast foray hog is beside what else one would do: whole commands.

    bench_rows.py [--foray PROGRAM] [tiny|large|stack|journal]...

From the build folder, behind make and make tests/bench/bench_stack
tests/bench/bench_journal; some minutes. Each row prints a ratio of times that were
measured in turns, in this run, and the bound it is held to; all files are in
/dev/shm, so that no disk is measured. The peer is joblib with two jobs, its
pool started and warm, all imported: as a Python program that goes on sees it.
Exit status 0 unless something fails: a machine that others use proves nothing.

tiny     10,000 PNG files of 28x28 (dataset-fashion-mnist, or drawn ones), against
         skimage.feature.hog behind skimage.io.imread, and behind Pillow, each
         as a whole program, too
large    200 JPEG files of 4000x3000, each 48 photographs of propaganda-debian
         side by side as they are, or of the folder in PHOTOGRAPHS, resized to
         128x64 by --jpeg-scale auto; against Pillow's draft and resize
stack    70,000 images of 28x28 in a .npy, against the kernel alone: two
         processes that describe images that lie in memory into memory
journal  20,000 of the PNG files with a journal and without, with progress shown
         and without: CPU time of all processes, the median of pairs
"""
import argparse
import glob
import gzip
import mmap
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

CELLS = ["--pixels-per-cell", "7x7", "--cells-per-block", "2x2"]
FASHION = "/usr/share/datasets/fashion-mnist"
PHOTOGRAPHS = os.environ.get("PHOTOGRAPHS", "/usr/share/wallpapers")
ROUNDS = 3


def warm_memory():
    """The first touch of memory that a virtual machine has given back is slow."""
    area = mmap.mmap(-1, 1 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    area.madvise(mmap.MADV_HUGEPAGE)
    for at in range(0, 1 << 30, 1 << 12):
        area[at] = 1
    area.close()


def timed(command, **options):
    """Wall seconds and CPU seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, **options)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, (after.ru_utime - before.ru_utime + after.ru_stime -
                  before.ru_stime)


def in_turns(*functions, rounds=ROUNDS):
    """What each function returned, in lists; A B A B."""
    results = [[] for _ in functions]
    for _ in range(rounds):
        for function, into in zip(functions, results):
            into.append(function())
    return results


def say(what, ratio, bound, is_met=None):
    if is_met is None:
        is_met = ratio >= bound
    print(f"{what:<56} {ratio:8.3f} (bound {bound:g}) "
          f"{'ok' if is_met else 'MISSED'}", flush=True)


def images_of_28():
    """70,000 of them: photographs of clothes, or what looks as busy."""
    import numpy as np

    files = [f"{FASHION}/{name}-images-idx3-ubyte.gz" for name in
             ("train", "t10k")]
    if all(map(os.path.exists, files)):
        return np.concatenate([
            np.frombuffer(gzip.open(name).read(), np.uint8, offset=16)
            .reshape(-1, 28, 28) for name in files])
    print("dataset-fashion-mnist is not installed: drawn images instead")
    rows = np.random.default_rng(0).integers(0, 256, (70000, 7, 7))
    return np.kron(rows, np.ones((4, 4))).astype(np.uint8)


def write_tiny(folder, n):
    from PIL import Image

    paths = [f"{folder}/{i:05}.png" for i in range(n)]
    for path, pixels in zip(paths, images_of_28()):
        Image.fromarray(pixels).save(path)
    return paths


def write_large(folder, n):
    from PIL import Image

    names = sorted(glob.glob(f"{PHOTOGRAPHS}/*.[jJ][pP][gG]"))
    if not names:
        sys.exit(f"no photographs in {PHOTOGRAPHS}: apt-get install "
                 "propaganda-debian")
    photographs = [Image.open(name).convert("RGB").crop((0, 0, 512, 512))
                   for name in names]
    paths = [f"{folder}/{k}.jpg" for k in range(n)]
    for k, path in enumerate(paths):
        page = Image.new("RGB", (4096, 3072))
        for t in range(48):
            page.paste(photographs[(7 * t + 5 * k) % len(photographs)],
                       (t % 8 * 512, t // 8 * 512))
        page.crop((0, 0, 4000, 3000)).save(path, quality=90)
    return paths


def hog_read(path):
    from skimage.feature import hog
    from skimage.io import imread

    return hog(imread(path), pixels_per_cell=(7, 7), cells_per_block=(2, 2))


def hog_opened(path):
    import numpy as np
    from PIL import Image
    from skimage.feature import hog

    return hog(np.asarray(Image.open(path)), pixels_per_cell=(7, 7),
               cells_per_block=(2, 2))


def hog_drafted(path):
    import numpy as np
    from PIL import Image
    from skimage.feature import hog

    image = Image.open(path)
    image.draft(None, (128, 256))
    pixels = image.resize((64, 128), Image.Resampling.BILINEAR)
    return hog(np.asarray(pixels), channel_axis=-1)


def with_joblib(parallel, function, paths):
    import numpy as np
    from joblib import delayed

    start = time.perf_counter()
    np.array(parallel(delayed(function)(path) for path in paths))
    return time.perf_counter() - start


def whole_program(function, listed):
    """The same by a program of its own, from its start to its end."""
    text = (f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r})\n"
            "import bench_rows\nfrom joblib import Parallel\n"
            f"paths = open({listed!r}).read().splitlines()\n"
            "bench_rows.with_joblib(Parallel(n_jobs=2), "
            f"bench_rows.{function.__name__}, paths)\n")
    return timed([sys.executable, "-c", text])[0]


def against_joblib(what, command, listed, functions, bound, rounds):
    """The command against each function under joblib."""
    from joblib import Parallel

    with open(listed, encoding="utf-8") as file:
        paths = file.read().splitlines()
    with Parallel(n_jobs=2) as parallel:
        peers = [lambda f=f: with_joblib(parallel, f, paths)
                 for f in functions]
        for function in functions:
            with_joblib(parallel, function, paths[:16])
        warm_memory()
        ours, *theirs = in_turns(lambda: timed(command), *peers, rounds=rounds)
    wall = min(wall for wall, _ in ours)
    print(f"foray hog -j2, {what}: {wall:.3f} s, "
          f"{min(cpu for _, cpu in ours):.3f} s of CPU")
    for function, times in zip(functions, theirs):
        whole = whole_program(function, listed)
        say(f"{function.__name__}, joblib 2 jobs, warm: {min(times):.2f} s",
            min(times) / wall, bound)
        say(f"{function.__name__}, joblib 2 jobs, whole: {whole:.2f} s",
            whole / wall, bound)


def write_list(folder, paths):
    with open(f"{folder}/list", "w", encoding="utf-8") as file:
        file.write("\n".join(paths) + "\n")
    return file.name


def row_tiny(args, folder):
    listed = write_list(folder, write_tiny(folder, 10000))
    against_joblib(
        "10,000 PNG of 28x28",
        [args.foray, "hog", "-q", "-j2", *CELLS, "-o", f"{folder}/out.npy",
         folder],
        listed, [hog_read, hog_opened], 20, ROUNDS)


def row_large(args, folder):
    listed = write_list(folder, 25 * write_large(folder, 8))
    against_joblib(
        "200 JPEG of 4000x3000",
        [args.foray, "hog", "-q", "-j2", "--resize", "128x64", "--jpeg-scale",
         "auto", "-o", f"{folder}/out.npy", "--from", listed],
        listed, [hog_drafted], 1.5, ROUNDS)


def row_stack(args, folder):
    import numpy as np

    stack = f"{folder}/stack.npy"
    np.save(stack, images_of_28())
    for name, cells in (("8x8, 3x3", ["8", "3"]), ("7x7, 2x2", ["7", "2"])):
        command = [args.foray, "hog", "-q", "-j2", *(CELLS if cells[0] == "7"
                                                     else []),
                   "-o", f"{folder}/out.npy", stack]
        kernel = [f"{args.benches}/bench_stack", stack, *cells]
        warm_memory()
        alone, ours, again = in_turns(
            lambda: float(subprocess.check_output(kernel)),
            lambda: timed(command), lambda: timed([*command, "--no-index"]),
            rounds=9)
        print(f"70,000 of a stack, {name}: the kernel alone {min(alone):.3f} s")
        for what, times in (("foray hog -j2", ours), ("--no-index", again)):
            wall, cpu = map(min, zip(*times))
            say(f"{what}: {wall:.3f} s, {cpu:.3f} s of CPU; rate",
                min(alone) / wall, 0.8)


def median_of_pairs(first, second, rounds):
    pairs = zip(*in_turns(first, second, rounds=rounds))
    return statistics.median(b / a for a, b in pairs)


def row_journal(args, folder):
    paths = write_tiny(folder, 20000)
    warm_memory()
    without, kept, ratio = map(float, subprocess.check_output(
        [f"{args.benches}/bench_journal", folder, "21", *paths]).split())
    print(f"20,000 PNG of 28x28: {without:.3f} s of CPU, with a journal "
          f"{kept:.3f} s")
    say("with a journal / without, CPU time", ratio, 1.01, ratio <= 1.01)
    base = [args.foray, "hog", "-j2", "-o", f"{folder}/out.npy", folder,
            "--progress"]
    ratio = median_of_pairs(
        lambda: timed([*base, "never"], stderr=subprocess.DEVNULL)[1],
        lambda: timed([*base, "always"], stderr=subprocess.DEVNULL)[1], 21)
    say("--progress always / never, CPU time", ratio, 1.01, ratio <= 1.01)


ROWS = {"tiny": row_tiny, "large": row_large, "stack": row_stack,
        "journal": row_journal}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--foray", default="")
    parser.add_argument("--benches", default="tests/bench")
    parser.add_argument("rows", nargs="*", metavar="ROW")
    args = parser.parse_args()
    try:
        import joblib, PIL, skimage  # noqa: F401
    except ImportError as missing:
        print(f"{missing}: nothing to compare with: apt-get install "
              "python3-skimage python3-joblib python3-pil")
        return
    if not args.foray and os.path.exists(".libs/foray"):
        args.foray = ".libs/foray"  # libtool's script takes its time
        os.environ["LD_LIBRARY_PATH"] = ".libs"
    args.foray = args.foray or "./foray"
    for row in args.rows or ROWS:
        print(f"== {row}", flush=True)
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            ROWS[row](args, folder)


if __name__ == "__main__":
    main()
