#!/bin/sh
# foray.1 has every command and every option that --help shows, with the same
# argument, and none besides; every exit status; and every status of the index.
source=$(cd "${srcdir:-.}" && pwd)
. "${srcdir:-.}/tests/cli/setup.sh"
page=$source/docs/foray.1

# What the help of a command shows: "-j, --jobs N", a line each.
helped() {
	"$foray" "$1" --help | sed -n 's/^  *\(-[-a-z0-9].*\)/\1/p' |
		sed 's/^\(-., \)\{0,1\}\(--[][a-z0-9=-]*\) \([^ ][^ ]*\).*/\1\2 \3/
			s/^\(-., \)\{0,1\}\(--[][a-z0-9=-]*\)  .*/\1\2/' | sort
}

# What the page has in the section of a command, in the same form, and in that
# of all which work in parallel if it does.
written() {
	common=
	! grep -q '^--inner-threads' helped || common='.SH "PARALLEL OPTIONS"'
	awk -v section=".SH \"FORAY $(echo "$1" | tr '[:lower:]' '[:upper:]')\"" \
		-v common="$common" '
		/^\.SH/ { inside = $0 == section || $0 == common }
		inside && tag { print }
		{ tag = $0 == ".TP" }' "$page" |
		sed 's/\\f[BIR]//g; s/\\-/-/g' | sort
}

commands=$("$foray" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ -n "$commands" ] || fail "foray --help shows no commands"
for command in $commands; do
	helped "$command" >helped
	written "$command" >written
	[ -s helped ] || [ "$command" = completion ] ||
		fail "foray $command --help shows no options"
	diff helped written >differ ||
		fail "foray $command --help (<) and foray.1 (>):
$(cat differ)"
	grep -qx "\.B foray $command" "$page" ||
		fail "foray.1 has no synopsis of foray $command"
done
sections=$(sed -n 's/^\.SH "FORAY \([A-Z]*\)"$/\1/p' "$page" |
	tr '[:upper:]' '[:lower:]' | sort)
[ "$sections" = "$(echo "$commands" | sort)" ] ||
	fail "foray.1 describes other commands than foray --help: $sections"

# The numbers only: the words are each one's own.
"$foray" --help | sed -n '/^Exit status:/,$p' | grep -o '[0-9][0-9]*' >helped
sed -n '/^\.SH "EXIT STATUS"/,/^\.SH ENV/s/^\.BR* \([0-9].*\)/\1/p' "$page" |
	grep -o '[0-9][0-9]*' >written
[ -s helped ] || fail "foray --help shows no exit statuses"
diff helped written >differ ||
	fail "exit statuses of foray --help (<) and foray.1 (>):
$(cat differ)"

words=$(sed -n 's/^ *XX([A-Z_]*, "\([a-z_]*\)").*/\1/p' \
	"$source/include/foray/hog_batch.h")
[ -n "$words" ] || fail "no status words in hog_batch.h"
for word in $words; do
	grep -q "^\.[BR]* $word\( \|\$\)" "$page" ||
		fail "foray.1 lacks the status $word"
done
exit 0
