/* Mutants (mutexes): owned by a thread, taken recursively, left abandoned by an owner that ends. */

#include "ex.h"
#include "ki.h"
#include "seh.h"

/* A signal state of 1 is free; each time its owner takes it the state falls by one. */
static VOID KiInitializeMutant(PKMUTANT Mutant, BOOLEAN ApcDisable)
{
	Mutant->Header.Lock = 0;
	Mutant->Header.Type = MutantObject;
	Mutant->Header.SignalState = 1;
	InitializeListHead(&Mutant->Header.WaitListHead);
	Mutant->OwnerThread = NULL;
	Mutant->MutantFlags = 0;
	Mutant->ApcDisable = ApcDisable;
}

NTKERNELAPI VOID KeInitializeMutant(PKMUTANT Mutant, BOOLEAN InitialOwner)
{
	KIRQL OldIrql;

	KiInitializeMutant(Mutant, FALSE);
	if (!InitialOwner)
		return;
	OldIrql = KiLockDispatcherDatabase();
	KiSatisfyObject(&Mutant->Header, KeGetCurrentThread());
	KiExitDispatcher(OldIrql);
}

NTKERNELAPI VOID KeInitializeMutex(PKMUTEX Mutex, ULONG Level)
{
	UNREFERENCED_PARAMETER(Level);
	KiInitializeMutant(Mutex, TRUE);
}

/* Nobody owns it any more: the next waiter may. */
static VOID KiFreeMutant(PKMUTANT Mutant, KPRIORITY Increment)
{
	PKTHREAD Owner = Mutant->OwnerThread;

	if (Owner) {
		RemoveEntryList(&Mutant->MutantListEntry);
		Owner->KernelApcDisable += Mutant->ApcDisable;
		Mutant->OwnerThread = NULL;
	}
	if (KiSeeded)
		KiSeedSignal(&Mutant->Header);
	Mutant->Header.SignalState = 1;
	KiWaitTest(Mutant, Increment);
}

VOID KiAbandonMutants(PKTHREAD Thread)
{
	while (!IsListEmpty(&Thread->MutantListHead)) {
		PKMUTANT Mutant = CONTAINING_RECORD(Thread->MutantListHead.Flink, KMUTANT, MutantListEntry);

		Mutant->Abandoned = 1;
		KiFreeMutant(Mutant, 1);
	}
}

/* Raises STATUS_MUTANT_NOT_OWNED (STATUS_ABANDONED when its last owner ended) for a thread that does not own it. */
NTKERNELAPI LONG KeReleaseMutant(PKMUTANT Mutant, KPRIORITY Increment, BOOLEAN Abandoned, BOOLEAN Wait)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();
	PKTHREAD Thread = KeGetCurrentThread();
	LONG OldState = Mutant->Header.SignalState;

	if (Abandoned) {
		Mutant->Abandoned = 1;
		KiFreeMutant(Mutant, Increment);
	} else if (Mutant->OwnerThread != Thread) {
		NTSTATUS Status = Mutant->Abandoned ? STATUS_ABANDONED : STATUS_MUTANT_NOT_OWNED;

		KiExitDispatcher(OldIrql);
		ExRaiseStatus(Status);
		return OldState;
	} else if (OldState == 0) {
		KiFreeMutant(Mutant, Increment);
	} else {
		Mutant->Header.SignalState = OldState + 1;
	}
	if (Wait) {
		Thread->WaitNext = 1;
		Thread->WaitIrql = OldIrql;
		KiReleaseSpinLock(&KiDispatcherLock);
		return OldState;
	}
	KiExitDispatcher(OldIrql);
	KiCheckForKernelApcDelivery();
	return OldState;
}

NTKERNELAPI LONG KeReleaseMutex(PKMUTEX Mutex, BOOLEAN Wait)
{
	return KeReleaseMutant(Mutex, 1, FALSE, Wait);
}

NTKERNELAPI LONG KeReadStateMutant(PKMUTANT Mutant)
{
	return __atomic_load_n(&Mutant->Header.SignalState, __ATOMIC_ACQUIRE);
}

NTKERNELAPI LONG KeReadStateMutex(PKMUTEX Mutex)
{
	return KeReadStateMutant(Mutex);
}
