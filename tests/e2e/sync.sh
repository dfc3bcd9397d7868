#!/bin/sh
# The synchronization family's documented rules, asserted inside the guest by drivers that both compilers have built.
. "$(dirname "$0")/common.sh"

lab_up --cpus "${2:-1}"
for compiler in clang gcc; do
	for test in resources locks; do
		# MinGW's import libraries, which GCC is bound to, know only half of the push locks.
		[ $test-$compiler != locks-gcc ] || continue
		libraries="--link $build/lab/ntoskrnl.lib --link $build/lab/fltmgr.lib"
		[ $compiler = clang ] || libraries=
		# shellcheck disable=SC2086
		"$source/tools/build-driver" --compiler $compiler $libraries -o "$scratch/$test.sys" "$source/tests/drivers/$test.c"
		install_driver "$scratch/$test.sys" "$test-$compiler.sys"
		expect '[SC] CreateService SUCCESS' impasse sc create "$test-$compiler" type= kernel "binPath= C:\\drivers\\$test-$compiler.sys"
		expect 'RUNNING' impasse sc start "$test-$compiler"
		expect "$test: " impasse lab log
		expect 'STOPPED' impasse sc stop "$test-$compiler"
	done
done
if grep -q 'CHECK failed' "$IMPASSE_LAB/console.log"; then
	grep 'CHECK failed' "$IMPASSE_LAB/console.log"
	failures=$((failures + 1))
fi
verdict
