/* Stands in for the kernel's mm.h: pool on the host's heap (pool.c). */
#ifndef TEST_RTL_MM_H
#define TEST_RTL_MM_H

#include "nt.h"

PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
VOID ExFreePool(PVOID P);

#endif
