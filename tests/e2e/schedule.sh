#!/bin/sh
# The same seed gives the same order of waits and signals, of threads that share locks and of threads that write files; another seed another.
. "$(dirname "$0")/common.sh"

run() { # SEED DRIVER OUTPUT: the trace of the driver's threads
	rm -rf "$c"
	lab_up --seed "$1" >/dev/null
	impasse sc create traced type= kernel binPath= "$2" >/dev/null
	expect 'RUNNING' impasse sc start traced
	expect 'traced' impasse lab wait traced --timeout 900 # blocked, or ended
	impasse lab log | grep '^seed: T' >"$3"
	impasse lab down >/dev/null
}

same() { # FILE FILE WHAT
	if cmp -s "$1" "$2"; then
		echo "ok: $3: $(wc -l <"$1") waits and signals in the same order"
	else
		echo "FAILED: $3: the order is not the same"
		diff "$1" "$2" | head
		failures=$((failures + 1))
	fi
}

"$source/tools/build-driver" -o "$scratch/schedule.sys" "$source/tests/drivers/schedule.c"
run 7 "$scratch/schedule.sys" "$scratch/first"
run 7 "$scratch/schedule.sys" "$scratch/second"
run 8 "$scratch/schedule.sys" "$scratch/third"
same "$scratch/first" "$scratch/second" 'seed 7'
# Each round of a thread is three waits and three signals at least.
[ "$(wc -l <"$scratch/first")" -ge $((3 * 12 * 6)) ] || { echo 'FAILED: waits or signals are missing'; failures=$((failures + 1)); }
if cmp -s "$scratch/first" "$scratch/third"; then
	echo 'FAILED: seeds 7 and 8 give the same order'
	failures=$((failures + 1))
fi
run 7 "$build/drivers/event_deadlock.sys" "$scratch/first"
run 7 "$build/drivers/event_deadlock.sys" "$scratch/second"
same "$scratch/first" "$scratch/second" 'with files'
verdict
