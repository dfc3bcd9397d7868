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
verdict
