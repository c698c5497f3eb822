#!/bin/sh
# docs/joblib-parity.md: every test that it names exists, and it has all of
# joblib's cases and of its users' complaints, each with a test or a sentence.
set -eu
source=$(cd "${srcdir:-.}" && pwd)
page=$source/docs/joblib-parity.md
failures=0
complain() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# exists NAME: tests/FOLDER/FILE, or FILE/FUNCTION of the unit tests.
exists() {
    case $1 in
    tests/*) [ -e "$source/$1" ] ;;
    *) grep -qs "^static void ${1#*/}(" "$source/tests/unit/${1%/*}.c" ;;
    esac
}

names=$(grep '^|' "$page" | grep -o '`[a-z_0-9]*/[a-z_0-9/.]*`' | tr -d '`' |
    sort -u)
[ -n "$names" ] || complain "no tests in $page"
for name in $names; do
    exists "$name" || complain "there is no $name"
done

# rows HEADING LAST: the section's rows are numbered 1 to LAST, each with a
# test, or without one only if it says in words what there is instead.
rows() {
    awk -v heading="## $1" -v last="$2" -F ' *[|] *' '
        /^## / { inside = $0 == heading }
        inside && /^\| [0-9]/ {
            if ($2 != ++n)
                print "row " n " is numbered " $2
            if ($4 == "" || ($5 !~ /`/ && $4 !~ /not yet|no|only/))
                print "row " $2 " has neither a test nor a reason"
        }
        END { if (n != last) print n + 0 " rows of " last }' "$page" |
        sed "s/^/$1: /"
}
words=$(rows "joblib's own tests" 53; rows "What hurts joblib's users" 28)
[ -z "$words" ] || complain "$words"

exists test_nothing/test_nothing && complain "any name is found"
[ $failures -eq 0 ] || exit 1
echo "$(echo "$names" | wc -l) tests are named"
exit 0
