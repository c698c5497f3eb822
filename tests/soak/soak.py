#!/usr/bin/python3
"""A long run of `foray hog` that is disturbed again and again.

    soak.py [--images N] [--disturbances N] [--seed N] [--folder DIR]

Real pictures, from Debian packages: the 70,000 of dataset-fashion-mnist and
tiles of propaganda-debian's and python3-skimage's photographs, each a file. One
run that nobody disturbs, then one that is killed at random moments (a worker,
the command, its process group, each with SIGKILL; the command with SIGTERM), or
whose disk is full for a while (as root), and begun again with the same command
each time. The features must be the same to the byte, nothing else may be left,
and no row that was said to be done is computed again. Prints what happens, and
exits with 1 if anything is wrong. The command is ./foray, or $FORAY.
"""
import argparse
import filecmp
import glob
import gzip
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

FORAY = os.path.abspath(os.environ.get("FORAY", "foray"))
MNIST = "/usr/share/datasets/fashion-mnist"
OPTIONS = ["--resize", "128x64", "--dtype", "f32", "-0", "--from", "list",
           "--on-error", "skip", "--retries", "2"]


def mnist():
    """Its pictures, 28x28."""
    for name in ("train-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte.gz"):
        with gzip.open(os.path.join(MNIST, name)) as file:
            yield from np.frombuffer(file.read(), "u1",
                                     offset=16).reshape(-1, 28, 28)


def tiles():
    """128x64 out of photographs, in colour, for ever."""
    import skimage  # pylint: disable=import-outside-toplevel
    names = glob.glob("/usr/share/wallpapers/**/*.jpg", recursive=True)
    names += glob.glob("/usr/share/images/**/*.jpg", recursive=True)
    names += glob.glob(os.path.join(os.path.dirname(skimage.__file__), "data",
                                    "*.jpg"))
    photos = []
    for name in sorted(names):
        try:
            photo = np.asarray(Image.open(name).convert("RGB"))
        except OSError:  # skimage has a truncated one
            continue
        if photo.shape[0] >= 256 and photo.shape[1] >= 256:
            photos.append(photo)
    place = random.Random(1)
    while photos:
        photo = place.choice(photos)
        y = place.randrange(photo.shape[0] - 128)
        x = place.randrange(photo.shape[1] - 64)
        yield photo[y:y + 128, x:x + 64]


def make_images(folder, n):
    """n files, and the list of them; every 997th is none."""
    paths = []
    source, more = mnist(), tiles()
    for i in range(n):
        pixels = next(source, None) if i % 10 < 7 else next(more)
        pixels = next(more) if pixels is None else pixels
        if i % 1000 == 0:
            os.mkdir(os.path.join(folder, f"{i // 1000:03}"))
        path = os.path.join(folder, f"{i // 1000:03}", f"{i:06}" +
                            (".png" if pixels.ndim == 2 else ".jpg"))
        Image.fromarray(pixels).save(path)
        if i % 997 == 996:
            os.truncate(path, 100)
        paths.append(path)
    with open("list", "wb") as file:
        file.write(b"\0".join(os.fsencode(path) for path in paths))


def start(out):
    """The command, in a process group of its own."""
    return subprocess.Popen([FORAY, "hog", *OPTIONS, "-o", out],
                            stderr=subprocess.PIPE, text=True,
                            start_new_session=True)


