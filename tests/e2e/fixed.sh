#!/bin/sh
# The healthy twin: every file ends up in C:\Temp2, no thread is left, and the driver unloads.
. "$(dirname "$0")/common.sh"

lab_up
install_driver "$build/drivers/event_deadlock_fixed.sys" Fixed.sys
expect '[SC] CreateService SUCCESS' impasse sc create Fixed type= kernel 'binPath= C:\drivers\Fixed.sys'
expect 'RUNNING' impasse sc start Fixed
expect 'No thread of Fixed is left' impasse lab wait Fixed --timeout 900
expect_files 0 1500 'file_*.txt' "$c/Temp"
expect_files 1000 1500 'NewFile_*.txt' "$c/Temp2"
expect 'STOPPED' impasse sc stop Fixed
expect '' impasse dump -o "$scratch/dump"
expect_code 0 'Threads matching filter: 0 out of' impasse -z "$scratch/dump" -c 'us Fixed; q'
expect_code 0 'Nothing is stuck' impasse hang "$scratch/dump"
expect '[SC] DeleteService SUCCESS' impasse sc delete Fixed
verdict
