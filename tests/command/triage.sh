#!/bin/sh
# A real triage dump, its kernel's symbols from an ISF table: what the commands say of it, and that the rest is said in a sentence.
# Usage: triage.sh none (no lab). IMPASSE_CHECKED, when set, is a program with sanitizers that reads it instead.
. "$(dirname "$0")/../e2e/common.sh"

dump=$shared/data/windows/triage_x64.dmp
[ -r "$dump" ] || { echo "$dump is not there: not tested"; exit 77; }
program=${IMPASSE_CHECKED:-$build/impasse}
kd() { timeout 60 "$program" -z "$dump" -y "$shared/data/windows" -c "$1; q" </dev/null; }
# A folder without symbols: neither the ISF nor an image is found.
mkdir "$scratch/bare" && cp "$dump" "$scratch/bare/triage.dmp"
bare() { timeout 60 "$program" -z "$scratch/bare/triage.dmp" -y "$scratch/bare" -c "$1; q" </dev/null; }

echo '# modules, compared with what a few lines of Python read'
expect '151 modules and 4 unloaded ones agree' python3 "$(dirname "$0")/triage_modules.py" "$dump" "$program" "$shared/data/windows"
# Microsoft's debugger names this module for the address of the crash.
expect 'fffff804`8b580000 fffff804`8b5bb000   amdppm' kd 'lm m amdppm'
expect 'fffff804`79d30000 fffff804`79d42000   WdBoot.sys' kd lm
expect 'Image path: \SystemRoot\system32\ntoskrnl.exe' kd 'lmvm nt'
[ "$(kd 'lmvm nt' | grep -cE '^    (Image path|Image name|Timestamp|ImageSize): ')" = 4 ] || { echo 'FAILED: lmvm has no lines of its own'; failures=$((failures + 1)); }

expect 'amdppm     \SystemRoot\System32\drivers\amdppm.sys' kd 'lmf m amdppm'
expect 'amdppm     amdppm.sys (C9C03000)' kd 'lm t n m amdppm'
expect 'nt         (isf symbols)' kd 'lm nt'
[ "$(kd 'lm o' | grep -c 'Unloaded')" = 0 ] || { echo 'FAILED: lm o lists what was unloaded'; failures=$((failures + 1)); }

echo '# what it is of'
expect 'Edition build lab: 19041.1.amd64fre.vb_release.191206-1406' kd di
expect 'Kernel base = 0xfffff804`7ba00000 PsLoadedModuleList = 0xfffff804`7c62a390' kd di
expect 'Computer Name:  Not Found' kd di

echo '# the crash'
expect 'Bugcheck code 1000007E' kd .bugcheck
expect 'Name SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_M' kd .bugcheck
expect 'Probably caused by : amdppm.sys ( amdppm+0x334c )' kd '!analyze'
for text in 'Arg1: ffffffffc0000005, exception code (STATUS_ACCESS_VIOLATION)' 'ExceptionAddress: fffff8048b58334c (amdppm+0x334c)' \
	'Attempt to write to address ffffffffffffffff' 'rip=fffff8048b58334c rsp=ffff850429892120 rbp=fffff8048b58f598' \
	'43891401        mov     dword ptr [r9+r8],edx' 'PROCESS_NAME:  System' 'nt!PnpDeviceActionWorker+0x4cc [scanned' \
	'FAILURE_BUCKET_ID:  AV_amdppm!unknown_function' 'Probably caused by : amdppm.sys ( amdppm+0x334c )'; do
	expect "$text" kd '!analyze -v'
done
expect 'ExceptionCode: c0000005 (Access violation)' kd '.exr -1'
expect 'rip=fffff8048b58334c' kd '.ecxr'
expect 'nt!KiStartSystemThread+0x28 [scanned' kd k
expect '[scanned] marks words on the stack that are no proven frames' kd k
expect 'Resetting default scope' kd '.cxr ffff850429891720; .cxr'
expect_code 1 'no context record lies at' kd '.cxr ffff850429891ee8'

echo '# the blocks that it has'
expect 'Current ffffc08bde9e1640' kd '!prcb'
expect '15 23,113,0 AuthenticAMD 3593' kd '!cpuinfo'
expect 'Image: System' kd '!process -1 0'
expect 'THREAD ffffc08bde9e1640  Cid 0004.0108' kd '!thread'
expect 'nt!ExpWorkerThread' kd '!thread'
expect '{67FC721A-2852-4F62-A3B1-2AFC53953777} - 0x44 bytes' kd '.enumtag'

echo '# other processors'
expect 'nt!KseQueryDeviceData+0xcc [scanned' kd '~5s; r; k'
expect 'amdppm+0x313f [scanned]' kd kv
expect 'amdppm+0x313f [scanned]' kd kf

echo '# what it lacks is no zero'
expect_code 1 'the control region of processor 0 (!prcb shows its control block): cannot read _KPCR' kd '!pcr'
expect '  5    ffff9b00026c0180  ffffc08bdfbac080 ( ?)' kd '!running'
expect '"priority":null' timeout 60 "$program" --json -z "$dump" -y "$shared/data/windows" -c '!running; q'
expect_code 1 'does not hold the whole list' kd lt
expect_code 1 'there is no processor 99 in this dump' kd '!prcb 99'
expect 'Arg1: 0000000000000001' kd '!analyze -show 12345 1'
for command in 'us -a' '!stacks' '!irpfind' '!process 0 7'; do
	expect 'Note: threads of process ffffc08bdce94180: a small memory dump does not hold the whole list' kd "$command"
done
kd '!ready' >"$scratch/ready" 2>&1
grep -q '^Processor 1: No threads in READY state' "$scratch/ready" && ! grep -q '^Processor [05]: No threads' "$scratch/ready" ||
	{ echo 'FAILED: !ready: queues that the dump does not hold are not empty'; failures=$((failures + 1)); }
kd '!timer' >"$scratch/timers" 2>&1
[ "$(grep -c '^Note: ' "$scratch/timers")" -le 3 ] || { echo 'FAILED: !timer: a wall of notes'; failures=$((failures + 1)); }

echo '# the rest is said once'
expect_code 1 'its page table is not in this dump' kd '!vtop 0 fffff8047ba00000'
expect_code 1 'holds only a few blocks of memory, and this is not among them' kd 'db nt!KiBugCheckData'
kd 'p; us -a; !running' >"$scratch/notes" 2>&1 || true
notes=$(grep -c '^Note: ' "$scratch/notes" || true)
[ "$notes" -le 3 ] || { echo "FAILED: $notes notes for three commands"; failures=$((failures + 1)); }
expect_code 1 'holds blocks of virtual memory and no physical pages' "$program" convert "$dump" "$scratch/out" --type raw

echo '# without symbols'
expect 'Probably caused by : amdppm.sys ( amdppm+0x334c )' bare '!analyze -v'
expect 'rip=fffff8048b58334c' bare r
expect 'amdppm   ' bare lm
expect_code 1 'time stamp 0D8333E6' bare tl
verdict
