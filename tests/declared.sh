# What public headers declare, a name a line. Sourced.

# without_comments HEADER...: in one line.
without_comments() {
    sed 's|//.*||' "$@" | tr '\n' ' ' |
        sed 's|/\*|\n/*|g; s|\*/|*/\n|g' | sed 's|^/\*.*\*/$||' | tr '\n' ' '
}

# functions_of HEADER...: those declared FORAY_API: the name before the first
# bracket.
functions_of() {
    without_comments "$@" | grep -oE 'FORAY_API[^(;]*\(' |
        grep -oE 'foray_[a-z0-9_]+ *\($' | tr -d ' ('
}

# types_of HEADER...: structs and enumerations that are defined or announced,
# and types of functions.
types_of() {
    without_comments "$@" |
        grep -oE -e '(struct|enum) foray_[a-z0-9_]+ *[{;]' \
            -e 'typedef [^;]*\(\*foray_[a-z0-9_]+\)' |
        grep -oE 'foray_[a-z0-9_]+[ {;)]*$' | tr -d ' {;)' | sort -u
}
