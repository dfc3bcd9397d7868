/* The order in which the kernel comes up, from the loader's jump to the idle loop. */
#include "ex.h"
#include "hal.h"
#include "kd.h"
#include "ke.h"
#include "mm.h"
#include "ob.h"
#include "ps.h"

#define PHASE0_INITIALIZATION_FAILED 0x31

/* On the loader's boot stack, which becomes the idle thread's; interrupts stay off until the idle loop. */
DECLSPEC_NORETURN VOID KiSystemStartup(PLOADER_PARAMETER_BLOCK LoaderBlock)
{
	HalInitializeProcessor(0, &KiInitialPCR, &HalpInitialTables, LoaderBlock->KernelStack);
	MmInitSystem(LoaderBlock);
	HalInitSystem(KeLoaderBlock);
	KeSetBootTime(HalpQueryCmosTime());
	KiInitSystem();
	KdInitSystem(KeLoaderBlock);
	if (!ObInitSystem())
		KeBugCheckEx(PHASE0_INITIALIZATION_FAILED, 1, 0, 0, 0);
	if (!ExInitSystem())
		KeBugCheckEx(PHASE0_INITIALIZATION_FAILED, 2, 0, 0, 0);
	if (!PsInitSystem(KeLoaderBlock))
		KeBugCheckEx(PHASE0_INITIALIZATION_FAILED, 3, 0, 0, 0);
	HalInitClock();
	KiIdleLoop();
}
