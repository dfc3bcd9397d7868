#!/bin/sh
# What the commands print on a real dump: the layout of the walk-through where it shows one, and JSON for every command.
# Usage: layout.sh ACCEL
. "$(dirname "$0")/take_dump.sh"

kd() { "$build/impasse" -z "$good" -i "$c/drivers" "$@" </dev/null; }
process=$(kd -c 'tl 0n4; q' | awk '$1 == "0x4" { print $3 }')
thread=$(kd -c 'us TestDriver; q' | awk '/^[0-9]+ threads? \[stats\]/ { t = $4 } / TestDriver!FileCreationThread/ { print t; exit }')
event=$(kd -c "t $thread; q" | awk '/SynchronizationEvent/ { print $1; exit }')

echo '# every command, as text and as JSON'
while IFS= read -r command; do
	expect_code 0 "0: kd> $command" kd -c "$command; q"
	expect_code 0 '"ok":true' kd --json -c "$command; q"
	[ "$(wc -l <"$scratch/output")" = 1 ] || { echo "FAILED: not one line of JSON: $command"; failures=$((failures + 1)); }
done <<COMMANDS
di
!mex.di
vertarget
tl
tl system
p
p 4
!mex.p $process
us
us -a
!us testdriver
t $thread
!thread $thread
lt
evt $event
obj $event
obj -waiters $event
k $thread
k 1
kn 2
kb $thread
kv $thread
kc
r
r rip, @rsp
r \$t3 = nt + 5
r \$t3
? (unsigned char)1234
~0s
!running
!running -it
!ready
!stacks
!stacks 2 TestDriver
!prcb
!prcb 0
!pcr
!irql
!cpuinfo
!object \\
!object \\Driver
!object $process
!handle
!handle 0 1 4
!drvobj TestDrv
!drvobj \\Driver\\TestDrv 7
!devobj \\Device\\HarddiskVolume1
lm
lm v
lmvm nt
dt nt!_KEVENT
dt -r1 nt!_KEVENT $event
dt nt!_KTHREAD State $thread
dt nt!_KWAIT_REASON
dt nt!_KW*
dt -v nt!_KW*
dt nt!PsActiveProcessHead
dt nt!KeNumberProcessors
dt -a nt!_KTHREAD WaitBlock[1].Thread Header. $thread
dt nt!_EPROCESS -l ActiveProcessLinks.Flink -y ImageF UniqueProcessId $process
x nt!Ki*Thread
ln nt!KeWaitForSingleObject+10
? poi(nt!PsInitialSystemProcess) + 0n10 * (2 - 1)
? @rip
dps @rsp L4
db nt!NtBuildLabEx L20
dw nt!NtBuildLabEx
dd nt!NtBuildLabEx
dq nt!NtBuildLabEx
dps nt!PsActiveProcessHead
da nt!NtBuildLabEx
du nt!NtBuildLabEx
u nt!KeSetEvent
u nt!KeSetEvent L3
u nt!KeSetEvent nt!KeSetEvent+8
u @rip
ub nt!KeWaitForSingleObject L4
uf nt!KeSetEvent
uf TestDriver!FileCreationThread
uf /c TestDriver!FileCreationThread
s -a nt L91000 impasse_lab
s -u nt L91000 "System"
s nt L10 4d 5a
s -w nt L10 5a4d
s -q nt!PsActiveProcessHead L1 poi(nt!PsActiveProcessHead)
dl nt!PsActiveProcessHead
dlb nt!PsActiveProcessHead 4 3
!process
!process 0 0
!process 0 7 System
.process
!thread $thread 2
!thread -1
!irpfind
!timer
!dpcs
!vm
kp
kL $thread
kf $thread 3
~*k
~0k 2
dpp @rsp L4
dqp @rsp L2
dds nt L2
ddp nt L2
dpa nt!NtBuildLabEx L1
dqa nt!NtBuildLabEx L1
dpu nt!NtBuildLabEx L1
dda nt L1
ddu nt L1
dp nt L1
dS poi(nt!PsLoadedModuleList)+58
ds poi(nt!PsLoadedModuleList)+58
!list -t nt!_EPROCESS.ActiveProcessLinks.Flink -x "dt nt!_EPROCESS UniqueProcessId" $process
.process /r /p $process
.thread /p /r $thread
!thread $thread
!process -1 0
!process 0 17
!poolused
!poolused 2 T*
!pool $thread
!pte nt
!pte \$t0
!vtop 0 nt
!vtop nt
.process $process
.thread $thread
.sympath
.sympath+ $scratch
.reload
.help
.help us
.echo hello
COMMANDS
expect '"from_file":true' kd --json -c 'us TestDriver; q'
expect '"matching":4' kd --json -c 'us TestDriver; q'
expect 'Evaluate expression: 0 = 00000000`00000000' kd -c ".thread $thread; ? @rsp - @\$csp; q"
expect 'nt!KiSwapContext' kd -c ".thread $thread; ln @rip; q"
expect_code 1 'only rip, rsp and rbp are kept' kd -c ".thread $thread; ? @rax; q"
expect_code 1 "no register is named 'frob'" kd -c '? @frob; q'
# As the walk-through's frames with a source line: one blank between.
expect 'TestDriver!FileCreationThread+0x' kd -c 'us TestDriver; q'
! grep -q '  (' "$scratch/output" || { echo 'FAILED: blanks before a source line'; failures=$((failures + 1)); }
expect_code 1 '"error":"no event at' kd --json -c "evt $thread; q"
printf 'tl\nbogus\n* a remark; lm\n$$ another; di\n' >"$scratch/script"
piped() { "$build/impasse" "$good" <"$scratch/script"; }
expect_code 1 "no command is named 'bogus'" piped
expect_code 1 'Windows 10 Kernel' piped
! grep -q remark "$scratch/output" || { echo 'FAILED: a remark is taken for a command'; failures=$((failures + 1)); }
# A line is taken whole, however long.
{ printf '? 0'; printf '+1%.0s' $(seq 5000); echo; } >"$scratch/script"
expect '= 00000000`00001388' piped
full() { kd -c 'tl; q' >/dev/full; }
expect_code 1 'output cannot be written' full
# Nothing that was typed is passed over.
for surplus in 'di x' 'tl system x' 'us TestDriver x' "p $process x" "t $thread x" "lt $process x" "evt $event x" "obj $event x" "k $thread 3 x" \
	'x nt!Ki* x' 'ln nt!KeSetEvent x' 'db nt L4 x' '!process 0 0 System x' ".process $process x" ".thread $thread x"; do
	expect_code 1 'is too much' kd -c "$surplus; q"
