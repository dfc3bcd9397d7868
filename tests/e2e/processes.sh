#!/bin/sh
# Processes besides System: `tl` lists the one that runs and counts those that have ended while somebody holds a handle to them (zombies); when the
# handles are closed they are gone. tests/drivers/processes.c makes them.
. "$(dirname "$0")/common.sh"

lab_up
"$source/tools/build-driver" -o "$scratch/processes.sys" "$source/tests/drivers/processes.c"
expect '[SC] CreateService SUCCESS' impasse sc create processes type= kernel binPath= "$scratch/processes.sys"
expect 'RUNNING' impasse sc start processes
expect ' 0 failed' impasse lab log
expect '' impasse lab wait processes
expect '' impasse dump -o "$scratch/with.dmp"
expect 'STOPPED' impasse sc stop processes
expect '' impasse dump -o "$scratch/without.dmp"
expect '' impasse lab down

expect 'Zombie process(es) detected (not displayed). Count: 2 ' impasse "$scratch/with.dmp" -c 'tl; q'
expect '"zombies":2' impasse "$scratch/with.dmp" --json -c 'tl; q'
expect '2 processes' sh -c '"$0" "$1" -c "tl; q" | grep -c "^0x" | sed "s/$/ processes/"' "$build/impasse" "$scratch/with.dmp"
# The one that runs has a thread that is in the driver.
expect 'processes!RunningThread+0x' impasse "$scratch/with.dmp" -c '!process 0 7; q'
expect '"zombies":0' impasse "$scratch/without.dmp" --json -c 'tl; q'
expect '1 processes' sh -c '"$0" "$1" -c "tl; q" | grep -c "^0x" | sed "s/$/ processes/"' "$build/impasse" "$scratch/without.dmp"
verdict
