#!/bin/sh
# A lab dump in every format that can be written, and back: the answers stay the same. Memory without a header is opened by finding the kernel.
. "$(dirname "$0")/../command/take_dump.sh"
unset _NT_SYMBOL_PATH

answers() { impasse -y "$build/lab;$build/drivers" -z "$1" -c 'di; lm; us TestDriver; q'; }
# same NAME FILE EXPECTED
same() {
	answers "$2" >"$scratch/$1.txt" 2>&1 || true
	if cmp -s "$scratch/$1.txt" "$3"; then
		echo "ok: $1 gives the same answers"
	else
		printf '%s\n' "FAILED: $1 gives other answers:"
		diff "$3" "$scratch/$1.txt" || true
		failures=$((failures + 1))
	fi
}

answers "$good" >"$scratch/good.txt"
grep -q 'Threads matching filter: ' "$scratch/good.txt" || { cat "$scratch/good.txt"; exit 1; }
# A bugcheck is told by the dump's header only; the machine was running.
sed 's/^Bugcheck: 161 /Bugcheck: 0 /' "$scratch/good.txt" >"$scratch/headless.txt"

for type in full bitmap elf raw; do
	expect 'pages' impasse convert "$good" "$scratch/$type" --type $type
done
for type in full bitmap elf; do
	same $type "$scratch/$type" "$scratch/good.txt"
done
same raw "$scratch/raw" "$scratch/headless.txt"
python3 "$source/tests/e2e/five_levels.py" "$scratch/raw" "$scratch/five"
same raw-with-five-levels "$scratch/five" "$scratch/headless.txt"
expect 'PML5E at' impasse -y "$build/lab" -z "$scratch/five" -c '!pte nt; q'
rm "$scratch/five"
expect 'Last event: none: the machine had not crashed' impasse -y "$build/lab" -z "$scratch/raw" -c '.lastevent; q'

# And back: what is left of the first dump besides the bytes of its own header is its pages.
for type in bitmap elf; do
	expect 'pages' impasse convert "$scratch/$type" "$scratch/back" --type full --force
	expect 'identical' sh -c 'cmp "$0" "$1" && echo identical' "$scratch/full" "$scratch/back"
done
expect 'pages' impasse convert "$scratch/raw" "$scratch/back" --type full --force -y "$build/lab"
same raw-full "$scratch/back" "$scratch/headless.txt"
expect 'pages' impasse convert "$scratch/raw" "$scratch/core" --type elf
same raw-elf "$scratch/core" "$scratch/headless.txt"

# The kernel's pages only: what is read by physical address (the machine's make) is not among them, the rest is.
expect 'pages' impasse convert "$good" "$scratch/kernel" --type kernel
expect 'live kernel memory dump with page bitmap' impasse -z "$scratch/kernel" --json -c 'di; q'
for dump in good.dmp kernel; do
	impasse -y "$build/lab;$build/drivers" -z "$scratch/$dump" -c 'lm; us TestDriver; us System; q' >"$scratch/${dump%.dmp}.threads"
done
expect 'same threads' sh -c 'cmp "$0" "$1" && echo same threads' "$scratch/good.threads" "$scratch/kernel.threads"

# Pages of zeros take no room, and most of a small machine's memory is zero.
if [ "$(du -k "$scratch/full" | cut -f1)" -lt $(($(stat -c %s "$scratch/full") / 2048)) ]; then
	echo "ok: the output is sparse"
else
	echo "FAILED: the output is not sparse"
	failures=$((failures + 1))
fi

# Readers that are not ours, where they are at hand.
if command -v llvm-readelf-19 >/dev/null; then
	expect 'VMCOREINFO' llvm-readelf-19 -n "$scratch/elf"
	expect 'CORE (Core file)' llvm-readelf-19 -h "$scratch/elf"
fi
if command -v file >/dev/null; then
	expect 'MS Windows 64bit crash dump' file "$scratch/full" "$scratch/bitmap"
fi
for type in full bitmap; do
	[ -z "${IMPASSE_KDMP_PARSER:-}" ] || expect 'rip=' "$IMPASSE_KDMP_PARSER" "$scratch/$type"
done

# Nothing is overwritten unasked, and nothing is left of what fails.
echo precious >"$scratch/kept"
expect_code 1 'exists; --force replaces it' impasse convert "$good" "$scratch/kept" --type raw
expect 'precious' cat "$scratch/kept"
head -c 2097152 /dev/zero >"$scratch/zeros"
expect_code 1 'no Windows kernel in this file' impasse "$scratch/zeros" -c q
expect_code 1 'no Windows kernel in this file' impasse convert "$scratch/zeros" "$scratch/none" --type full
expect_code 1 'is no type of dump' impasse convert "$good" "$scratch/none" --type vhd
expect_code 1 'usage: impasse convert' impasse convert "$good"
expect_code 1 'is not a regular file' impasse convert "$good" "$scratch" --type raw --force
expect_code 1 'cannot write' sh -c 'ulimit -f 8; trap "" XFSZ; exec "$0" convert "$1" "$2" --type bitmap' "$build/impasse" "$good" "$scratch/none"
# Who reads the dump is in a sandbox (seccomp's filter mode is 2); being ended from outside leaves nothing either.
truncate -s 64G "$scratch/large"
for signal in TERM KILL; do
	"$build/impasse" convert "$scratch/large" "$scratch/none" --type raw >/dev/null 2>&1 &
	converting=$!
	tries=0 mode=
	while [ "$mode" != 2 ] && [ $tries -lt 500 ] && kill -0 $converting 2>/dev/null; do
		reader=$(cat "/proc/$converting/task/$converting/children" 2>/dev/null)
		mode=$(sed -n 's/^Seccomp:[^0-9]*//p' "/proc/${reader%% *}/status" 2>/dev/null || true)
		tries=$((tries + 1))
	done
	kill -$signal $converting 2>/dev/null || true
	wait $converting || true
	[ "$mode" = 2 ] && echo "ok: the dump is read in a sandbox" || { echo "FAILED: the dump is read outside a sandbox"; failures=$((failures + 1)); }
	# What SIGKILL ends cannot clean up: there the file must have had no name, where the file system can do that.
	if [ $signal = KILL ] && ! python3 -c 'import os, sys; os.open(sys.argv[1], os.O_TMPFILE | os.O_RDWR)' "$scratch" 2>/dev/null; then
		find "$scratch" -name '.none.*' -delete
	fi
done
rm "$scratch/large"
if [ -e "$scratch/none" ] || ls "$scratch"/.none.* "$scratch"/.kept.* >/dev/null 2>&1; then
	echo "FAILED: something is left of a conversion that failed"
	failures=$((failures + 1))
fi
verdict
