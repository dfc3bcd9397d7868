#!/bin/sh
# Special pool: each mistake with pool stops the machine at the culprit, and right use goes on as without it.
. "$(dirname "$0")/common.sh"

start() { # MISTAKE COMPILER CODE TEXT: the driver, started
	mistake=$1 compiler=$2
	shift 2
	"$source/tools/build-driver" --compiler "$compiler" -o "$scratch/specpool.sys" "$source/tests/drivers/specpool.c" -- "-DMISTAKE=$mistake"
	install_driver "$scratch/specpool.sys" specpool.sys
	expect '[SC] CreateService SUCCESS' impasse sc create specpool type= kernel 'binPath= C:\drivers\specpool.sys'
	expect_code "$1" "$2" impasse sc start specpool
}
stops() { # MISTAKE BUGCHECK: under special pool
	stop=$2
	lab_up --special-pool
	start "$1" clang 1 "bugcheck 0x$stop"
	impasse -z "$IMPASSE_LAB/MEMORY.DMP" -y "$build/lab;$scratch" -i "$build/lab;$scratch" -c '!analyze; k; q' >"$scratch/analysis" 2>&1
	expect 'Culprit' cat "$scratch/analysis"
	expect 'Probably caused by : specpool.sys ( specpool!' cat "$scratch/analysis"
	expect '' impasse lab down
}

for compiler in clang gcc; do
	lab_up --special-pool
	start 0 $compiler 0 RUNNING
	expect 'specpool: 900 checks, 0 failed' impasse lab log
	expect 'STOPPED' impasse sc stop specpool
	expect '' impasse lab down
done
# Without it most mistakes stay unseen where they are made.
lab_up
start 5 clang 0 RUNNING
expect '' impasse lab down
stops 1 50
stops 2 19
stops 3 13A
stops 4 13A
stops 5 50
stops 6 50
stops 7 50
verdict
