#!/bin/sh
# What may go wrong at the boot and after it: accelerators that do not work, a kernel that stops, hangs or talks nonsense.
. "$(dirname "$0")/common.sh"

# How long to wait for a machine that will never answer; the one that is only slow gets the usual time.
patience=1000

FAKE_QEMU=kvm-exit expect 0 'no hardware here' lab up --accel kvm,tcg
expect 0 'tcg' lab status
expect 0 'has ended' lab down
FAKE_QEMU=kvm-silent IMPASSE_PATIENCE_MS=$patience expect 0 'own emulation' lab up --accel kvm,tcg
expect 0 'has ended' lab down
FAKE_QEMU=kvm-stuck expect 0 'internal error' lab up --accel kvm,tcg
expect 0 'tcg' lab status
expect 0 'has ended' lab down
FAKE_QEMU=kvm-slow expect 0 'under KVM' lab up --accel kvm,tcg
expect 0 'has ended' lab down
expect 0 'ready in' lab up
expect 0 'has ended' lab down
FAKE_QEMU=kvm-exit expect 1 'no hardware here' lab up --accel kvm
IMPASSE_QEMU=$scratch/nothing expect 1 'cannot run' lab up --accel tcg
IMPASSE_LAB_IMAGE=$scratch/nothing expect 1 'no lab image' lab up
expect 1 'takes a number' lab up --memory much
expect 1 'takes kvm, tcg or kvm,tcg' lab up --accel hax
for cpus in 0 9 x 2x ""; do expect 1 "from 1 to 8, not $cpus" lab up --cpus "$cpus"; done
expect 1 "from 0 to 4294967295, not x" lab up --seed x
expect 1 "from 0 to 4294967295, not 4294967296" lab up --seed 4294967296
expect 1 "leave out --cpus" lab up --seed 1 --cpus 2
expect 1 'C:' lab up --c "$scratch/nothing"

FAKE_QEMU=dies-slowly expect 1 'exit status 1: fake qemu: assertion failed' lab up --accel tcg
FAKE_QEMU=panic-boot expect 1 'bugcheck 0x7E (0x1111111111111111' lab up --accel tcg
[ -s "$IMPASSE_LAB/MEMORY.DMP" ] || fail "no dump of a bugcheck at the boot"
expect 0 'none' lab status

rm -f "$IMPASSE_LAB/MEMORY.DMP"
expect 0 'ready in' lab up --accel tcg
expect 0 'SUCCESS' sc create Panics type= kernel 'binPath= C:\x.sys'
expect 1 'it has stopped with bugcheck 0x7E' sc start Panics
[ -s "$IMPASSE_LAB/MEMORY.DMP" ] || fail "no dump of a bugcheck"
expect 0 'State        bugcheck' lab status
expect 0 '"code": "0x7E"' lab status --json
expect 1 'has stopped with bugcheck' lab threads
expect 0 'bugcheck 0x7E' dump -o "$scratch/again.dmp"
expect 0 'STOP: 0x0000007E' lab log
expect 0 'has ended' lab down
expect 0 'STOP: 0x0000007E' lab log

FAKE_QEMU=deaf expect 0 'ready in' lab up --accel tcg
IMPASSE_PATIENCE_MS=$patience expect 1 'did not answer threads' lab threads
IMPASSE_PATIENCE_MS=$patience expect 0 'lost' lab down
FAKE_QEMU=slow-wait expect 0 'ready in' lab up --accel tcg
expect 0 'Blocked: 1 thread' lab wait Some
expect 0 'has ended' lab down
FAKE_QEMU=garbage expect 0 'ready in' lab up --accel tcg
expect 1 'neither a row nor a result' lab threads
FAKE_QEMU=garbage expect 0 'has ended' lab down
FAKE_QEMU=stubborn IMPASSE_PATIENCE_MS=$patience expect 0 'ready in' lab up --accel tcg
qemu=$(status pid)
expect 0 'has ended' lab down
running "$qemu" && fail "a QEMU that ignores quit runs on"
verdict
