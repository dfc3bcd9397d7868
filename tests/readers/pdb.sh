#!/bin/sh
# Is the kernel's PDB one that readers know: the types that Volatility insists on, the symbols that its plugins ask for, no nested types?
set -eu
pdb=$IMPASSE_BUILD/lab/ntkrnlmp.pdb
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

"$PDBUTIL" dump -types "$pdb" >"$scratch/types"
"$PDBUTIL" dump -publics "$pdb" >"$scratch/publics"

# A complete type is one with a field list.
complete() {
	grep -A 2 -E "LF_(STRUCTURE|UNION).*\`$1\`" "$scratch/types" | grep -q 'field list: 0x'
}
for type in _ETHREAD _KTHREAD _LIST_ENTRY _EPROCESS _ERESOURCE _UNICODE_STRING _EX_FAST_REF _TOKEN _OBJECT_HEADER _FILE_OBJECT _DEVICE_OBJECT \
	_CM_KEY_BODY _CMHIVE _CM_KEY_NODE _CM_KEY_VALUE _HMAP_ENTRY _MMVAD_SHORT _MMVAD _KSYSTEM_TIME _KMUTANT _DRIVER_OBJECT _OBJECT_SYMBOLIC_LINK \
	_CONTROL_AREA _SHARED_CACHE_MAP _VACB _POOL_TRACKER_BIG_PAGES _POOL_HEADER _IMAGE_DOS_HEADER _IMAGE_NT_HEADERS64 _KTIMER _HANDLE_TABLE_ENTRY \
	_OBJECT_HEADER_CREATOR_INFO _OBJECT_HEADER_NAME_INFO _OBJECT_HEADER_HANDLE_INFO _OBJECT_HEADER_QUOTA_INFO _OBJECT_HEADER_PROCESS_INFO \
	_OBJECT_HEADER_AUDIT_INFO _OBJECT_HEADER_EXTENDED_INFO _OBJECT_HEADER_PADDING_INFO _KDDEBUGGER_DATA64 _DBGKD_GET_VERSION64; do
	complete "$type" || fail "$type is not in $pdb"
done
for symbol in KdDebuggerDataBlock KdVersionBlock KeNumberProcessors KiProcessorBlock MmLastUnloadedDriver MmUnloadedDrivers ObHeaderCookie \
	ObTypeIndexTable ObpCaptureHandleInformationEx PoolBigPageTable PoolBigPageTableSize PsActiveProcessHead PsLoadedModuleList; do
	grep -q "\`$symbol\`" "$scratch/publics" || fail "$symbol is not in $pdb"
done
if grep -q LF_NESTTYPE "$scratch/types"; then
	fail "$pdb has nested types; their members in the kernel's headers:"
	grep -B 1 LF_NESTTYPE "$scratch/types" | grep -o 'name = `[^`]*`' | grep -v '``'
fi
[ $failures -eq 0 ]
