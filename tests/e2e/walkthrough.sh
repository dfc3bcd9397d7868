#!/bin/sh
# The walk-through's course and its seven commands, against the facts that it states.
. "$(dirname "$0")/common.sh"

lab_up --cpus "${2:-1}"
install_driver "$build/drivers/event_deadlock.sys" TestDriver.sys
expect '[SC] CreateService SUCCESS' impasse sc create TestDrv type= kernel 'binPath= C:\drivers\TestDriver.sys'
expect 'RUNNING' impasse sc start TestDrv
expect_blocked TestDrv
expect_files 1000 1500 'file_*.txt' "$c/Temp"
expect_files 0 1500 'NewFile_*.txt' "$c/Temp2"
rm -f "$c"/Temp/*
expect 'STOPPED' impasse sc stop TestDrv
expect 'RUNNING' impasse sc start TestDrv
expect_blocked TestDrv
dump=$scratch/MEMORY.DMP
expect '' impasse dump -o "$dump"
expect 'RUNNING' impasse sc query TestDrv

kd() { impasse -z "$dump" -c "$1; q"; }

expect 'Windows 10 Kernel Version 22621' kd '!mex.di'
expect 'Product: WinNt' kd di
expect 'Bugcheck: 161 (0, 0, 0, 0)' kd di
expect 'SystemProductName = ' kd di
process=$(kd 'tl system' | awk '$1 == "0x4" { print $3 }')
expect '0x4 0n4 ' kd '!mex.tl system'
expect "$process System" kd 'tl 0n4'
expect '4 (0n4)' kd "!mex.p $process"

# Two threads in the driver as it is loaded, two in the unloaded one.
expect 'Threads matching filter: 4 out of ' kd '!us TestDriver'
expect 'TestDriver!FileCreationThread+0x' kd '!us TestDriver'
expect 'nt!KeWaitForSingleObject+0x' kd '!us TestDriver'
[ "$(kd '!us TestDriver' | grep -c 'nt!KiSwapContext+0x')" = 4 ] || { echo "FAILED: not four stacks that begin in nt!KiSwapContext"; failures=$((failures + 1)); }
[ "$(kd '!us TestDriver' | grep -c '<Unloaded_TestDriver.sys>+0x')" = 2 ] || { echo "FAILED: not two frames in the unloaded driver"; failures=$((failures + 1)); }
wait_line=$(grep -n 'KeWaitForSingleObject' "$source/lab/drivers/event_deadlock/driver.c" | head -n 1 | cut -d: -f1)
thread=$(kd '!us TestDriver' | awk '/^[0-9]+ threads? \[stats\]/ { t = $4 } / TestDriver!FileCreationThread/ { print t; exit }')
# What the scheduler keeps of both threads: they wait (5) for the executive (0), never ran in user mode, and the one that wrote the files came to its
# wait later, after more switches, and with no more time than it has lived.
mover=$(kd '!us TestDriver' | awk '/^[0-9]+ threads? \[stats\]/ { t = $4 } / TestDriver!FileMoveThread/ { print t; exit }')
kept() { # THREAD FIELD
	echo $(($(kd "dt nt!_KTHREAD $1 $2" | awk -v field="$2" '$2 == field { print $4 }')))
}
for waiter in "$thread" "$mover"; do
	states=$(for field in State WaitReason UserTime; do kept "$waiter" $field; done | paste -sd ' ')
	[ "$states" = '5 0 0' ] || { echo "FAILED: State, WaitReason and UserTime of $waiter are $states"; failures=$((failures + 1)); }
done
lived=$(($(kept "$thread" WaitTime) - $(kept "$mover" WaitTime)))
ran=$(kept "$thread" KernelTime)
[ "$lived" -gt 0 ] && [ "$ran" -le $((lived + 1)) ] || { echo "FAILED: FileCreationThread ran $ran ticks and waited $lived ticks later than FileMoveThread"; failures=$((failures + 1)); }
[ "$(kept "$thread" ContextSwitches)" -gt "$(kept "$mover" ContextSwitches)" ] || { echo 'FAILED: FileCreationThread was not switched to more often than FileMoveThread'; failures=$((failures + 1)); }
# The line of the wait, or the next one: where the call returns to.
expect "driver.c @ " kd "!mex.t $thread"
line=$(kd "k $thread" | sed -n 's/.*FileCreationThread.*driver\.c @ \([0-9]*\).*/\1/p' | head -n 1)
case $line in
"$wait_line" | $((wait_line + 1))) echo "ok: FileCreationThread waits at line $wait_line" ;;
*) echo "FAILED: FileCreationThread is said to wait at line '$line', the source has the wait at $wait_line"; failures=$((failures + 1)) ;;
esac

# The same file, found by name and size, carries the walk on to the bottom of the unloaded driver's stacks.
with_image() { impasse -z "$dump" -i "$c/drivers" -c "$1; q"; }
bottom=$(with_image '!us TestDriver' | grep -c 'nt!KiStartSystemThread+0x')
[ "$bottom" = 4 ] || { echo "FAILED: $bottom of 4 stacks reach nt!KiStartSystemThread with the image at hand"; failures=$((failures + 1)); }
# Whatever the compiler inlines: the frames that every stack of a waiting thread has on Windows, and in that order.
whole='KiSwapContext KiSwapThread KiCommitThreadWait KeWaitForSingleObject (driver) PspSystemThreadStartup KiStartSystemThread'
frames=$(with_image '!us TestDriver' | sed -nE 's/^ +[0-9a-f]+ nt!([A-Za-z]+)\+0x.*/\1/p; s/^ +[0-9a-f]+ .*TestDriver.*/(driver)/p' | paste -sd ' ')
[ "$frames" = "$whole $whole $whole $whole" ] || { echo "FAILED: these are the frames of the four stacks: $frames"; failures=$((failures + 1)); }

expect 'Executive' kd "!mex.t $thread"
expect 'SynchronizationEvent' kd "!mex.t $thread"
event=$(kd "t $thread" | awk '/SynchronizationEvent/ { print $1; exit }')
expect 'SignalState          : 0n0 --> Non Signaled State' kd "!mex.evt $event"
expect '0n393217 (0x60001)' kd "!mex.evt $event"
expect 'Number of waiters: 2' kd "!mex.evt $event"
expect 'TestDriver!FileMoveThread+0x' kd "!mex.obj -waiters $event"
[ "$(kd "obj -waiters $event" | grep -c 'Waiting')" = 2 ] || { echo "FAILED: not two waiters in obj -waiters"; failures=$((failures + 1)); }
expect '<Unloaded_TestDriver.sys>' kd "us TestDriver"
expect 'TestDriver.sys' kd lm
expect_code 1 '' kd "evt $thread"

# The verdict names the event, both waits and both calls that set it, which lie behind them.
hang() { impasse hang "$dump" -i "$c/drivers"; }
expect_code 2 'Stuck for ever: 2 threads of TestDriver.sys wait for the same synchronization event' hang
for line in $(grep -n 'KeWaitForSingleObject(&Resources' "$source/lab/drivers/event_deadlock/driver.c" | cut -d : -f 1 | head -n 2) $(grep -n 'KeSetEvent(&Resources' "$source/lab/drivers/event_deadlock/driver.c" | cut -d : -f 1); do
	expect_code 2 "driver.c @ $line)" hang
done

expect 'STOPPED' impasse sc stop TestDrv
expect '[SC] DeleteService SUCCESS' impasse sc delete TestDrv
expect '' impasse lab down
verdict