def workers(pid):
    """Its children."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


class Disk:
    """A file system of its own for the output, which can be filled."""

    def __init__(self, folder, nbytes):
        self.folder, self.stuff = folder, os.path.join(folder, "stuff")
        self.mounted = os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={nbytes}", "none", folder],
            check=False).returncode == 0

    def fill(self):
        """Until nothing fits."""
        with open(self.stuff, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def empty(self):
        """Again."""
        if os.path.exists(self.stuff):
            os.unlink(self.stuff)

    def close(self):
        """Give it back."""
        if self.mounted:
            subprocess.run(["umount", self.folder], check=False)


def disturb(how, run, disk, chance):
    """What was done to the run, in words."""
    if how == "worker":
        alive = workers(run.pid)
        if not alive:
            return "no worker to kill"
        os.kill(chance.choice(alive), signal.SIGKILL)
        return "SIGKILL of a worker"
    if how == "full disk":
        disk.fill()
        run.wait(timeout=120)
        disk.empty()
        return "a full disk"
    if how == "group":
        os.killpg(run.pid, signal.SIGKILL)
    else:
        os.kill(run.pid, signal.SIGKILL if how == "command" else signal.SIGTERM)
    return {"group": "SIGKILL of all", "command": "SIGKILL of the command",
            "TERM": "SIGTERM"}[how]


def journal_size(out):
    """Bytes; 0: there is none."""
    try:
        return os.path.getsize(out + ".journal")
    except FileNotFoundError:
        return 0


def await_work(run, out, before):
    """Until tasks are noted, or the command has ended."""
    while run.poll() is None and journal_size(out) <= before:
        time.sleep(0.005)


def soak(arguments, disk, whole, seconds):
    """Disturb until it was done often enough; whether all is well."""
    chance = random.Random(arguments.seed)
    out = os.path.join(disk.folder, "out.npy")
    kinds = ["worker", "command", "group", "TERM"]
    kinds += ["full disk"] if disk.mounted else []
    done = 0
    print(f"seed {arguments.seed}; an undisturbed run takes {seconds:.1f} s")
    while done < arguments.disturbances:
        before = journal_size(out)
        run = start(out)
        if chance.random() < 0.8:  # else while it reads headers, as likely
            await_work(run, out, before)
        time.sleep(chance.uniform(0, 1.5 * seconds / arguments.disturbances))
        how = kinds[done % len(kinds)]
        ended = run.poll() is not None
        what = "nothing" if ended else disturb(how, run, disk, chance)
        if how == "worker" and not ended:  # the run goes on
            time.sleep(chance.uniform(0.05, 0.3))
            run.terminate()
            what += ", then SIGTERM"
        said = run.communicate()[1].strip().split("\n")
        before = re.search(r"(\d+) of \d+ rows are done", said[-1])
        print(f"{done:3} {what}: exit status {run.returncode}"
              + (f", {before[1]} rows done" if before else ""))
        done += 1
        if ended or run.returncode in (0, 3):
            if not filecmp.cmp(out, whole, shallow=False):
                return "the features differ from those of an undisturbed run"
            os.unlink(out)
            print("    it came to its end, the same to the byte: begun anew")
    run = start(out)
    said = run.communicate()[1].replace(disk.folder + os.sep, "")
    print(f"the last: exit status {run.returncode}; " +
          said.strip().replace("\n", "; "))
    if run.returncode != 3:
        return "the last run failed"
    if not filecmp.cmp(out, whole, shallow=False):
        return "the features differ from those of an undisturbed run"
    left = sorted(set(os.listdir(disk.folder)) - {"out.npy", "out.csv",
                                                  "out.json"})
    return f"left: {left}" if left else None


def main():
    """All."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=100000)
    parser.add_argument("--disturbances", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--folder", default="/tmp")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="foray-soak-", dir=arguments.folder)
    os.chdir(folder)
    place = os.path.join(folder, "disk")
    for name in ("im", "disk"):
        os.mkdir(name)
    make_images("im", arguments.images)
    begin = time.time()
    run = start("whole.npy")
    said = run.communicate()[1]
    seconds = time.time() - begin
    print(said.strip())
    disk = Disk(place, os.path.getsize("whole.npy") + (32 << 20))
    try:
        wrong = soak(arguments, disk, "whole.npy", seconds)
    finally:
        disk.close()
        os.chdir("/")
        shutil.rmtree(folder, ignore_errors=True)
    print(f"WRONG: {wrong}" if wrong else
          "all is as if nothing had happened")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
