#!/bin/sh
# Includes point down the list of rooms or sideways within a room, never up,
# never in a circle; the command, which has rooms of its own, includes public
# headers of the library only.
#
#     tests/layers.sh [FOLDER]    check this tree, or FOLDER
set -u
top=${1:-${srcdir:-.}}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT

cat > "$scratch/layers.awk" <<'AWK'
# Which rooms a room may include, and whose public headers are whose.
BEGIN {
    may["base"] = ""
    may["array"] = "base"
    may["storage"] = "base array"
    may["machine"] = "base"
    may["engine"] = "base array storage machine"
    may["compute"] = may["engine"] " engine"
    may["hdf5"] = may["compute"]
    may["mpi"] = may["compute"]
    may["linalg"] = may["compute"] " compute"
    may["image"] = may["linalg"]
    may["tools/shell"] = ""
    may["tools/data"] = "tools/shell"
    may["tools/kernels"] = "tools/shell tools/data"
    may["tools/images"] = "tools/shell tools/data"
    may["tools/convert"] = may["tools/images"] " tools/images"
    may["tools/report"] = "tools/shell tools/data tools/images"
    may["tools/resize"] = may["tools/report"] " tools/report"
    may["tools/hog"] = may["tools/resize"]
    may["tools/python"] = may["tools/hog"] " tools/hog"
    may["tools"] = may["tools/python"] " tools/python tools/kernels" \
        " tools/convert tools/resize"
    for (room in may) {
        allowed[room, room] = 1
        n = split(may[room], below, " ")
        for (i = 1; i <= n; i++)
            allowed[room, below[i]] = 1
    }
    owns("base", "error export size")
    owns("array", "array dtype")
    owns("storage", "storage dataset npz joblib texts")
    owns("machine", "machine")
    # map.h: the report, foray_for
    owns("engine", "backend call config init parallel pool result task map")
    owns("engine", "verbose")
    owns("compute", "atomic eval kernel npz_load random reduce stats")
    owns("linalg", "linalg")
    owns("hdf5", "hdf5")
    owns("image", "image hog hog_batch")
    owns("mpi", "mpi")
}

function owns(room, names, list, n, i) {
    n = split(names, list, " ")
    for (i = 1; i <= n; i++)
        owner["include/foray/" list[i] ".h"] = room
}

function complain(what) {
    print file ":" FNR ": " what
    bad = 1
}

# "lib/array/view.c" is in "array", "tools/hog/run.c" in "tools/hog",
# "tools/main.c" in "tools"; the umbrella include/foray.h stands above all.
function room_of(path, part) {
    if (path in owner)
        return owner[path]
    split(path, part, "/")
    if (part[1] == "lib")
        return part[3] != "" ? part[2] : ""
    if (part[1] == "tools")
        return part[3] != "" ? "tools/" part[2] : "tools"
    return path == "include/foray.h" ? "above" : ""
}

# Where a quoted name with a folder is looked for, from a file in a room.
function quoted_target(room, name, part) {
    split(name, part, "/")
    return room ~ /^tools/ && ("tools/" part[1]) in may ? "tools/" name \
                                                       : "lib/" name
}

FNR == 1 {
    file = substr(FILENAME, length(top) + 2)
    exists[file] = 1
    room = room_of(file)
    if (room == "" || (room != "above" && !(room in may)))
        complain("in no room that tests/layers.sh knows")
}