done
expect_code 1 'nor its page table' kd -c '!vtop 0 7ff012345678; q'
expect_code 1 'not a canonical address' kd -c '!vtop 800000000000; q'
expect 'not a canonical address' kd -c '!pte 800000000000; q'
expect_code 1 'the address to translate' kd -c '!pte; q'
expect_code 1 'neither a field of _KEVENT nor can it be another address' kd -c "dt nt!_KEVENT $event 1; q"
expect_code 1 "_KEVENT has no field 'Nothing'" kd -c "dt nt!_KEVENT Nothing $event; q"
expect_code 1 "_KEVENT has no field 'Header.Nothing'" kd -c "dt nt!_KEVENT Header.Nothing $event; q"
expect_code 1 'leads nowhere' kd -c "dt nt!_EPROCESS -l ImageFileName $process; q"
expect_code 1 'dt knows -r' kd -c 'dt -q nt!_KEVENT; q'
expect "Type Ptr64 _EPROCESS" kd -c 'dt nt!PsInitialSystemProcess UniqueProcessId; q'
# Every process is an entry of the list, and its head is none.
entries() { kd -c "dt nt!_EPROCESS -l ActiveProcessLinks UniqueProcessId $process; q" | grep -c '+0x.* UniqueProcessId'; }
[ "$(entries)" = "$(kd -c '!process 0 0; q' | grep -c '^PROCESS')" ] || { echo 'FAILED: dt -l does not list each process once'; failures=$((failures + 1)); }
expect "the list's head, nt!PsActiveProcessHead" kd -c "dt nt!_EPROCESS -l ActiveProcessLinks UniqueProcessId $process; q"
expect_code 1 'this kernel keeps no registry hives' kd -c '!reg hivelist; q'
expect_code 1 'this kernel keeps no registry hives' kd -c '!reg q HKLM\SYSTEM; q'
expect_code 1 "!reg has no form 'frob'" kd -c '!reg frob; q'
# What the same facts say elsewhere: the modules' names, the frames of k, the process list.
expect '"ntoskrnl.exe"' kd -c 'dS poi(nt!PsLoadedModuleList)+58; q'
expect "Processor 0, thread" kd -c '~*k; q'
kd -c "kc $thread; q" | grep -c '!' >"$scratch/frames"
expect "$(cat "$scratch/frames")" sh -c "'$build/impasse' -z '$good' -i '$c/drivers' -c 'kL $thread; q' | grep -c '^[0-9a-f][0-9a-f] '"
! kd -c "kL $thread; q" | grep -q '@' || { echo 'FAILED: kL shows source lines'; failures=$((failures + 1)); }
# The links of the module list go through each module and the head; the head is no module, so the list is shown up to it.
kd --json -c '!list -m 3 -t nt!_KLDR_DATA_TABLE_ENTRY.InLoadOrderLinks.Flink -x "dS @$extret+58" poi(nt!PsLoadedModuleList); q' >"$scratch/list"
expect '"text":"ntoskrnl.exe"' cat "$scratch/list"
expect '"text":"hal.dll"' cat "$scratch/list"
expect 'the list goes on at' cat "$scratch/list"
expect '"text":"ntoskrnl.exe"' kd --json -c '!list "-m 1 -t nt!_KLDR_DATA_TABLE_ENTRY.InLoadOrderLinks.Flink -x \"dS @$extret+58\" poi(nt!PsLoadedModuleList)"; q'
expect "---- $process" kd -c "!list -t nt!_EPROCESS.ActiveProcessLinks.Flink -m 1 -x \"dt nt!_EPROCESS UniqueProcessId\" $process; q"
expect_code 1 'is no command that can be run for each' kd -c '!list -x "!list" nt; q'
expect_code 1 'is no command that can be run for each' kd -c '~*~*k; q'
expect_code 1 'is no pointer' kd -c '!list -t nt!_EPROCESS.ActiveProcessLinks nt; q'
expect_code 1 'has no field' kd -c '!list -t nt!_EPROCESS.Nothing.Flink nt; q'
expect_code 1 'page not present' kd -c '!list 0000100000000000; q'
expect_code 1 'page not present' kd -c 'dS 1000; q'
expect_code 1 'us knows the option -a' kd -c 'us -x; q'
expect_code 1 'an address is missing' kd -c 'db; q'
expect_code 1 "no module is named 'nosuch'" kd -c 'lm m nosuch; q'
expect_code 1 "no process is named 'nosuch'" kd -c '!process 0 0 nosuch; q'
expect_code 1 'no process has the ID 0x8' kd -c 'p 8; q'
expect_code 1 '????????`????????' kd -c 'dps 0; q'
expect 'MZ' kd -c 'db nt L2; q'
expect 'ImageSize:' kd -c 'lmvm TestDriver; q'
frames() { kd -c "k $thread 2; q" | grep -c '!'; }
[ "$(frames)" = 2 ] || { echo 'FAILED: k THREAD 2 does not show two frames'; failures=$((failures + 1)); }

