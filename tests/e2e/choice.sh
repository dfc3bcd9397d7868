#!/bin/sh
# Left to itself, the lab takes KVM exactly where the kernel boots under it, and says which accelerator it took, or why not KVM.
. "$(dirname "$0")/common.sh"

works=no
if impasse lab up --accel kvm >/dev/null 2>&1; then works=yes; fi
impasse lab down >/dev/null 2>&1
if [ $works = yes ]; then
	expect 'running under KVM' impasse lab up
	expect '"accelerator": "kvm"' impasse lab status --json
else
	expect 'no KVM here' impasse lab up
	expect '"accelerator": "tcg"' impasse lab status --json
fi
expect 'has ended' impasse lab down
verdict
