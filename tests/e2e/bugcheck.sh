#!/bin/sh
# A crash in the lab leaves a dump with the code and the parameters of the crash.
. "$(dirname "$0")/common.sh"

crash() { # NAME EXPECTED-TEXT...
	name=$1
	shift
	lab_up
	"$source/tools/build-driver" -o "$scratch/$name.sys" "$source/tests/drivers/$name.c"
	expect '[SC] CreateService SUCCESS' impasse sc create "$name" type= kernel binPath= "$scratch/$name.sys"
	expect_code 1 '' impasse sc start "$name"
	# The lab has kept what it needs to explain the dump.
	rm -f "$scratch/$name".* "$c/Windows/System32/drivers/$name.sys"
	expect 'bugcheck' impasse lab status
	for text; do
		expect "$text" impasse -z "$IMPASSE_LAB/MEMORY.DMP" -c 'di; k; !analyze -v; q'
	done
	triage
	expect '' impasse lab down
}

# The same crash as a small dump: with the images at hand its stack is the complete one's, unwound.
triage() {
	full=$IMPASSE_LAB/MEMORY.DMP small=$scratch/small.dmp
	impasse convert "$full" "$scratch/raw" --type raw --force >/dev/null
	python3 "$source/tests/e2e/make_triage.py" "$build/impasse" "$full" "$build/lab;$scratch" "$scratch/raw" "$small"
	for dump in "$full" "$small"; do
		impasse -z "$dump" -y "$build/lab;$scratch" -i "$build/lab;$scratch" -c 'k; q' | grep -v '^Note' >"$dump.k"
	done
	expect '!DriverEntry+0x' cat "$small.k"
	expect 'the same stack' sh -c 'cmp "$1" "$2" && echo the same stack' sh "$full.k" "$small.k"
	expect "Probably caused by : $name.sys ( $name!DriverEntry+0x" impasse -z "$small" -y "$build/lab;$scratch" -i "$build/lab;$scratch" -c '!analyze; q'
}

crash bugcheck 'Bugcheck: E2 (1111, 2222, 3333, 4444)' 'bugcheck!DriverEntry+0x' 'MANUALLY_INITIATED_CRASH (e2)' \
	'Probably caused by : bugcheck.sys ( bugcheck!DriverEntry+0x'
crash fault 'Bugcheck: 50 (FFFFDEADBEEF0000, ' 'fault!DriverEntry+0x' 'Arg1: ffffdeadbeef0000, address that was used' \
	'Probably caused by : fault.sys ( fault!DriverEntry+0x'
verdict
