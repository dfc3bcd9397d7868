#!/bin/sh
# Dumps that fail leave what was there: no space, a limit, a writer that lies, a target that is no file.
. "$(dirname "$0")/common.sh"

target=$scratch/out/MEMORY.DMP
mkdir "$scratch/out"
echo PAGEDU64 precious >"$target"
kept() { # the old file is there, and nothing else
	[ "$(cat "$target")" = "PAGEDU64 precious" ] || fail "the file that was there is lost: $*"
	[ "$(find "$scratch/out" -mindepth 1 | wc -l)" = 1 ] || fail "a half file is left: $*"
}
# Whether the file system has files without a name.
unnamed_files() { python3 -c 'import os, sys; os.open(sys.argv[1], os.O_TMPFILE | os.O_RDWR)' "$1" 2>/dev/null; }

expect 1 'no lab is running' dump -o "$target"
for fault in short-dump lying-dump no-header; do
	FAKE_QEMU=$fault lab up --accel tcg --memory 64 >/dev/null
	case $fault in
	short-dump) expect 1 'No space left on device: the dump needs 64.0 MiB' dump -o "$target" ;;
	lying-dump) expect 1 'whose header says' dump -o "$target" ;;
	no-header) expect 1 'QEMU refuses dump-guest-memory' dump -o "$target" ;;
	esac
	kept $fault
	expect 0 'running' lab status
	lab down >/dev/null
done

# A limit on file sizes that the machine was started under fails the dump, not the machine.
(ulimit -f 4096 && lab up --accel tcg --memory 64 >/dev/null)
expect 1 'the dump needs 64.0 MiB' dump -o "$target"
kept "file size limit"
expect 0 'running' lab status
lab down >/dev/null

# However the program ends, nothing is left of the dump that it was taking: SIGKILL lets it clean nothing up.
FAKE_QEMU=endless-dump lab up --accel tcg --memory 64 >/dev/null
for signal in INT TERM KILL; do
	env --default-signal=INT "$LAB_PROGRAM" dump -o "$target" >/dev/null 2>&1 &
	dumping=$!
	for _ in $(seq 200); do
		find "/proc/$dumping/fd" -lname "$scratch/out/*" 2>/dev/null | grep -q . && break
		sleep 0.02
	done
	find "/proc/$dumping/fd" -lname "$scratch/out/*" | grep -q . || fail "the dump that SIG$signal should end has not begun"
	kill -$signal $dumping
	wait $dumping && fail "dump succeeds although SIG$signal ended it"
	if [ $signal = KILL ] && ! unnamed_files "$scratch/out"; then
		find "$scratch/out" -name '.MEMORY.DMP.*' -delete
	fi
	kept "SIG$signal"
done
lab down >/dev/null

lab up --accel tcg --memory 64 >/dev/null
expect 1 'a folder' dump -o "$scratch/out"
expect 1 'no regular file' dump -o /dev/null
expect 1 'cannot open the folder' dump -o "$scratch/none/x.dmp"
kept "bad targets"
strange=$scratch/out/$(printf 'a,b "c"\377.dmp')
expect 0 'bugcheck 0x161' dump -o "$strange"
[ "$(stat -c %s "$strange")" = $((64 * 1024 * 1024 + 8192)) ] || fail "the dump has another size"
echo notes >"$scratch/notes.txt"
expect 1 'is no crash dump' dump -o "$scratch/notes.txt"
[ "$(cat "$scratch/notes.txt")" = notes ] || fail "a file that is no dump is overwritten"
: >"$scratch/empty.dmp"
expect 0 'bugcheck 0x161' dump -o "$scratch/empty.dmp"
ln -s "$scratch/none/x.dmp" "$scratch/out/astray"
expect 1 'leads nowhere' dump -o "$scratch/out/astray"
[ -L "$scratch/out/astray" ] || fail "a symbolic link is replaced"
ln -s MEMORY.DMP "$scratch/out/link"
expect 0 '"bugcheck": "0x161"' dump --json -o "$scratch/out/link"
[ -L "$scratch/out/link" ] && [ "$(head -c 8 "$target")" = PAGEDU64 ] || fail "a symbolic link is not followed"

# A file system that is full, where one can be mounted.
mkdir "$scratch/small"
if mount -t tmpfs -o size=8m none "$scratch/small" 2>/dev/null; then
	expect 1 'the dump needs 64.0 MiB, 8.0 MiB is free' dump -o "$scratch/small/MEMORY.DMP"
	[ -z "$(ls -A "$scratch/small")" ] || fail "something is left on the full file system"
	umount "$scratch/small"
fi
verdict
