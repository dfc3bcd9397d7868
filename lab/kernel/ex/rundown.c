/* Rundown protection: references that stop being given once the owner has begun to take the object down. */
#include "ex.h"
#include "ke.h"

#define EX_RUNDOWN_ACTIVE    0x1ULL /* no more references; the rest of the word is the waiter's block */
#define EX_RUNDOWN_COUNT_INC 0x2ULL

/* Of the one thread that waits, on its stack. */
typedef struct DECLSPEC_ALIGN(16) _EX_RUNDOWN_WAIT_BLOCK {
	ULONG64 Count; /* references still out */
	KEVENT WakeEvent;
} EX_RUNDOWN_WAIT_BLOCK, *PEX_RUNDOWN_WAIT_BLOCK;

VOID ExInitializeRundownProtection(PEX_RUNDOWN_REF RunRef)
{
	RunRef->Count = 0;
}

static BOOLEAN ExpChangeCount(PEX_RUNDOWN_REF reference, ULONG64 old, ULONG64 value)
{
	return __atomic_compare_exchange_n(&reference->Count, &old, value, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* FALSE: rundown has begun. */
BOOLEAN ExAcquireRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count)
{
	for (;;) {
		ULONG64 count = __atomic_load_n(&RunRef->Count, __ATOMIC_ACQUIRE);

		if (count & EX_RUNDOWN_ACTIVE)
			return FALSE;
		if (ExpChangeCount(RunRef, count, count + Count * EX_RUNDOWN_COUNT_INC))
			return TRUE;
	}
}

BOOLEAN ExAcquireRundownProtection(PEX_RUNDOWN_REF RunRef)
{
	return ExAcquireRundownProtectionEx(RunRef, 1);
}

VOID ExReleaseRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count)
{
	for (;;) {
		ULONG64 count = __atomic_load_n(&RunRef->Count, __ATOMIC_ACQUIRE);

		if (count & EX_RUNDOWN_ACTIVE) {
			PEX_RUNDOWN_WAIT_BLOCK block = (PVOID)(count & ~EX_RUNDOWN_ACTIVE);

			if (__atomic_sub_fetch(&block->Count, Count, __ATOMIC_ACQ_REL) == 0)
				KeSetEvent(&block->WakeEvent, 0, FALSE);
			return;
		}
		if (ExpChangeCount(RunRef, count, count - Count * EX_RUNDOWN_COUNT_INC))
			return;
	}
}

VOID ExReleaseRundownProtection(PEX_RUNDOWN_REF RunRef)
{
	ExReleaseRundownProtectionEx(RunRef, 1);
}

/* Returns when every reference is back; from its beginning on none is given. */
VOID ExWaitForRundownProtectionRelease(PEX_RUNDOWN_REF RunRef)
{
	EX_RUNDOWN_WAIT_BLOCK block;
	ULONG64 count;

	KeInitializeEvent(&block.WakeEvent, SynchronizationEvent, FALSE);
	do {
		count = __atomic_load_n(&RunRef->Count, __ATOMIC_ACQUIRE);
		if (count & EX_RUNDOWN_ACTIVE)
			return;
		block.Count = count / EX_RUNDOWN_COUNT_INC;
	} while (!ExpChangeCount(RunRef, count, count == 0 ? EX_RUNDOWN_ACTIVE : (ULONG64)&block | EX_RUNDOWN_ACTIVE));
	if (count != 0)
		KeWaitForSingleObject(&block.WakeEvent, Executive, KernelMode, FALSE, NULL);
}

/* The word no longer names the waiter's stack. */
VOID ExRundownCompleted(PEX_RUNDOWN_REF RunRef)
{
	__atomic_store_n(&RunRef->Count, EX_RUNDOWN_ACTIVE, __ATOMIC_RELEASE);
}

/* After a rundown: references are given again. */
VOID ExReInitializeRundownProtection(PEX_RUNDOWN_REF RunRef)
{
	__atomic_store_n(&RunRef->Count, 0, __ATOMIC_RELEASE);
}
