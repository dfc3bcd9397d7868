#!/bin/sh
# A lab's life: up, seen by every command, down, and nothing left; also when it is interrupted or loses a process.
. "$(dirname "$0")/common.sh"

expect 0 'none' lab status
expect 0 'No lab is running' lab down
expect 1 'no lab is running' lab threads
expect 0 'ready in' lab up --accel tcg --memory 64
qemu=$(status pid) supervisor=$(status supervisor_pid)
running "$qemu" || fail "QEMU does not run"
[ "$(stat -c %a "$IMPASSE_LAB")" = 700 ] || fail "the lab's folder is open to others"
[ -d "$IMPASSE_LAB/c/Windows/System32/drivers" ] || fail "the default C: has no drivers folder"
expect 0 'running' lab status
expect 1 'already running' lab up --accel tcg
expect 0 'Executive' lab threads
expect 0 '"result": "blocked"' lab wait Some --json
expect 0 '"tid": 1,' lab wait Many --json
expect 3 'Timed out' lab wait Busy --timeout 0.3
expect 1 'no driver' lab wait Gone
expect 1 'no such command' lab frobnicate
expect 1 'no such option' lab status --frobnicate

# A second lab elsewhere, in a folder whose path is longer than a socket's address.
long=$scratch/$(printf 'a%.0s' $(seq 100))/$(printf 'b%.0s' $(seq 100))
mkdir -p "$long"
(
	IMPASSE_LAB=$long/lab
	expect 0 'ready in' lab up --accel tcg --memory 64
	expect 0 'Executive' lab threads
	expect 0 'has ended' lab down
	verdict
) || failures=$((failures + 1))
expect 0 'running' lab status

lab log -f >"$scratch/followed" &
follower=$!
echo 'a line of the kernel' >>"$IMPASSE_LAB/console.log"
expect 0 'a line of the kernel' lab log
expect 0 'has ended' lab down
gone $follower || fail "log -f goes on after the lab has ended"
grep -q 'a line of the kernel' "$scratch/followed" || fail "log -f misses a line"
running "$qemu" && fail "QEMU still runs after down"
running "$supervisor" && fail "the supervisor still runs after down"
[ ! -e "$IMPASSE_LAB/state.json" ] || fail "state.json is left"
[ -z "$(find "$IMPASSE_LAB" -type s)" ] || fail "sockets are left"
[ -e "$IMPASSE_LAB/console.log" ] && [ -d "$IMPASSE_LAB/c" ] || fail "console.log or C: is gone"

# QEMU dies.
expect 0 'ready in' lab up --accel tcg
qemu=$(status pid) supervisor=$(status supervisor_pid)
kill -9 "$qemu"
gone "$supervisor" || fail "the supervisor survives QEMU"
expect 0 'none' lab status
expect 0 'ready in' lab up --accel tcg
# The supervisor dies.
qemu=$(status pid) supervisor=$(status supervisor_pid)
kill -9 "$supervisor"
gone "$qemu" || fail "QEMU survives the supervisor"
expect 1 'no lab is running' lab threads
[ ! -e "$IMPASSE_LAB/state.json" ] || fail "state.json of a dead lab is left"
# The folder is removed: nobody could end the machine any more, so it ends.
expect 0 'ready in' lab up --accel tcg
qemu=$(status pid) supervisor=$(status supervisor_pid)
rm -rf "$IMPASSE_LAB"
gone "$qemu" && gone "$supervisor" || fail "a machine without a folder runs on"
mkdir -m 700 "$IMPASSE_LAB"
# A record of processes whose numbers others have now.
cat >"$IMPASSE_LAB/state.json" <<END
{"version": 1, "supervisor": {"pid": $$, "start": 1}, "qemu": {"pid": $$, "start": 1}}
END
expect 0 'none' lab status
# A damaged record.
echo '{' >"$IMPASSE_LAB/state.json"
expect 1 'damaged' lab status
rm "$IMPASSE_LAB/state.json"

# The output of `up` ends with `up`, although the lab runs on.
timeout 10 sh -c '"$LAB_PROGRAM" lab up --accel tcg | cat' >/dev/null || fail "a pipe stays open while the lab runs"
expect 0 'has ended' lab down

# Interrupted while it boots.
for signal in INT TERM KILL; do
	# The shell has background jobs ignore SIGINT.
	FAKE_QEMU=kvm-silent env --default-signal=INT "$LAB_PROGRAM" lab up --accel kvm >"$scratch/output" 2>&1 &
	up=$!
	for _ in $(seq 100); do
		[ -S "$IMPASSE_LAB/control.sock" ] && break
		sleep 0.02
	done
	children=$(grep -l "$IMPASSE_QEMU" /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3 || true)
	kill -$signal $up
	wait $up && fail "lab up succeeds although it was interrupted"
	for pid in $children; do
		grep -q "$IMPASSE_LAB_IMAGE" "/proc/$pid/cmdline" 2>/dev/null || continue
		gone "$pid" || fail "QEMU (process $pid) runs on after SIG$signal"
	done
	expect 0 'none' lab status
done
verdict