# A function's bytes are those of the image, as another disassembler cuts them into instructions; that one goes on through the padding.
bytes() { sed -n 's/^ *[0-9]* [0-9a-f]\{8\}`[0-9a-f]\{8\} \([0-9a-f]*\) .*/\1/p'; }
same_code() { # FUNCTION
	kd -c "uf nt!$1; q" | bytes >"$scratch/ours"
	llvm-objdump-19 -d --no-leading-addr --disassemble-symbols="$1" "$build/lab/ntoskrnl.exe" |
		sed -n 's/^ *\([0-9a-f][0-9a-f]\( [0-9a-f][0-9a-f]\)*\) *\t.*/\1/p' | tr -d ' ' | head -n "$(wc -l <"$scratch/ours")" >"$scratch/theirs"
	if [ -s "$scratch/ours" ] && cmp "$scratch/ours" "$scratch/theirs"; then
		echo "ok: $1 in bytes"
	else
		echo "FAILED: the code of $1 is not the image's"
		failures=$((failures + 1))
	fi
}
same_code KeSetEvent
same_code KeWaitForSingleObject
expect 'call    nt!KiSwapThread (fffff8' kd -c 'uf nt!KiCommitThreadWait; q'
expect "call    qword ptr [TestDriver!" kd -c 'uf /c TestDriver!FileCreationThread; q'
expect 'qword ptr [TestDriver!_imp_KeSetEvent (fffff8' kd -c 'uf TestDriver!FileCreationThread; q'
unloaded=$(kd -c 'us TestDriver; q' | grep -m 1 -o '[0-9a-f]\{16\} <Unloaded' | cut -c 1-16)
expect 'code that the dump lacks is that of the image file of TestDriver.sys' kd -c "uf $unloaded; q"
expect '"from_file":true' kd --json -c "ub $unloaded L1; q"
expect_code 1 'no function is known at' kd -c 'uf nt+10; q'
expect_code 1 '??              ???' kd -c 'u 0; q'

