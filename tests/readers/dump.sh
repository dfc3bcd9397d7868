#!/bin/sh
# Do other readers see in a lab dump what impasse sees? Usage: dump.sh ACCEL. Each reader takes part where its variable says where it is:
# IMPASSE_VOLATILITY (Volatility 3's vol.py), IMPASSE_KDMP_PARSER (kdmp-parser's program). Skipped without either.
. "$(dirname "$0")/../e2e/common.sh"
here=$source/tests/readers
if [ -z "${IMPASSE_VOLATILITY:-}${IMPASSE_KDMP_PARSER:-}" ]; then
	echo "skipped: neither IMPASSE_VOLATILITY nor IMPASSE_KDMP_PARSER says where a reader is"
	exit 77
fi

# Drivers loaded and unloaded, threads in both, 1000 files behind them: lists with something in them.
lab_up
install_driver "$build/drivers/event_deadlock.sys" TestDriver.sys
expect '[SC] CreateService SUCCESS' impasse sc create TestDrv type= kernel 'binPath= C:\drivers\TestDriver.sys'
for round in first second; do
	expect 'RUNNING' impasse sc start TestDrv
	expect '' impasse lab wait TestDrv
	[ $round = second ] || expect 'STOPPED' impasse sc stop TestDrv
done
dump=$scratch/MEMORY.DMP
expect '' impasse dump -o "$dump"
expect '' impasse lab down
expect '0 differences' python3 "$here/compare.py" "$build/impasse" "$build/lab" "$dump"
cat "$scratch/output"
verdict
