/*
 * Cache-aware rundown protection: on Windows one count a processor, here one for all, which costs a little traffic between at most eight
 * processors and needs no summing up. Callers see the same calls and an opaque structure.
 */
#include "ex.h"
#include "mm.h"

typedef struct _EX_RUNDOWN_REF_CACHE_AWARE {
	EX_RUNDOWN_REF RunRef;
	BOOLEAN Allocated;
	ULONG PoolTag;
} EX_RUNDOWN_REF_CACHE_AWARE, *PEX_RUNDOWN_REF_CACHE_AWARE;

NTKERNELAPI SIZE_T ExSizeOfRundownProtectionCacheAware(VOID)
{
	return sizeof(EX_RUNDOWN_REF_CACHE_AWARE);
}

/* RunRefSize: what ExSizeOfRundownProtectionCacheAware said. */
NTKERNELAPI VOID ExInitializeRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware, SIZE_T RunRefSize)
{
	UNREFERENCED_PARAMETER(RunRefSize);
	*RunRefCacheAware = (EX_RUNDOWN_REF_CACHE_AWARE){ 0 };
}

/* NULL: no memory. ExFreeCacheAwareRundownProtection gives it back. */
NTKERNELAPI PEX_RUNDOWN_REF_CACHE_AWARE ExAllocateCacheAwareRundownProtection(POOL_TYPE PoolType, ULONG PoolTag)
{
	PEX_RUNDOWN_REF_CACHE_AWARE reference = ExAllocatePoolWithTag(PoolType, sizeof(*reference), PoolTag);

	if (reference == NULL)
		return NULL;
	ExInitializeRundownProtectionCacheAware(reference, sizeof(*reference));
	reference->Allocated = TRUE;
	reference->PoolTag = PoolTag;
	return reference;
}

NTKERNELAPI VOID ExFreeCacheAwareRundownProtection(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware)
{
	if (RunRefCacheAware->Allocated)
		ExFreePoolWithTag(RunRefCacheAware, RunRefCacheAware->PoolTag);
}

NTKERNELAPI BOOLEAN ExAcquireRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware)
{
	return ExAcquireRundownProtection(&RunRefCacheAware->RunRef);
}

NTKERNELAPI BOOLEAN ExAcquireRundownProtectionCacheAwareEx(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware, ULONG Count)
{
	return ExAcquireRundownProtectionEx(&RunRefCacheAware->RunRef, Count);
}

NTKERNELAPI VOID ExReleaseRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware)
{
	ExReleaseRundownProtection(&RunRefCacheAware->RunRef);
}

NTKERNELAPI VOID ExReleaseRundownProtectionCacheAwareEx(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware, ULONG Count)
{
	ExReleaseRundownProtectionEx(&RunRefCacheAware->RunRef, Count);
}

NTKERNELAPI VOID ExWaitForRundownProtectionReleaseCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware)
{
	ExWaitForRundownProtectionRelease(&RunRefCacheAware->RunRef);
}

NTKERNELAPI VOID ExReInitializeRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware)
{
	ExReInitializeRundownProtection(&RunRefCacheAware->RunRef);
}

NTKERNELAPI VOID ExRundownCompletedCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware)
{
	ExRundownCompleted(&RunRefCacheAware->RunRef);
}
