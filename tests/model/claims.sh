#!/bin/sh
# The claim protocol, every interleaving: the models in cases that fit into
# seconds, and broken protocols that must be found out.
set -eu

model=${srcdir:-.}/tests/model/claims.pml
case $model in /*) ;; *) model=$PWD/$model ;; esac
[ -z "${FORAY_QUICK-}" ] || { echo "FORAY_QUICK is set"; exit 77; }
command -v spin >/dev/null || { echo "spin is not installed"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
cd "$folder"

# verify OPTION... MODEL: prints spin's verdict, fails if there is none. What is
# sound has millions of states; what is broken is soon found out, and compiling
# would take longer than looking.
verify() {
    spin -a "$@" >spin.log 2>&1 || { cat spin.log; return 1; }
    case $wanted in
    sound) compile=-O1 ;;
    *) compile=-O0 ;;
    esac
    ${CC:-cc} $compile -w -DSAFETY -DCOLLAPSE -DVECTORSZ=2048 -o pan pan.c
    ./pan -m100000 -w23 >pan.log
    grep 'errors:' pan.log
}

expect() {
    wanted=$1
    shift
    verdict=$(verify "$@")
    echo "$*: $verdict"
    case $verdict in
    *"errors: 0") found=sound ;;
    *) found=broken ;;
    esac
    [ "$found" = "$wanted" ] || { cat pan.log; exit 1; }
}

cp "$model" claims.pml
expect sound -DRUNS=1 -DDEATHS=1 claims.pml
expect sound -DRUNS=2 -DTASKS=2 -DDEATHS=1 claims.pml

# A worker that leaves with its word half done, and both of them. (With a death,
# or over two runs, it takes minutes: by hand.)
expect sound -DRUNS=1 -DDEATHS=0 -DLEAVES=2 claims.pml

# Giving the rest back before it is stored how much of it was done.
sed 's|STEP(settled\[w\] = i - START(w)); /\* release \*/|skip;|
    s|}); /\* release \*/|}); STEP(settled[w] = i - START(w))|' \
    claims.pml >generous.pml
expect broken -DRUNS=1 -DDEATHS=0 -DLEAVES=1 generous.pml

# Without the generation in its words a late worker claims in the next run.
sed 's/words\[w\].generation == mine && //' claims.pml >late.pml
expect broken -DRUNS=2 -DTASKS=2 -DDEATHS=0 late.pml

# Marking a word done before the last task is stored loses tasks.
sed 's/:: current\[s\] == STOP(b) -> k = STOP(b) - START(b)/:: current[s] == STOP(b) -> k = 0/' \
    claims.pml >forget.pml
expect broken -DRUNS=1 -DDEATHS=1 forget.pml

# A newcomer that claims before it was told of the arrays.
sed 's/ || !admitted\[slot\]//; s/admitted\[slot\] && //' claims.pml >early.pml
expect broken -DRUNS=1 -DDEATHS=1 early.pml

# Words offered while a run goes on; a worker that gives a batch back, leaves, or
# dies, also while it leaves. (One death with four tasks takes minutes and gigabytes: by hand.)
cp "$(dirname "$model")/stream.pml" .
expect sound -DDEATHS=0 -DTASKS=6 stream.pml
expect sound -DDEATHS=1 -DTASKS=2 -DLEAVES=1 stream.pml

# A word given back as if nothing of it was done.
sed 's|words\[w\].partial = 1; /\* release \*/|words[w].partial = 0;|' \
    stream.pml >forgetful.pml
expect broken -DDEATHS=0 -DTASKS=2 -DLEAVES=1 forgetful.pml

# A place written anew as soon as its outcomes are there is still owned.
sed 's/n_left\[tail % PLACES\] == 0 \&\&/n_left[tail % PLACES] == 0 -> tail++/
    s/^ *OVER(tail % PLACES) -> tail++$//' stream.pml >hasty.pml
expect broken -DDEATHS=0 -DTASKS=6 hasty.pml
