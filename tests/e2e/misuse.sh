#!/bin/sh
# Who breaks a rule of the synchronization family ends the machine with the bugcheck that Windows documents for it.
. "$(dirname "$0")/common.sh"

"$source/tools/build-driver" --link "$build/lab/ntoskrnl.lib" -o "$scratch/misuse.sys" "$source/tests/drivers/misuse.c"
expect 'the lab has all' impasse lab imports "$scratch/misuse.sys"
while read -r rule stop; do
	lab_up
	install_driver "$scratch/misuse.sys" "$rule.sys"
	expect '[SC] CreateService SUCCESS' impasse sc create "$rule" type= kernel "binPath= C:\\drivers\\$rule.sys"
	expect_code 1 'stopped with bugcheck' impasse sc start "$rule"
	expect "Bugcheck: $stop" impasse -z "$IMPASSE_LAB/MEMORY.DMP" -c 'di; q'
	expect '' impasse lab down
done <<RULES
mutex 7E (FFFFFFFFC0000046,
semaphore 7E (FFFFFFFFC0000047,
resource E3 (
fastmutex 162 (
pushlock 162 (
leak 153 (
critical 20 (0,
workitem 39 (
dispatch A (
dpc B8 (
RULES
verdict
