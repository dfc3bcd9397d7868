#!/bin/sh
# Damaged dumps and missing symbols: each gets its sentence, what can be shown is shown, and nothing crashes or hangs.
# Usage: damaged.sh ACCEL. IMPASSE_CHECKED, when set, is a program with sanitizers that reads the damaged copies instead.
. "$(dirname "$0")/take_dump.sh"

program=${IMPASSE_CHECKED:-$build/impasse}
symbols="$build/lab;$build/drivers"
bad=$scratch/bad.dmp
kd() { timeout 60 "$program" -z "$bad" -y "$symbols" -i "$c/drivers" -c "$1; q" </dev/null; }
good_kd() { "$program" -z "$good" -y "$symbols" -i "$c/drivers" -c "$1; q" </dev/null; }
value() { good_kd "? $1" | sed -n 's/.* = //p' | tr -d '`'; }
little() { echo "$1" | sed 's/\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)/\8\7\6\5\4\3\2\1/'; }
fresh() { cp --sparse=always "$good" "$bad"; }
damage() { "$build/tests/command/damage" "$bad" "$@"; }
offset() { good_kd "dt $1 $2" | sed -n "s/^ *+0x\([0-9a-f]*\) $2 .*/\1/p"; }

process=$(good_kd 'tl 0n4' | awk '$1 == "0x4" { print $3 }')
# A thread in the driver as it is loaded: the event of the unloaded one is freed memory.
thread=$(good_kd 'us TestDriver' | awk '/^[0-9]+ threads? \[stats\]/ { t = $4 } / TestDriver!FileCreationThread/ { print t; exit }')
event=$(good_kd "t $thread" | awk '/SynchronizationEvent/ { print $1; exit }')
head=$(value nt!PsActiveProcessHead)
driver=$(good_kd '!drvobj TestDrv 0' | sed -n 's/^Driver object (\([0-9a-f]*\)) is for:/\1/p')
for found in "$process" "$thread" "$event" "$head" "$driver"; do
	[ -n "$found" ] || { echo 'FAILED: the good dump does not show what is to be damaged'; exit 1; }
done

echo '# the list of processes leads to itself'
fresh
links=$(value "$process+$(offset nt!_EPROCESS ActiveProcessLinks)")
damage write "$links" "$(little "$links")"
expect 'Note: processes: the list at' kd tl
expect 'System' kd tl

echo '# the list of threads leads nowhere'
fresh
list=$(value "$process+$(offset nt!_EPROCESS ThreadListHead)")
first=$(value "poi($list)")
damage write "$first" 0000000000000000
expect 'Note: threads of process' kd us
expect '(1 found from its front, ' kd us
expect 'Threads matching filter: 4 out of' kd 'us TestDriver'

echo '# a wait list that loops without its head'
fresh
waiters=$(value "$event+8")
block=$(value "poi($waiters)")
damage write "$block" "$(little "$block")"
expect 'Note: waiters of' kd "evt $event"
expect 'Number of waiters: 2' kd "evt $event"

echo '# a kernel stack pointer that lies'
fresh
damage write "$(value "$thread+$(offset nt!_KTHREAD KernelStack)")" 1111111111111111
expect_code 1 'registers of thread' kd "k $thread"
expect_code 1 'Priority:' kd "t $thread"

echo '# the block for debuggers is empty'
fresh
damage write "$(value nt!KdDebuggerDataBlock)" "$(printf '%0768d' 0)"
expect 'Threads matching filter: 4 out of' kd 'us TestDriver'

echo '# the list of modules ends in the middle'
fresh
damage write "$(value 'poi(nt!PsLoadedModuleList)')" ffffffffffffffff
expect 'Note: loaded modules: the list at' kd lm
expect 'nt ' kd lm

echo '# half a file'
fresh
truncate -s "$(($(stat -c %s "$good") / 2))" "$bad"
expect 'the file is truncated' kd di
truncate -s 65536 "$bad"
expect_code 1 'the file is truncated' kd tl
truncate -s 100 "$bad"
expect_code 1 'impasse: ' kd di
: >"$bad"
expect_code 1 'impasse: ' kd di
echo 'not a dump at all' >"$bad"
expect_code 1 'impasse: ' kd di
expect_code 1 'impasse: ' "$program" -z "$scratch/nothing.dmp" -c q

