#!/bin/sh
# The process that reads the dump, as the real program starts it: it is in the sandbox, Ctrl-C reaches it, and its crash is told and not more than that.
# Usage: worker.sh BUILD. The dump is the real one in IMPASSE_SHARED.
set -eu
impasse=$1/impasse
dump=${IMPASSE_SHARED:-$(dirname "$0")/../../../shared}/data/windows/triage_x64.dmp
[ -f "$dump" ] || { echo "skipped: no $dump (IMPASSE_SHARED says where it is)"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
has_seccomp=
check() { # WHAT CONDITION...
	what=$1
	shift
	if "$@"; then echo "ok: $what"; else echo "FAILED: $what"; failures=$((failures + 1)); fi
}
status() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$2/status"; }

# A session that waits for commands: the front, and its child, the worker.
begin() {
	rm -f "$scratch/commands"
	mkfifo "$scratch/commands"
	"$impasse" -z "$dump" "$@" <"$scratch/commands" >"$scratch/output" 2>&1 &
	front=$!
	exec 3>"$scratch/commands"
	echo '.echo ready' >&3
	await ready
	worker=$(cat "/proc/$front/task/$front/children")
	worker=${worker%% *}
}
await() { # TEXT: until it is in the output, or the session has ended
	for i in $(seq 1000); do
		! grep -q "$1" "$scratch/output" || return 0
		kill -0 "$front" 2>/dev/null || return 0
		sleep 0.02
	done
}
end() { # the session's exit code in $code
	exec 3>&-
	code=0
	wait "$front" || code=$?
}

begin
echo 'version' >&3
await Sandbox
if grep -q 'Sandbox: Landlock ABI .*seccomp: on\|; seccomp: on' "$scratch/output"; then
	check 'the worker has a seccomp filter' [ "$(status Seccomp "$worker")" = 2 ]
	check 'the front has none' [ "$(status Seccomp "$front")" = 0 ]
	has_seccomp=yes
	check 'the worker cannot get new privileges' [ "$(status NoNewPrivs "$worker")" = 1 ]
else
	echo "skipped: this kernel has no seccomp ($(sed -n 's/^Sandbox: //p' "$scratch/output"))"
fi
echo ".logopen $scratch/log" >&3
echo '.echo logged' >&3
echo ".echo piped | cat >$scratch/piped" >&3
echo '.logclose' >&3
await Closing
check 'the front still writes logs' grep -q logged "$scratch/log"
check 'and runs shells that write' grep -q piped "$scratch/piped"
end
check 'the end of the commands ends the session' [ "$code" = 0 ]

begin
echo 's -q 0 L?ffffffffffff 1122334455667788; .echo next' >&3
until [ "$(status State "$worker" | cut -c1)" = R ]; do sleep 0.02; done
kill -INT "$front"
await interrupted
check 'an interrupt stops a long command' grep -q interrupted "$scratch/output"
check 'and the commands behind it on the line' [ "$(grep -c next "$scratch/output")" = 0 ]
end

begin
# The sanitizers take a segmentation fault for themselves.
kill -ABRT "$worker"
echo '.echo dead' >&3
end
check 'a crash of the worker is told' grep -q 'the process that reads the dump crashed.*signal 6' "$scratch/output"
check 'and is the exit code' [ "$code" = 134 ]

begin --no-sandbox
echo 'version' >&3
await Sandbox
check '--no-sandbox leaves it open, and says so' grep -q 'Sandbox: off' "$scratch/output"
check 'the worker has no seccomp filter' [ "$(status Seccomp "$worker")" = "$(status Seccomp "$front")" ]
kill -KILL "$front"
wait "$front" || true
exec 3>&-
gone() { # a zombie that nobody has waited for yet is gone too
	for i in $(seq 100); do
		[ -d "/proc/$1" ] && [ "$(status State "$1" | cut -c1)" != Z ] || return 0
		sleep 0.02
	done
	return 1
}
check 'the worker does not outlive the front' gone "$worker"

# convert has a process of its own read the dump, too. There is enough to read for as long as it takes to look at it.
truncate -s 64G "$scratch/zeros"
"$impasse" convert "$scratch/zeros" "$scratch/converted" --type raw 2>/dev/null &
front=$!
reader=
for i in $(seq 500); do
	reader=$(cut -d' ' -f1 "/proc/$front/task/$front/children" 2>/dev/null || true)
	if [ -n "$reader" ] && { [ -z "$has_seccomp" ] || [ "$(status Seccomp "$reader")" = 2 ]; }; then break; fi
	sleep 0.02
done
[ -z "$has_seccomp" ] || check 'the process that convert has read the dump has a seccomp filter' [ "$(status Seccomp "$reader")" = 2 ]
check 'the one that names the file has none' [ "$(status Seccomp "$front")" = 0 ]
kill -KILL "$reader"
code=0
wait "$front" || code=$?
check 'its crash is a failure' [ "$code" = 1 ]
check 'that leaves no file' [ -z "$(find "$scratch" -name '*converted*')" ]
[ "$failures" = 0 ]
