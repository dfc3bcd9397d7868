#!/bin/sh
# Does !vtop translate as the processor does? QEMU's own page walk (monitor commands `info tlb` and `gva2gpa`) is asked while the lab runs; the dump
# of that machine must agree. Usage: paging.sh ACCEL
. "$(dirname "$0")/common.sh"

lab_up
expect 'are asked' python3 "$source/tests/e2e/qemu_pages.py" ask "$IMPASSE_LAB/qmp.sock" "$scratch/answers"
cat "$scratch/output"
expect '' impasse dump -o "$scratch/MEMORY.DMP"
expect '' impasse lab down
expect ' 0 differ' python3 "$source/tests/e2e/qemu_pages.py" compare "$build/impasse" "$scratch/MEMORY.DMP" "$scratch/answers"
cat "$scratch/output"
verdict
