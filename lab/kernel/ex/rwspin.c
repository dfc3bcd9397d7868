/* Readers-writer spin locks (EX_SPIN_LOCK): the highest bit is the writer's, the next says that one waits, the rest count readers. */
#include "ex.h"
#include "ke.h"

#define EX_SPIN_EXCLUSIVE 0x80000000u
#define EX_SPIN_WAITING   0x40000000u

typedef ULONG EX_SPIN_LOCK, *PEX_SPIN_LOCK;

static BOOLEAN ExpChangeSpin(PEX_SPIN_LOCK lock, ULONG old, ULONG value)
{
	return __atomic_compare_exchange_n(lock, &old, value, FALSE, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* At DISPATCH_LEVEL, as all of these. Readers stay behind a writer who waits. */
NTKERNELAPI VOID ExAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock)
{
	for (;;) {
		ULONG old = __atomic_load_n(SpinLock, __ATOMIC_RELAXED);

		if (!(old & (EX_SPIN_EXCLUSIVE | EX_SPIN_WAITING)) && ExpChangeSpin(SpinLock, old, old + 1))
			return;
		KeYieldProcessor();
	}
}

NTKERNELAPI VOID ExReleaseSpinLockSharedFromDpcLevel(PEX_SPIN_LOCK SpinLock)
{
	__atomic_sub_fetch(SpinLock, 1, __ATOMIC_RELEASE);
}

NTKERNELAPI VOID ExAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock)
{
	for (;;) {
		ULONG old = __atomic_load_n(SpinLock, __ATOMIC_RELAXED);

		if (!(old & ~EX_SPIN_WAITING)) {
			if (ExpChangeSpin(SpinLock, old, EX_SPIN_EXCLUSIVE))
				return;
		} else if (!(old & EX_SPIN_WAITING)) {
			ExpChangeSpin(SpinLock, old, old | EX_SPIN_WAITING);
		}
		KeYieldProcessor();
	}
}

/* Another writer's mark stays. */
NTKERNELAPI VOID ExReleaseSpinLockExclusiveFromDpcLevel(PEX_SPIN_LOCK SpinLock)
{
	__atomic_and_fetch(SpinLock, ~EX_SPIN_EXCLUSIVE, __ATOMIC_RELEASE);
}

/* The only reader becomes the writer; FALSE: there are others. */
NTKERNELAPI LOGICAL ExTryConvertSharedSpinLockExclusive(PEX_SPIN_LOCK SpinLock)
{
	ULONG old = __atomic_load_n(SpinLock, __ATOMIC_RELAXED);

	return (old & ~EX_SPIN_WAITING) == 1 && ExpChangeSpin(SpinLock, old, (old & EX_SPIN_WAITING) | EX_SPIN_EXCLUSIVE);
}

NTKERNELAPI KIRQL ExAcquireSpinLockShared(PEX_SPIN_LOCK SpinLock)
{
	KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);

	ExAcquireSpinLockSharedAtDpcLevel(SpinLock);
	return irql;
}

NTKERNELAPI VOID ExReleaseSpinLockShared(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql)
{
	ExReleaseSpinLockSharedFromDpcLevel(SpinLock);
	KfLowerIrql(OldIrql);
}

NTKERNELAPI KIRQL ExAcquireSpinLockExclusive(PEX_SPIN_LOCK SpinLock)
{
	KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);

	ExAcquireSpinLockExclusiveAtDpcLevel(SpinLock);
	return irql;
}

NTKERNELAPI VOID ExReleaseSpinLockExclusive(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql)
{
	ExReleaseSpinLockExclusiveFromDpcLevel(SpinLock);
	KfLowerIrql(OldIrql);
}
