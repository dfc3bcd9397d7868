#!/bin/sh
# The corpus test can fail: programs that crash, hang, take too much memory or do not look at the file are found out, in children too.
# Usage: corpus_itself.sh BUILD
set -eu
corpus=$1/tests/hostile/corpus
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
head -c 65536 "$corpus" >"$scratch/file"

# found TEXT RUNS PROGRAM ARGUMENT...: the corpus fails, and says TEXT
found() {
	text=$1 runs=$2 code=0
	shift 2
	"$corpus" -n "$runs" -s 1 "$scratch/file" "$@" >"$scratch/output" 2>&1 || code=$?
	if [ "$code" = 1 ] && grep -qF -- "$text" "$scratch/output"; then
		echo "ok: $text"
	else
		echo "FAILED: exit code $code, expected 1 and \"$text\":"
		cat "$scratch/output"
		failures=$((failures + 1))
	fi
}

# $1: the file; $2: what is done when its first 8 KiB are not those of $3.
cat >"$scratch/reader" <<'EOF'
cat "$1" | cksum
[ "$(head -c 8192 "$1" | cksum)" = "$3" ] || eval "$2"
EOF
header=$(head -c 8192 "$scratch/file" | cksum)
code=0
"$corpus" -n 100 -s 1 "$scratch/file" sh "$scratch/reader" '{}' : "$header" >"$scratch/output" 2>&1 || code=$?
[ "$code" = 0 ] || { echo 'FAILED: a program that does nothing wrong fails:'; cat "$scratch/output"; failures=$((failures + 1)); }

found 'ended with signal 11' 40 sh "$scratch/reader" '{}' 'kill -SEGV $$' "$header"
found 'ended with exit code 139' 40 sh "$scratch/reader" '{}' 'sh -c "kill -SEGV \$\$"; exit $?' "$header"
found 'MiB of memory' 1 sh -c 'head -c 300M /dev/zero | tail -c 290M >/dev/null'
found 'on the undamaged file the program took' 1 sh -c 'while :; do :; done'
found 'on the undamaged file the program ended with exit code 2' 1 sh -c 'exit 2'
found 'too little of the damage was seen' 100 sh -c 'echo the same whatever is read'
found 'says something else each time' 1 sh -c 'echo $$'
[ "$failures" = 0 ]
