#!/bin/sh
# Damaged copies of one dump: whatever is in them, the program neither crashes nor hangs nor takes more than 256 MiB.
# Usage: corpus.sh lab|triage RUNS [MIB]    the lab's own dump, or the real one in IMPASSE_SHARED; MIB 0: any amount (a program with sanitizers)
# IMPASSE_SEED and IMPASSE_RUN make one run again, IMPASSE_KEEP is a folder for the copies that failed.
which=$1 runs=$2 mib=${3:-256}
set -e
here=$(realpath "$(dirname "$0")")
if [ "$which" = lab ]; then
	set -- tcg
	. "$here/../command/take_dump.sh"
	dump=$scratch/kernel.dmp # only the pages of the kernel: nearly all of it is read
	expect 'pages' impasse convert "$good" "$dump" --type kernel
	symbols="$build/lab;$build/drivers"
else
	set -eu
	build=$(realpath "${IMPASSE_BUILD:-build}")
	shared=${IMPASSE_SHARED:-$here/../../../shared}
	dump=$shared/data/windows/triage_x64.dmp
	symbols=$shared/data/windows
	[ -f "$dump" ] || { echo "skipped: no $dump (IMPASSE_SHARED says where it is)"; exit 77; }
fi
# run RUNS SYMBOLS
run() {
	"$build/tests/hostile/corpus" -n "$1" -s "${IMPASSE_SEED:-20251122}" ${IMPASSE_RUN:+-o "$IMPASSE_RUN"} ${IMPASSE_KEEP:+-k "$IMPASSE_KEEP"} \
		-j "$(nproc)" -m "$mib" -i "$here/commands.txt" "$dump" "$build/impasse" -z '{}' -y "$2"
}
if [ "$which" = lab ]; then
	run "$runs" "$symbols"
else
	# Each run with the kernel's ISF table reads all of it, a quarter of a second: one in ten has it.
	nothing=$(mktemp -d)
	trap 'rmdir "$nothing"' EXIT
	trap 'exit 130' INT TERM HUP PIPE
	run "$((runs * 9 / 10))" "$nothing"
	run "$((runs / 10))" "$symbols"
fi
