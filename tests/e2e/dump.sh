#!/bin/sh
# `impasse dump` of the real machine: what a person at a terminal sees of it, what a pipe gets, that the machine goes on, and what a file size limit leaves.
. "$(dirname "$0")/common.sh"

escape=$(printf '\033')
lab_up --memory 1024
install_driver "$build/drivers/event_deadlock.sys" TestDriver.sys
expect '[SC] CreateService SUCCESS' impasse sc create TestDrv type= kernel 'binPath= C:\drivers\TestDriver.sys'

script -qec "'$build/impasse' dump -o '$scratch/MEMORY.DMP'" "$scratch/typed" >/dev/null
tr '\r' '\n' <"$scratch/typed" >"$scratch/screen"
expect '% ' grep -E '^.\[K\[#* *\] +[0-9]+%  [0-9.]+ MiB of 1024 MiB  [0-9.]+ [MG]iB/s' "$scratch/screen"
# The percentages rise, and the bar is wiped away before the result.
expect 'sorted' sh -c 'sed -n "s/.*\] *\([0-9]*\)%.*/\1/p" "$0" | sort -nc && echo sorted' "$scratch/screen"
expect "$escape[K$scratch/MEMORY.DMP: 1024 MiB in " cat "$scratch/screen"

# The machine stood still meanwhile and goes on.
expect 'RUNNING' impasse sc start TestDrv
expect_blocked TestDrv
expect_files 1000 1500 'file_*.txt' "$c/Temp"

impasse dump -o "$scratch/MEMORY.DMP" >"$scratch/piped" 2>&1
if [ "$(wc -l <"$scratch/piped")" = 1 ] && ! grep -q "$escape" "$scratch/piped"; then
	echo "ok: a pipe gets the result alone"
else
	echo "FAILED: more than the result went into a pipe:"
	cat -v "$scratch/piped"
	failures=$((failures + 1))
fi
expect 'Threads matching filter: 2 out of' impasse "$scratch/MEMORY.DMP" -c 'us TestDriver; q'
expect 'has ended' impasse lab down
rm "$scratch/MEMORY.DMP"

# The real QEMU meets a limit in the middle: nothing is left, the file that was there stays, the machine goes on.
mkdir "$scratch/out"
echo 'PAGEDU64 precious' >"$scratch/out/MEMORY.DMP"
(ulimit -f 100000 && lab_up)
expect_code 1 'nothing was kept of it' impasse dump -o "$scratch/out/MEMORY.DMP"
expect 'PAGEDU64 precious' cat "$scratch/out/MEMORY.DMP"
expect '1' sh -c 'ls -A "$0" | wc -l' "$scratch/out"
expect 'Executive' impasse lab threads
expect '' impasse lab down
verdict
