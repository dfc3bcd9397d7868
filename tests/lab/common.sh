# For tests of the lab's host side with the stand-in for QEMU: a scratch folder, a lab that is put away at the end, checks.
# LAB_PROGRAM and IMPASSE_QEMU come from CTest.
set -eu

scratch=$(mktemp -d)
export IMPASSE_LAB="$scratch/lab" IMPASSE_LAB_IMAGE="$scratch/image"
: >"$IMPASSE_LAB_IMAGE"
failures=0

lab() { "$LAB_PROGRAM" lab "$@"; }
sc() { "$LAB_PROGRAM" sc "$@"; }
dump() { "$LAB_PROGRAM" dump "$@"; }
finish() {
	code=$?
	lab down >/dev/null 2>&1 || true
	rm -rf "$scratch"
	exit $code
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}
# expect CODE TEXT COMMAND...: the exit code, and a fixed string in the output.
expect() {
	wanted=$1 text=$2
	shift 2
	code=0
	"$@" >"$scratch/output" 2>&1 || code=$?
	if [ "$code" != "$wanted" ] || ! grep -qF -- "$text" "$scratch/output"; then
		fail "expected exit code $wanted and \"$text\", got $code: $*"
		cat "$scratch/output"
	fi
}
# The number under a key of `lab status --json`.
status() { lab status --json | sed -n "s/.*\"$1\": \"\{0,1\}\([^\",]*\).*/\1/p"; }
running() { kill -0 "$1" 2>/dev/null && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }
# gone PID: within five seconds.
gone() {
	for _ in $(seq 100); do
		running "$1" || return 0
		sleep 0.05
	done
	return 1
}
verdict() {
	[ "$failures" = 0 ] || { echo "$failures checks failed"; exit 1; }
}
