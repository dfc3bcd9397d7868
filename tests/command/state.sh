#!/bin/sh
# Commands over a machine that stopped with known things in it: the driver tests/drivers/state.c prints the facts, the commands must say the same.
# Usage: state.sh ACCEL
. "$(dirname "$0")/../e2e/common.sh"

lab_up
"$source/tools/build-driver" -o "$scratch/state.sys" "$source/tests/drivers/state.c"
expect '[SC] CreateService SUCCESS' impasse sc create state type= kernel binPath= "$scratch/state.sys"
expect_code 1 '' impasse sc start state
expect 'bugcheck' impasse lab status
dump=$IMPASSE_LAB/MEMORY.DMP
sed -n 's/^.*FACT \([a-z0-9_]*\) 0*\([0-9a-fA-F]*\).*$/\1=\2/p' "$IMPASSE_LAB/console.log" | tr A-F a-f >"$scratch/facts"
cat "$scratch/facts"
. "$scratch/facts"
kd() { "$build/impasse" -z "$dump" -y "$scratch" "$@" </dev/null; }

echo '# packets'
expect 'Irp is active with 2 stacks 1 is current' kd -c "!irp $irp; q"
expect '>[IRP_MJ_DEVICE_CONTROL(e), N/A(0)]' kd -c "!irp $irp; q"
expect "0 61 $lower" kd -c "!irp $irp; q"
expect '0000000000000000-0000000000000000 pending' kd -c "!irp $irp; q"
expect "0  1 $upper" kd -c "!irp $irp; q"
expect '000000001234abcd Success Cancel pending' kd -c "!irp $irp; q"
expect '\Driver\state    state!Completed' kd -c "!irp $irp; q"
expect 'Args: 00000020 00000010 00222294 00000000' kd -c "!irp $irp; q"
expect "Thread $sender" kd -c "!irp $irp; q"
expect 'state!Cancel' kd -c "!irp $irp 1; q"
expect "    $irp: (0006,0160) Flags: " kd -c "!thread $sender; q"
expect 'IRP List:' kd -c '!process 0 7; q'
expect "\"irps\":[{\"irp\":\"0x$irp\"" kd --json -c "!thread $sender; q"
expect "$irp" kd -c '!irpfind; q'
expect "\"thread\":\"0x$sender\"" kd --json -c '!irpfind; q'
expect_code 1 "no IRP at $thread" kd -c "!irp $thread; q"
expect_code 1 'the address of an IRP' kd -c '!irp; q'
echo '# resources'
expect "Resource @ state!Exclusive (0x$exclusive)    Exclusively owned" kd -c "!locks $exclusive; q"
expect "Threads: $thread-02<*>" kd -c "!locks $exclusive; q"
expect 'Contention Count = 3' kd -c "!locks $exclusive; q"
expect 'NumberOfSharedWaiters = 2' kd -c "!locks $exclusive; q"
expect 'NumberOfExclusiveWaiters = 1' kd -c "!locks $exclusive; q"
expect "              $shared_waiter2" kd -c "!locks $exclusive; q"
expect "\"shared_waiters\":[{\"thread\":\"0x$shared_waiter1\"},{\"thread\":\"0x$shared_waiter2\"}]" kd --json -c "!locks $exclusive; q"
expect "\"exclusive_waiters\":[{\"thread\":\"0x$exclusive_waiter\"}]" kd --json -c "!locks $exclusive; q"
expect 'Shared 2 owning threads' kd -c "!locks $shared; q"
expect "Threads: $thread-01<*> $sharer-04<*>" kd -c "!locks $shared; q"
expect '"exclusive":false' kd --json -c "!locks $shared; q"
expect "Resource @ state!Shared (0x$shared)" kd -c '!locks; q'
expect '2 locks currently held' kd -c '!locks; q'
expect_code 1 'no ERESOURCE at' kd -c "!locks $thread; q"

echo '# timers and DPCs'
expect "$periodic $(printf %08x $((0x$periodic_due & 0xffffffff))) $(printf %08x $((0x$periodic_due >> 32)))" kd -c '!timer; q'
expect "5000 ms state!Routine (DPC @ $timer_dpc)" kd -c '!timer; q'
expect "\"timer\":\"0x$plain\"" kd --json -c '!timer; q'
expect "thread $sleeper" kd -c '!timer; q'
expect "\"timer\":\"0x$periodic\",\"due_time\":\"0x$periodic_due\"" kd --json -c '!timer; q'
# The plain timer is due two hours after the periodic one; the two differ by what the machine took in between.
kd --json -c '!timer; q' | python3 -c '
import json, sys
timers = {t["timer"]: int(t["due_time"], 16) for t in json.load(sys.stdin)["timers"]}
gap = timers[sys.argv[1]] - timers[sys.argv[2]]
print("right" if 0 <= gap - 2 * 3600 * 10**7 < 10**7 else gap)' "0x$plain" "0x$periodic" >"$scratch/gap"
expect right cat "$scratch/gap"
expect " 0: Normal  : 0x$dpc1 0x" kd -c '!dpcs; q'
expect "\"dpc\":\"0x$dpc1\"" kd --json -c '!dpcs; q'
expect '"symbol":"state!Routine","context":"0x1111","argument1":"0xaaaa","argument2":"0xbbbb"' kd --json -c '!dpcs; q'
kd -c '!dpcs; q' | awk '/Normal/ { print $4 }' | tr '\n' ' ' >"$scratch/order"
expect "0x$dpc1 0x$dpc2" cat "$scratch/order"
echo '# pool'
header=$(python3 -c "print('%016x' % (0x$small - 16))")
expect "*$header size:  160 previous size:" kd -c "!pool $small; q"
expect '(Allocated) *tSml' kd -c "!pool $small+20 2; q"
expect "{\"address\":\"0x$header\",\"size\":352," kd --json -c "!pool $small; q"
expect '"allocated":true,"paged":false,"tag":"tSml","around":true' kd --json -c "!pool $small; q"
expect "*$big : large page allocation, tag is tBig, size is 0x5000 bytes" kd -c "!pool $big+4ff8; q"
expect_code 1 'is no page of pool blocks' kd -c '!pool nt; q'
expect_code 1 'page not present' kd -c '!pool 0; q'
expect '"tag":"tBig","nonpaged_allocs":1,"nonpaged_frees":0,"nonpaged_bytes":20480' kd --json -c '!poolused 2 tBig; q'
expect '"tag":"tSml","nonpaged_allocs":1,"nonpaged_frees":0,"nonpaged_bytes":352' kd --json -c '!poolused 0 tS*; q'
expect 'Physical Memory:' kd -c '!vm; q'
verdict
