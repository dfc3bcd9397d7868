#!/bin/sh
# The walk-through's own source, unmodified, by both compilers: it loads, writes its files, and hangs.
. "$(dirname "$0")/common.sh"

seed=$shared/seed/event-deadlock.md
if ! [ -f "$seed" ]; then
	echo "skipped: the walk-through is not here ($seed)"
	exit 77
fi
awk '/^```c/ { inside = 1; next } /^```/ && inside { exit } inside' "$seed" >"$scratch/Driver.c"
# Where FileMoveThread waits, which is where its stack must point.
wait_line=$(awk '/FileMoveThread\(/ && /{$/ { inside = 1 } inside && /KeWaitForSingleObject/ { print NR; exit }' "$scratch/Driver.c")
lab_up --cpus "${2:-1}"
for compiler in gcc clang; do
	rm -f "$c"/Temp/*
	"$source/tools/build-driver" --compiler $compiler -o "$scratch/$compiler.sys" "$scratch/Driver.c" >"$scratch/build" 2>&1 || { cat "$scratch/build"; exit 1; }
	install_driver "$scratch/$compiler.sys" TestDriver.sys
	expect '[SC] CreateService SUCCESS' impasse sc create TestDrv type= kernel 'binPath=C:\drivers\TestDriver.sys'
	expect 'RUNNING' impasse sc start TestDrv
	expect_blocked TestDrv
	expect_files 1000 1500 'file_*.txt' "$c/Temp"
	expect_files 0 1500 'NewFile_*.txt' "$c/Temp2"
	expect '' impasse dump -o "$scratch/$compiler.dmp"
	expect 'nt!KeWaitForSingleObject+0x' impasse -z "$scratch/$compiler.dmp" -y "$scratch" -c 'us TestDriver; q'
	# clang's PDB is in the folder of the dump and found by its identity; GCC's symbols are in the image, as it was loaded.
	expect "TestDriver!FileMoveThread+0x" impasse -z "$scratch/$compiler.dmp" -i "$c/drivers" -c 'us TestDriver; q'
	expect "Driver.c @ $wait_line)" impasse -z "$scratch/$compiler.dmp" -i "$c/drivers" -c 'us TestDriver; q'
	if [ $compiler = gcc ]; then
		expect '(dwarf symbols)' impasse -z "$scratch/gcc.dmp" -i "$c/drivers" -c 'x TestDriver!DriverEntry; lm m TestDriver; q'
		expect 'no symbols for TestDriver.sys: its image names no PDB' env IMPASSE_LAB="$scratch/none" "$build/impasse" -z "$scratch/gcc.dmp" -c 'us TestDriver; q'
	fi
	impasse -z "$scratch/$compiler.dmp" -i "$c/drivers" -c 'dt -r3 TestDriver!_SYNC_RESOURCES; dt TestDriver!_DRIVER_OBJECT; q' >"$scratch/$compiler.types"
	expect 'STOPPED' impasse sc stop TestDrv
	expect '[SC] DeleteService SUCCESS' impasse sc delete TestDrv
done
# The compilers agree about the types of the driver: GCC's are from DWARF, clang's from its PDB.
expect 'FileCreationEvent : _KEVENT' cat "$scratch/gcc.types"
diff "$scratch/gcc.types" "$scratch/clang.types" || { echo 'FAILED: the types in DWARF are not those in the PDB'; failures=$((failures + 1)); }
verdict
