/* The executive's start: what exists before threads do, and the first thread, which starts everything that may wait. */
#include "ex.h"
#include "exp.h"
#include "io.h"
#include "hal.h"
#include "kd.h"
#include "ke.h"
#include "mm.h"
#include "rtl.h"

#define IO1_INITIALIZATION_FAILED 0x69u

BOOLEAN ExInitSystem(VOID)
{
	ExpInitializeWorkQueue();
	return ExpCreateTypes();
}

VOID Phase1Initialization(PVOID LoaderBlock)
{
	DbgPrint("Impasse lab kernel %u.%u.%u (%s), %I64u MB\n", NtMajorVersion, NtMinorVersion, NtBuildNumber & 0xffff, NtBuildLabEx,
		 (ULONG64)MmNumberOfPhysicalPages * PAGE_SIZE / 1048576);
	KeStartAllProcessors();
	if (!ExpInitializeWorkers())
		KeBugCheck(PHASE1_INITIALIZATION_FAILED);
	if (!IoInitSystem(LoaderBlock))
		KeBugCheck(IO1_INITIALIZATION_FAILED);
	DbgPrint("Ready %I64u us after the loader's first instruction\n", HalpMicrosecondsSinceBoot());
}
