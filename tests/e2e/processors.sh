#!/bin/sh
# Several processors: what must hold among them, asserted by a driver; a crash of one that leaves the contexts of all in the dump.
. "$(dirname "$0")/common.sh"

driver() { # NAME
	"$source/tools/build-driver" -o "$scratch/$1.sys" "$source/tests/drivers/$1.c"
	expect '[SC] CreateService SUCCESS' impasse sc create "$1" type= kernel binPath= "$scratch/$1.sys"
}

for cpus in 1 2 4 8; do
	lab_up --cpus $cpus
	driver processors
	expect 'RUNNING' impasse sc start processors
	expect "$cpus processors" impasse lab log
	expect "threads ran on $cpus processors" impasse lab log
	expect ', 0 failed' impasse lab log
	expect 'STOPPED' impasse sc stop processors
	expect '' impasse dump -o "$scratch/live.dmp"
	[ $cpus = 1 ] || expect "MP ($cpus procs)" impasse -z "$scratch/live.dmp" -c 'di; q'
	expect_count() { # NUMBER PATTERN COMMANDS: so many lines of the output match
		number=$(impasse -z "$scratch/live.dmp" -c "$3; q" | grep -c -- "$2")
		if [ "$number" = "$1" ]; then
			echo "ok: $3 shows $1 of $2"
		else
			echo "FAILED: $3 shows $number of $2, expected $1"
			failures=$((failures + 1))
		fi
	}
	expect 'nt!KiIdleLoop' impasse -z "$scratch/live.dmp" -c '~*k; q'
	expect_count $cpus '^Processor [0-7], thread' '~*k'
	expect '' impasse lab down
done

lab_up --cpus 4
driver freeze
expect_code 1 '0xDEADDEAD (0x2, 0x2, 0x3, 0x4)' impasse sc start freeze
dump=$IMPASSE_LAB/MEMORY.DMP
debug() { impasse -z "$dump" -c "$1; q"; }
# The prompt names the processor that crashed.
expect '2: kd>' debug di
expect 'Probably caused by : freeze.sys ( freeze!Crash+0x' debug '!analyze'
expect 'freeze!SpinLow+0x' debug '~0s; k'
expect 'freeze!SpinHigh+0x' debug '~1s; r'
expect '15 (HIGH_LEVEL)' debug '~1s; !irql'
expect 'freeze!Crash+0x' debug '~2s; k'
expect 'freeze!SpinForLock+0x' debug '~3s; k'
expect 'Idle Processors:  (0000000000000000)' debug '!running -it'
for routine in SpinLow SpinHigh Crash SpinForLock; do
	expect "freeze!$routine+0x" debug '!running -it'
done
verdict
