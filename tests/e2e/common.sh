# For end-to-end tests of the real program and the real lab: a scratch folder, a lab that is put away at the end, checks that say what they saw.
# Usage: . common.sh ACCEL   (kvm or tcg; exit code 77 = skipped, where KVM runs no guest at all)
# The build folder comes from IMPASSE_BUILD, shared data from IMPASSE_SHARED.
set -eu
exec </dev/null # a prompt that is asked by mistake ends, instead of waiting for whoever started the tests

accel=$1
build=$(realpath "${IMPASSE_BUILD:-build}")
source=$(realpath "$(dirname "$0")/../..")
shared=${IMPASSE_SHARED:-$source/../shared}
scratch=$(mktemp -d)
c=$scratch/c
export IMPASSE_LAB="$scratch/lab"
failures=0

impasse() { "$build/impasse" "$@"; }
finish() {
	code=$?
	[ $code = 0 ] || [ $code = 77 ] || impasse lab log 2>/dev/null | tail -n 30 || true
	impasse lab down >/dev/null 2>&1 || true
	rm -rf "$scratch"
	exit $code
}
trap finish EXIT
trap 'exit 130' INT TERM HUP PIPE

lab_up() {
	mkdir -p "$c/Temp" "$c/Temp2"
	if ! impasse lab up --accel "$accel" --c "$c" "$@" >"$scratch/up" 2>&1; then
		cat "$scratch/up"
		# Left to itself, it tells whether KVM could run the smallest guest.
		if [ "$accel" = kvm ] && impasse lab up --c "$c" 2>&1 | grep -F 'no KVM here'; then
			echo "skipped"
			exit 77
		fi
		exit 1
	fi
	cat "$scratch/up"
}

# expect TEXT COMMAND...: the command succeeds and its output contains TEXT (a fixed string).
expect() { expect_code 0 "$@"; }
# expect_code CODE TEXT COMMAND...
expect_code() {
	wanted=$1 text=$2
	shift 2
	code=0
	"$@" >"$scratch/output" 2>&1 || code=$?
	if [ "$code" != "$wanted" ]; then
		printf '%s\n' "FAILED: exit code $code, expected $wanted: $*"
		cat "$scratch/output"
		failures=$((failures + 1))
	elif ! grep -qF -- "$text" "$scratch/output"; then
		printf '%s\n' "FAILED: no \"$text\" in the output of: $*"
		cat "$scratch/output"
		failures=$((failures + 1))
	else
		printf '%s\n' "ok: $*"
	fi
}
# expect_blocked SERVICE: its threads come to wait for ever. However slow the machine: it ends when QEMU does.
expect_blocked() { expect 'Blocked: ' impasse lab wait "$1" --timeout 900; }
# expect_files N BYTES PATTERN FOLDER: exactly N files there, each of BYTES bytes and named as PATTERN.
expect_files() {
	number=$(find "$4" -type f | wc -l)
	right=$(find "$4" -type f -name "$3" -size "$2c" | wc -l)
	if [ "$number" != "$1" ] || [ "$right" != "$1" ]; then
		echo "FAILED: $number files in $4, $right of them named $3 with $2 bytes; expected $1"
		failures=$((failures + 1))
	else
		echo "ok: $1 files $3 of $2 bytes in ${4##*/}"
	fi
}
verdict() {
	[ "$failures" = 0 ] || { echo "$failures checks failed"; exit 1; }
}
# install_driver FILE NAME.sys: copies a driver to C:\drivers\NAME.sys
install_driver() {
	mkdir -p "$c/drivers"
	cp "$1" "$c/drivers/$2"
}
