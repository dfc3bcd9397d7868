/* Pool for rtl/ on the host. */
#include <stdlib.h>

#include "mm.h"

PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
	(void)PoolType;
	(void)Tag;
	return malloc(NumberOfBytes);
}

VOID ExFreePool(PVOID P)
{
	free(P);
}