echo '# no symbols, and symbols of another kernel'
mkdir "$scratch/elsewhere" "$scratch/wrong"
cp "$build/impasse" "$scratch/elsewhere/impasse"
cp "$build"/drivers/event_deadlock.pdb "$scratch/wrong/ntkrnlmp.pdb"
# Without the lab's folder too, which keeps the symbols of what ran in it.
alone() { IMPASSE_LAB="$scratch/elsewhere" "$scratch/elsewhere/impasse" -z "$good" -y "$1" -c "$2; q" </dev/null; }
expect_code 0 'ntkrnlmp.pdb' alone "$scratch" di
expect_code 1 'ntkrnlmp.pdb' alone "$scratch" us
expect_code 1 'ntkrnlmp.pdb' alone "$scratch/wrong" 'tl'

echo '# addresses that are not what they are said to be'
expect_code 1 'no event at' good_kd "evt $thread"
expect_code 1 'no thread at' good_kd "t $event"
expect_code 1 'no process at' good_kd "p $event"
expect_code 1 'no event at' good_kd 'evt 1234'
expect_code 1 "no command is named 'frob'" good_kd 'frob; di'
expect_code 1 'Windows 10' good_kd 'frob; di'

echo '# a handle written into the table of System, as Windows 8 and later code it: bits 4 to 47 of the header from bit 20 on'
fresh
table=$(value "poi(poi($process+$(offset nt!_EPROCESS ObjectTable))+$(offset nt!_HANDLE_TABLE TableCode))")
header=$(value "$driver-$(offset nt!_OBJECT_HEADER Body)")
damage write "$(value "$table+10")" "$(little "$(printf '%s00001' "$(echo "$header" | sed 's/^ffff\(.*\).$/\1/')")")"
damage write "$(value "$table+18")" "$(little 00000000001f01ff)"
expect "0004: Object: $driver  GrantedAccess: 001f01ff" kd '!handle'
expect ' Driver' kd '!handle 4'
expect 'Name: TestDrv' kd '!handle 4 3 4'
expect_code 1 'System has no handle 0x8' kd '!handle 8'
damage write "$(value "$(value "poi($process+$(offset nt!_EPROCESS ObjectTable))")+$(offset nt!_HANDLE_TABLE TableCode)")" ffffffffffffffff
expect_code 1 'which is none of a table' kd '!handle'

echo '# noise in what the kernel keeps'
module=$(value nt!PsLoadedModuleList)
root=$(value 'poi(nt!ObpRootDirectoryObject)')
stack=$(value "poi($thread+$(offset nt!_KTHREAD KernelStack))")
for seed in 1 2 3 4 5 6 7 8 9 10 11 12; do
	fresh
	damage flip "$module" 100 "$seed" 4
	damage flip "$process" b80 "$seed" 8
	damage flip "$thread" 900 "$seed" 8
	damage flip "$event" 18 "$seed" 2
	damage flip "$driver" 150 "$seed" 8
	damage flip "$root" 160 "$seed" 4
	damage flip "$stack" 400 "$seed" 8
	code=0
	kd "di; tl; p; us; t $thread; evt $event; obj -waiters $event; k $thread; lm; !process 0 7; dt -r2 nt!_ETHREAD $thread; dps $thread; kv $thread; .thread $thread; r; u; ub @rip; uf; !stacks 2; !ready; !running -it; !object \\\\; !object \\\\Driver; !drvobj $driver 7; !handle" >"$scratch/output" 2>&1 || code=$?
	if [ $code -gt 1 ] || grep -q 'Sanitizer\|runtime error' "$scratch/output"; then
		echo "FAILED: seed $seed: exit code $code"
		grep -A20 'Sanitizer\|runtime error' "$scratch/output" || tail -n 5 "$scratch/output"
		failures=$((failures + 1))
	fi
done
verdict
