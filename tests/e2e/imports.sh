#!/bin/sh
# Imports by name from ntoskrnl.exe and HAL.dll, and by ordinal; and an ordinal that the kernel does not have.
. "$(dirname "$0")/common.sh"

ordinal=$(llvm-readobj-19 --coff-exports "$build/lab/ntoskrnl.exe" | awk '/Ordinal:/ { o = $2 } /Name: DbgPrintEx$/ { print o }')
# driver NAME ORDINAL: builds NAME.sys, with DbgPrintEx imported by that ordinal.
driver() {
	printf 'LIBRARY ntoskrnl.exe\nEXPORTS\nDbgPrintEx @%s NONAME\n' "$2" >"$scratch/nt.def"
	llvm-dlltool-19 -m i386:x86-64 -d "$scratch/nt.def" -l "$scratch/first.lib"
	include=/usr/share/mingw-w64/include
	library=/usr/x86_64-w64-mingw32/lib
	clang-19 --target=x86_64-windows-gnu -isystem $include/ddk -isystem $include -O2 -ffreestanding -fasynchronous-unwind-tables -mno-stack-arg-probe \
		"-Wno-#warnings" -c "$source/tests/drivers/imports.c" -o "$scratch/imports.obj"
	lld-link-19 /driver /subsystem:native /entry:DriverEntry /nodefaultlib "/out:$scratch/$1.sys" "$scratch/imports.obj" "$scratch/first.lib" \
		$library/libhal.a $library/libntoskrnl.a
	install_driver "$scratch/$1.sys" "$1.sys"
	expect '[SC] CreateService SUCCESS' impasse sc create "$1" type= kernel "binPath= C:\\drivers\\$1.sys"
}

lab_up
driver bound "$ordinal"
imports=$(llvm-readobj-19 --coff-imports "$scratch/bound.sys")
case $imports in *'(65535)'* | *"Symbol:  ($ordinal)"*) ;; *) echo "FAILED: no import by ordinal $ordinal in the driver: $imports"; failures=1 ;; esac
expect 'RUNNING' impasse sc start bound
expect 'Services\bound' impasse lab log
driver nosuch 60000
expect_code 1 'FAILED 182:' impasse sc start nosuch
verdict
