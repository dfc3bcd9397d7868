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
compare() { # FILE, and `env` options that take out the readers which do not know its format
	file=$1
	shift
	expect '0 differences' env "$@" python3 "$here/compare.py" "$build/impasse" "$build/lab" "$file"
	cat "$scratch/output"
}
compare "$dump"

# What is made of it: Volatility knows no dump of the kernel's pages (type 6), kdmp-parser only Windows' formats.
for type in full bitmap kernel raw elf; do
	expect 'pages' impasse convert "$dump" "$scratch/$type" --type $type
	case $type in
	kernel) [ -z "${IMPASSE_KDMP_PARSER:-}" ] || compare "$scratch/$type" -u IMPASSE_VOLATILITY ;;
	raw | elf) [ -z "${IMPASSE_VOLATILITY:-}" ] || compare "$scratch/$type" -u IMPASSE_KDMP_PARSER ;;
	*) compare "$scratch/$type" ;;
	esac
	rm "$scratch/$type"
done
verdict
