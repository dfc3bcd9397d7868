/* Fast mutexes: FAST_MUTEX as the DDK's inline ExInitializeFastMutex leaves it; Count's bits are those of NT since Windows 7. */
#include "ex.h"
#include "kd.h"
#include "ke.h"
#include "hal.h"

#define FM_LOCK_BIT          0x1 /* set: nobody owns it */
#define FM_LOCK_WAITER_WOKEN 0x2 /* a waiter was released and has not yet run: release no second one */
#define FM_LOCK_WAITER_INC   0x4

VOID ExpInitializeFastMutex(PFAST_MUTEX FastMutex)
{
	FastMutex->Count = FM_LOCK_BIT;
	FastMutex->Owner = NULL;
	FastMutex->Contention = 0;
	KeInitializeEvent(&FastMutex->Event, SynchronizationEvent, FALSE);
}

static BOOLEAN ExpChange(PFAST_MUTEX mutex, LONG old, LONG value)
{
	return __atomic_compare_exchange_n(&mutex->Count, &old, value, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static VOID ExpAcquireFastMutexContended(PFAST_MUTEX mutex)
{
	LONG take = FM_LOCK_BIT;
	LONG wait = FM_LOCK_WAITER_INC;

	for (;;) {
		LONG old = __atomic_load_n(&mutex->Count, __ATOMIC_ACQUIRE);

		if (old & FM_LOCK_BIT) {
			if (ExpChange(mutex, old, old ^ take))
				return;
			continue;
		}
		if (!ExpChange(mutex, old, old + wait))
			continue;
		mutex->Contention++;
		KeWaitForSingleObject(&mutex->Event, WrFastMutex, KernelMode, FALSE, NULL);
		/* This waiter was taken off the count and marked woken: taking the lock, or waiting again, ends that mark. */
		take = FM_LOCK_BIT | FM_LOCK_WAITER_WOKEN;
		wait = FM_LOCK_WAITER_INC - FM_LOCK_WAITER_WOKEN;
	}
}

static BOOLEAN ExpTryAcquire(PFAST_MUTEX mutex)
{
	return (__atomic_fetch_and(&mutex->Count, ~FM_LOCK_BIT, __ATOMIC_ACQUIRE) & FM_LOCK_BIT) != 0;
}

static VOID ExpAcquire(PFAST_MUTEX mutex)
{
	PKLOCK_ENTRY entry = KeAbPreAcquire(mutex);

	if (!ExpTryAcquire(mutex)) {
		if (entry != NULL)
			entry->WaitingByte = TRUE;
		ExpAcquireFastMutexContended(mutex);
	}
	KeAbPostAcquire(entry);
	mutex->Owner = KeGetCurrentThread();
}

/* A thread that does not own it stops the machine, as AutoBoost does on NT. */
static VOID ExpRelease(PFAST_MUTEX mutex)
{
	LONG old;

	if (mutex->Owner != KeGetCurrentThread())
		KeBugCheckEx(KERNEL_AUTO_BOOST_INVALID_LOCK_RELEASE, (ULONG_PTR)KeGetCurrentThread(), (ULONG_PTR)mutex, 0, 0);
	KeAbPostRelease(mutex);
	mutex->Owner = NULL;
	old = __atomic_fetch_or(&mutex->Count, FM_LOCK_BIT, __ATOMIC_RELEASE);
	if (old == 0 || (old & FM_LOCK_WAITER_WOKEN))
		return;
	old |= FM_LOCK_BIT;
	/* Somebody else took the lock or woke a waiter meanwhile: then the waiters are theirs to wake. */
	if (ExpChange(mutex, old, old + FM_LOCK_WAITER_WOKEN - FM_LOCK_WAITER_INC))
		KeSetEvent(&mutex->Event, 0, FALSE);
}

/* Raises to APC_LEVEL until the release. */
VOID ExAcquireFastMutex(PFAST_MUTEX FastMutex)
{
	KIRQL irql = KfRaiseIrql(APC_LEVEL);

	ExpAcquire(FastMutex);
	FastMutex->OldIrql = irql;
}

VOID ExReleaseFastMutex(PFAST_MUTEX FastMutex)
{
	KIRQL irql = (KIRQL)FastMutex->OldIrql;

	ExpRelease(FastMutex);
	KfLowerIrql(irql);
}

BOOLEAN ExpTryToAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex)
{
	if (!ExpTryAcquire(FastMutex))
		return FALSE;
	KeAbPostAcquire(KeAbPreAcquire(FastMutex));
	FastMutex->Owner = KeGetCurrentThread();
	return TRUE;
}

BOOLEAN ExTryToAcquireFastMutex(PFAST_MUTEX FastMutex)
{
	KIRQL irql = KfRaiseIrql(APC_LEVEL);

	if (!ExpTryToAcquireFastMutexUnsafe(FastMutex)) {
		KfLowerIrql(irql);
		return FALSE;
	}
	FastMutex->OldIrql = irql;
	return TRUE;
}

/* The caller keeps normal kernel APCs away: at APC_LEVEL or in a critical region. */
VOID ExAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex)
{
	ExpAcquire(FastMutex);
}

VOID ExReleaseFastMutexUnsafe(PFAST_MUTEX FastMutex)
{
	ExpRelease(FastMutex);
}

VOID ExEnterCriticalRegionAndAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex)
{
	KeEnterCriticalRegion();
	ExpAcquire(FastMutex);
}

VOID ExReleaseFastMutexUnsafeAndLeaveCriticalRegion(PFAST_MUTEX FastMutex)
{
	ExpRelease(FastMutex);
	KeLeaveCriticalRegion();
}