expect 'cs=0010  ss=0018' kd -c 'r; q'
expect 'nt!KiIdleLoop' kd -c 'r; q'
expect 'rax=????????????????' kd -c ".thread $thread; r; q"
expect 'All processors idle.' kd -c '!running; q'
expect 'Debugger saved IRQL for processor 0x0 -- 0 (LOW_LEVEL)' kd -c '!irql; q'
expect 'Blocked    TestDriver!FileCreationThread+0x' kd -c '!stacks 0 TestDriver; q'
expect_code 1 'is no number of a processor' kd -c '!prcb x; q'
expect 'Directory                 Driver' kd -c '!object \; q'
expect 'Driver                    TestDrv' kd -c '!object \Driver; q'
expect ' Process' kd -c "!object $process; q"
expect 'TestDriver!DriverEntry' kd -c '!drvobj TestDrv 7; q'
expect 'TestDriver!UnloadDriver' kd -c '!drvobj \Driver\TestDrv 2; q'
expect 'Device queue is not busy.' kd -c '!devobj \Device\HarddiskVolume1; q'
expect_code 1 "no object is named 'nosuch' there" kd -c '!object \Driver\nosuch; q'
expect_code 1 'no driver is named' kd -c '!drvobj nosuch; q'
expect_code 1 'is a Process, not a Device' kd -c "!devobj $process; q"
expect_code 1 'no object at' kd -c '!object nt!KeSetEvent; q'
# What is found is there, across pages too; what is not in the dump is passed over.
across=$(kd -c 'db nt+2ffc L8; q' | sed -n 's/^[0-9a-f`]*  \([0-9a-f -]\{23\}\).*/\1/p' | tr '-' ' ')
page=$(kd -c '? nt+2ffc; q' | sed -n 's/.* = //p')
expect "$page  " kd -c "s nt+2f00 L200 $across; q"
expect "$page  " kd -c "s nt-100000 nt+4000 $across; q"
expect 'fffff8' kd -c 's -a nt L10 MZ; q'
expect_code 1 'more than 256 MiB' kd -c 's 0 L20000000 1; q'
expect_code 1 'wider than 1 bytes' kd -c 's nt L10 100; q'
expect_code 1 'what to search for is missing' kd -c 's nt L10; q'
expect '= 00000000`00000015' kd -c 'r $t0 = 10; r @$t1=@$t0 + 5; ? @$t1; q'
expect '$t19=0000000000000000' kd -c 'r $t19; q'
expect_code 1 "no register is named '\$t20'" kd -c '? @$t20; q'
expect_code 1 'cannot be changed' kd -c 'r rax=1; q'
expect_code 1 'there is no processor 7' kd -c '~7s; q'
expect ' : Args to Child                                                           : Call Site' kd -c "kv $thread; q"

seed=$shared/seed/event-deadlock.md
if ! [ -f "$seed" ]; then
	echo "not compared with the walk-through, which is not here ($seed)"
	verdict
	exit 0
fi
# Addresses, list links and the width of blanks differ; nothing else does.
normalise() { sed -e 's/0x[0-9a-f]\{8\}`[0-9a-f]\{8\}/ADDRESS/g' -e 's/[0-9a-f]\{16\}/ADDRESS/g' -e 's/ *$//' "$1"; }
compare() { # NAME: $scratch/ours and $scratch/theirs
	normalise "$scratch/ours" >"$scratch/ours.n"
	normalise "$scratch/theirs" >"$scratch/theirs.n"
	if [ -s "$scratch/theirs.n" ] && diff "$scratch/theirs.n" "$scratch/ours.n" >"$scratch/diff"; then
		echo "ok: $1 as in the walk-through"
	else
		echo "FAILED: $1 differs from the walk-through:"
		cat "$scratch/diff"
		failures=$((failures + 1))
	fi
}
echo '# against the walk-through'
sed -n '/^dt -r1 nt!_KEVENT/,/^Number of waiters/p' "$seed" >"$scratch/theirs"
kd -c "!mex.evt $event; q" | sed -n '/^dt -r1 nt!_KEVENT/,/^Number of waiters/p' >"$scratch/ours"
compare evt
# Titles, whose widths follow their cells.
titles() { # COMMAND TITLE-PATTERN
	grep -m 1 "$2" "$seed" | tr -s ' ' >"$scratch/theirs"
	kd -c "$1; q" | grep -m 1 "$2" | tr -s ' ' >"$scratch/ours"
	compare "the titles of $1"
}
titles 'tl' '^PID  *Address'
titles 'p' '^Name  *Address'
titles 'p' '^ *VM  *Peak'
titles "t $thread" '^Process  *Thread  *CID'
titles "t $thread" '^ *Object  *Type  *Other Waiters'
titles "t $thread" '^ *Current Base Decrement'
titles "t $thread" '^# Child-SP'
titles "obj -waiters $event" '^Process Thread  *Id CSwitches'
# The block of di: the same labels in the same order.
labels() { sed -n '/^Computer Name:/,/^Bugcheck:/p' "$1" | sed -e 's/\(:\| =\).*//' -e 's/^\(Windows [0-9]*\) Kernel.*/\1/' -e 's/ PsLoaded.*//'; }
kd -c 'di; q' >"$scratch/di"
labels "$seed" >"$scratch/theirs"
labels "$scratch/di" >"$scratch/ours"
compare 'the lines of di'
verdict
