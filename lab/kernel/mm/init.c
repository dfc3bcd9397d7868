/* The memory manager's beginning: takes over the loader's address space and memory map. */
#include "kd.h"
#include "ke.h"
#include "mi.h"
#include "rtl.h"
#include "../hal/x64.h"

static LOADER_PARAMETER_BLOCK MiLoaderBlock;
NTKERNELAPI PLOADER_PARAMETER_BLOCK KeLoaderBlock;
NTKERNELAPI PVOID MmBadPointer;

VOID MmInitSystem(PLOADER_PARAMETER_BLOCK LoaderBlock)
{
	if (LoaderBlock->Size != sizeof(*LoaderBlock))
		KeBugCheckEx(MEMORY_MANAGEMENT, 0x1015, LoaderBlock->Size, sizeof(*LoaderBlock), 0);
	MiLoaderBlock = *LoaderBlock;
	KeLoaderBlock = &MiLoaderBlock;
	/* The loader and its identity map go: from here on a null pointer faults. */
	((PMMPTE)MI_PXE_BASE)->u.Long = 0;
	HalpWriteCr3(HalpReadCr3());
	MiInitializePfnDatabase(KeLoaderBlock);
	MiReleaseLoaderMemory(KeLoaderBlock);
	MiInitializePool();
	/* A page that is never mapped. */
	MmBadPointer = MiReserveRange(&MiSystemPteRegion, 1);
}
