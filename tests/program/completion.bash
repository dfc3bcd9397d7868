#!/bin/bash
# What bash offers for impasse's words is what --help says; nothing is listed twice in the completion and in the program.
# Usage: completion.bash IMPASSE SOURCE-FOLDER
program=$1
failures=0
compopt() { :; } # only within a completion that readline started
source "$2/completions/impasse.bash"

offers() { # WORD... (the last one is being completed): what is offered, one a line
	COMP_WORDS=("$program" "$@")
	COMP_CWORD=$#
	_impasse
	printf '%s\n' "${COMPREPLY[@]}"
}
expect() { # WANTED WORD...
	local wanted=$1
	shift
	if offers "$@" | grep -qxF -- "$wanted"; then
		echo "ok: $* -> $wanted"
	else
		echo "FAILED: $wanted is not offered for: $*"
		failures=$((failures + 1))
	fi
}
for sub in lab sc dump convert help; do expect $sub ''; done
for sub in up status log threads wait down; do expect $sub lab ''; done
for option in --memory --c --accel --cpus --seed --special-pool --json; do expect $option lab up --; done
expect --timeout lab wait --
for sub in create start stop delete query; do expect $sub sc ''; done
for key in type= binPath= start= error= DisplayName=; do expect $key sc create X ''; done
for type in full bitmap kernel raw elf; do expect $type convert IN OUT --type ''; done
expect --force convert --
expect -o dump -
for option in -z -y -i -c --json --color --no-pager --version; do expect $option -; done
expect never --color n
expect tl help t
expect '!process' help '!p'
# Every option of every --help is offered where it belongs.
for sub in '' dump convert 'lab up' 'lab status' 'lab threads' 'lab wait'; do
	# shellcheck disable=SC2086
	for option in $("$program" $sub --help | grep -oE -- '--[a-z]+(-[a-z]+)*' | sort -u); do
		# shellcheck disable=SC2086
		expect "$option" $sub --
	done
done
# A file's name, where one can stand.
cd "$(dirname "$0")" && expect completion.bash compl
[ $failures = 0 ] || { echo "$failures checks failed"; exit 1; }