/^[ \t]*#[ \t]*include/ {
    name = $0
    sub(/^[ \t]*#[ \t]*include[ \t]*/, "", name)
    quoted = name ~ /^"/
    sub(/^[<"]/, "", name)
    sub(/[>"].*$/, "", name)
    if (quoted && name !~ /\//) {
        target = file
        sub(/[^\/]*$/, name, target)
    } else if (quoted) {
        target = quoted_target(room, name)
    } else if (name ~ /^foray(\/|\.h$)/) {
        target = "include/" name
    } else {
        next
    }
    if (name ~ /\.\./)
        complain("includes " name ": no way around by ..")
    else if (quoted && room ~ /^tools/ && target !~ /^tools\//)
        complain("includes " name ": public headers only")
    else if (quoted && file ~ /^include\//)
        complain("a public header includes the internal " name)
    else if (room != "above" && !(room ~ /^tools/ && target ~ /^include\//) &&
             !((room, room_of(target)) in allowed))
        complain(room " must not include " name)
    edges[file] = edges[file] " " target
    where[target] = file
}

# Depth first; a file met again on the way to itself closes a circle.
function visit(path, trail, list, n, i) {
    state[path] = "open"
    n = split(edges[path], list, " ")
    for (i = 1; i <= n; i++) {
        if (state[list[i]] == "open") {
            print "a circle:" trail " " path " " list[i]
            bad = 1
        } else if (state[list[i]] == "") {
            visit(list[i], trail " " path)
        }
    }
    state[path] = "done"
}

END {
    for (target in where)
        if (!(target in exists)) {
            print where[target] ": includes " target ", which is not there"
            bad = 1
        }
    for (path in exists)
        if (state[path] == "")
            visit(path, "")
    exit bad
}
AWK

# check FOLDER
check()
{
    find "$1/lib" "$1/include" "$1/tools" -name '*.[ch]' > "$scratch/files"
    tr '\n' '\0' < "$scratch/files" |
        xargs -0 awk -v top="$1" -f "$scratch/layers.awk"
}

if ! check "$top"; then
    echo "FAILED: the includes above break the order of the rooms"
    exit 1
fi
if [ ! -s "$scratch/files" ]; then
    echo "FAILED: no files in $top"
    exit 1
fi
[ $# -eq 0 ] || exit 0

# catches WORDS FILE LINE [FILE LINE]: a copy of the tree with these lines
# added fails with these words.
catches()
{
    words=$1
    shift
    rm -rf "$scratch/tree"
    mkdir "$scratch/tree"
    cp -R "$top/lib" "$top/include" "$top/tools" "$scratch/tree"
    chmod -R u+w "$scratch/tree"
    while [ $# -gt 0 ]; do
        mkdir -p "$(dirname "$scratch/tree/$1")"
        echo "$2" >> "$scratch/tree/$1"
        shift 2
    done
    if check "$scratch/tree" > "$scratch/out"; then
        echo "FAILED: not caught: $words"
        exit 1
    elif ! grep -q "$words" "$scratch/out"; then
        echo "FAILED: caught, but not as '$words':"
        cat "$scratch/out"
        exit 1
    fi
}

catches 'array must not include storage/segment.h' \
    lib/array/view.c '#include "storage/segment.h"'
catches 'machine must not include array/npy.h' \
    lib/machine/cpus.c '# include "array/npy.h"'
catches 'hdf5 must not include compute/chunk.h' \
    lib/hdf5/file.c '#include "compute/chunk.h"'
catches 'base must not include foray/pool.h' \
    lib/base/error.h '#include <foray/pool.h>'
catches 'engine must not include foray.h' \
    lib/engine/run.c '#include <foray.h>'
catches 'machine must not include foray/array.h' \
    include/foray/machine.h '#include <foray/array.h>'
catches 'includes the internal base/error.h' \
    include/foray/storage.h '#include "base/error.h"'
catches 'base/error.h: public headers only' \
    tools/main.c '#include "base/error.h"'
catches 'tools/shell must not include hog/run.h' \
    tools/shell/message.c '#include "hog/run.h"'
catches 'no way around' \
    tools/main.c '#include "../lib/base/error.h"'
catches 'a circle:' \
    lib/base/one.h '#include "base/two.h"' \
    lib/base/two.h '#include "base/three.h"' \
    lib/base/three.h '#include "base/one.h"'
catches 'which is not there' \
    lib/base/error.c '#include "base/nothing.h"'
catches 'in no room' \
    lib/attic/old.c 'int x;'
