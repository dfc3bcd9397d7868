#!/bin/sh
# Structured exceptions of drivers: handled ones inside the guest, and the dumps of those that nobody handles.
. "$(dirname "$0")/common.sh"

build_driver() { # NAME SOURCE COMPILER [OPTION...]
	name=$1 driver_source=$2 compiler=$3
	shift 3
	"$source/tools/build-driver" --compiler "$compiler" -o "$scratch/$name.sys" "$source/tests/drivers/$driver_source.c" -- "$@"
	install_driver "$scratch/$name.sys" "$name.sys"
}

lab_up
for compiler in clang clang-msvc; do
	name=seh-$compiler
	build_driver "$name" seh $compiler
	expect '[SC] CreateService SUCCESS' impasse sc create "$name" type= kernel "binPath= C:\\drivers\\$name.sys"
	expect 'RUNNING' impasse sc start "$name"
	expect 'STOPPED' impasse sc stop "$name"
done
expect 'seh: 1' impasse lab log
if grep 'CHECK failed' "$IMPASSE_LAB/console.log"; then
	failures=$((failures + 1))
fi
# The kernel is no driver, by whatever name.
install_driver "$build/lab/ntoskrnl.exe" kernel.sys
expect '[SC] CreateService SUCCESS' impasse sc create kernel type= kernel 'binPath= C:\drivers\kernel.sys'
expect_code 1 'is a kernel or a HAL' impasse sc start kernel
expect 'running' impasse lab status
expect '' impasse lab down

unhandled() { # CAUSE CODE TEXT...: the bugcheck's code, and what the debugger says of its dump
	cause=$1 stop=$2
	shift 2
	lab_up
	build_driver unhandled unhandled clang-msvc "-DCAUSE=$cause"
	expect '[SC] CreateService SUCCESS' impasse sc create unhandled type= kernel 'binPath= C:\drivers\unhandled.sys'
	expect_code 1 "bugcheck 0x$stop" impasse sc start unhandled
	impasse -z "$IMPASSE_LAB/MEMORY.DMP" -y "$build/lab;$scratch" -i "$build/lab;$scratch" -c '!analyze -v; q' >"$scratch/analysis" 2>&1
	for text in 'unhandled!Culprit+0x' "$@"; do
		expect "$text" cat "$scratch/analysis"
	done
	# The records that the bugcheck's parameters point to are in the dump.
	record=$(sed -n 's/^EXCEPTION_RECORD:.*(\(.exr 0x[0-9a-f]*\)).*/\1/p' "$scratch/analysis")
	context=$(sed -n 's/^CONTEXT:.*(\(.cxr 0x[0-9a-f]*\)).*/\1/p' "$scratch/analysis")
	expect 'unhandled!Culprit+0x' impasse -z "$IMPASSE_LAB/MEMORY.DMP" -y "$build/lab;$scratch" -i "$build/lab;$scratch" -c "${record:-.exr -1}; q"
	expect 'unhandled!Culprit+0x' impasse -z "$IMPASSE_LAB/MEMORY.DMP" -y "$build/lab;$scratch" -i "$build/lab;$scratch" -c "${context:-k}; q"
	expect '' impasse lab down
}
unhandled 1 7E 'Arg1: ffffffffc000009a' 'unhandled!DriverEntry+0x'
unhandled 2 7E 'Arg1: ffffffffc0000094' 'unhandled!DriverEntry+0x' 'Probably caused by : unhandled.sys'
unhandled 3 1E 'Arg1: ffffffffc0000094' 'unhandled!CulpritDpc+0x'
unhandled 4 7E 'Arg1: ffffffffc0000005' 'Attempt to write to address 0000000000000020'
unhandled 5 7E 'Arg1: ffffffff80000003'
verdict
