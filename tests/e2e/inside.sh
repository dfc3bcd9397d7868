#!/bin/sh
# Drivers that test the kernel from inside, by both compilers: the rules of waits and of files.
. "$(dirname "$0")/common.sh"

echo 'not for drivers' >"$scratch/secret.txt"
mkdir -p "$c" "$scratch/outside"
echo 'not for drivers' >"$scratch/outside/secret.txt"
lab_up --cpus "${2:-1}"
for compiler in clang gcc; do
	for driver in drivers/waits drivers/files drivers/io drivers/stress rtl/objects_driver; do
		test=${driver#*/}
		test=${test%_driver}
		rm -rf "$c/FilesTest"
		mkdir "$c/FilesTest"
		printf 12345 >"$c/FilesTest/Existing.txt"
		ln -s "$scratch/outside" "$c/FilesTest/Outside"
		rm -rf "$c/IoTest"
		mkdir -p "$c/IoTest/many"
		(cd "$c/IoTest/many" && seq 3000 | while read -r n; do printf 1234567 >"n$n"; done)
		mkfifo "$c/IoTest/pipe"
		echo ro >"$c/IoTest/readonly"
		chmod 444 "$c/IoTest/readonly"
		"$source/tools/build-driver" --compiler $compiler -o "$scratch/$test.sys" "$source/tests/$driver.c"
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
if [ -e "$scratch/escaped.txt" ] || [ -e "$scratch/outside/escaped.txt" ] || [ -e "$scratch/outside/made.txt" ]; then
	echo "FAILED: a file was made outside of C:"
	failures=$((failures + 1))
fi
verdict
