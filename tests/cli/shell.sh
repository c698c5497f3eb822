#!/bin/sh
# What the command does for who types it: scripts of completion, run by bash as
# it runs them, words that were mistyped, help of a command, no colours.
. "${srcdir:-.}/tests/cli/setup.sh"

# Mistyped words are told what they are near to; not what they are far from.
near() {
	text=$1
	shift
	expect 2 "$@"
	says err "$text"
	[ "$(wc -l <"$work/err")" -eq 1 ] || fail "foray $*: more than a line"
}
far() {
	expect 2 "$@"
	! grep -q 'did you mean' "$work/err" || fail "foray $*: a far guess"
}
near "unknown command hgo: did you mean hog?" hgo
near "unknown command hlep: did you mean help?" hlep
near "unknown command convrt: did you mean convert?" convrt
near "unknown command statts: did you mean stats?" help statts
far cat
far ls
near "unknown option --colour: did you mean --color?" hog --colour=gray
near "unknown option --progess: did you mean --progress?" eval --progess never
near "unknown option --jbos: did you mean --jobs?" stats --jbos 2
near "short for each of --color, --cells-per-block" hog --c 1
far hog --memory=1G
far hog -x
far info --
expect 2 completion
says err "name one shell"
expect 2 completion csh
says err "unknown shell csh"

for command in hog completion; do
	expect 0 help $command
	mv "$work/out" helped
	expect 0 $command --help
	same helped "$work/out"
done

# No colour, with a terminal or without: an escape begins none.
expect 0 --help
! grep -q "$(printf '\033')\[[0-9;]*m" "$work/out" || fail "a colour"

for shell in bash zsh fish; do
	expect 0 completion $shell
	mv "$work/out" $shell
	for word in hog completion resize on-error; do
		grep -q -e "$word" $shell || fail "completion $shell lacks $word"
	done
	! command -v $shell >/dev/null || $shell -n $shell >"$work/out" 2>&1 ||
		fail "$shell finds errors in its script"
done

command -v bash >/dev/null || skip "no bash"
# Every option of every command is in the script: what --help shows.
for command in $("$foray" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	echo "foray $command -" >>lines
	echo "$command: $("$foray" "$command" --help |
		sed -n 's/^  \(-., \|    \)\(--[a-z0-9-]*\).*/\2/p' |
		sort | tr '\n' ' ')" >>wanted.options
done

# A line typed, the last word to be completed; split where bash splits it.
cat >complete.bash <<'END'
source "$1"
while IFS= read -r line; do
	text=${line//=/ = }
	read -r -a COMP_WORDS <<<"$text"
	[[ $text == *' ' ]] && [[ $text != *' = ' ]] && COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_foray
	echo "$line> ${COMPREPLY[*]}"
done
END
completes() {
	printf '%s\n' "$1" | bash complete.bash ./bash >"$work/out" 2>"$work/err" ||
		fail "bash fails at: $1"
	[ "$(cat "$work/out")" = "$1> $2" ] || fail "'$1' is completed otherwise"
}
completes 'foray co' 'convert completion'
completes 'foray --v' '--version'
completes 'foray help ma' 'map matmul'
completes 'foray completion ' 'bash zsh fish'
completes 'foray completion z' 'zsh'
completes 'foray hog --res' '--resume --restart --resize'
completes 'foray hog --color ' 'color all gray rgb2gray'
completes 'foray hog --color=' 'color all gray rgb2gray'
completes 'foray hog --color=g' 'gray'
completes 'foray hog a.pgm --on-error s' 'stop skip'
completes 'foray hog --resume=' 'verify'
completes 'foray hog --resume ver' ''
completes 'foray convert --order ' 'C F'
completes 'foray hog -j ' ''
completes 'foray hog -o ' ''
completes 'foray frob --' '--help'

bash complete.bash ./bash <lines >"$work/out" || fail "bash fails"
while IFS= read -r line; do
	words=${line#*> }
	line=${line#foray }
	echo "${line%% *}: $(echo "$words" | tr ' ' '\n' | grep -v '^--help$' |
		sort | tr '\n' ' ')"
done <"$work/out" >options
while IFS=: read -r command words; do
	echo "$command: $(echo "$words" | tr ' ' '\n' | grep -v -e '^--help$' -e '^$' |
		sort | tr '\n' ' ')"
done <wanted.options >wanted
grep -v '^completion' wanted >a
grep -v '^completion' options >b
diff a b >"$work/out" || fail "bash completes other options than --help shows"
exit 0
