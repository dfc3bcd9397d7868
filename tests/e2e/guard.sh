#!/bin/sh
# Drivers as Microsoft's tools make them: /GS, control-flow guard, big sections and many; and the bugcheck of a frame that was overrun.
. "$(dirname "$0")/common.sh"

build_guard() { # NAME LINKER-OPTION [COMPILER-OPTION]
	"$source/tools/build-driver" --compiler clang-msvc --link /guard:cf --link "$2" -o "$scratch/$1.sys" "$source/tests/drivers/guard.c" -- \
		-fstack-protector-all -Xclang -cfguard ${3:-}
	install_driver "$scratch/$1.sys" "$1.sys"
	expect '[SC] CreateService SUCCESS' impasse sc create "$1" type= kernel "binPath= C:\\drivers\\$1.sys"
}

lab_up
for alignment in 4096 8192 65536; do
	build_guard "guard$alignment" "/align:$alignment"
	expect 'RUNNING' impasse sc start "guard$alignment"
	expect 'STOPPED' impasse sc stop "guard$alignment"
done
expect 'guard: 1' impasse lab log
if grep 'CHECK failed' "$IMPASSE_LAB/console.log"; then
	failures=$((failures + 1))
fi
build_guard overrun /align:4096 -DOVERRUN
expect_code 1 'bugcheck 0xF7' impasse sc start overrun
expect 'overrun!Overrun+0x' impasse -z "$IMPASSE_LAB/MEMORY.DMP" -y "$build/lab;$scratch" -i "$build/lab;$scratch" -c 'k; q'
verdict
