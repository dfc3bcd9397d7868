/*
 * What processors ask of each other: software interrupts, a routine on all of them (translations are flushed by it), and to stop for good.
 * KPRCB.RequestMailbox[0].RequestSummary holds what a processor has been asked and not yet done.
 */

#include "hal.h"
#include "kd.h"
#include "ki.h"
#include "../hal/x64.h"

#define KI_REQUEST_PACKET (1u << 31) /* the lower bits are software interrupts by their IRQL */

#define FREEZE_MICROSECONDS 1000000

/* The one routine that is being run everywhere. */
static struct {
	KSPIN_LOCK Lock;
	KIPI_BROADCAST_WORKER *Routine;
	ULONG_PTR Context;
	BOOLEAN Rendezvous; /* nobody begins before all have come */
	volatile LONG NotArrived;
	volatile LONG NotDone;
} KiPacket;

static VOID KiSendRequest(PKPRCB Prcb, ULONG64 Request)
{
	/* Where something is pending already the interrupt is on its way, and its routine takes all there is. */
	if (!__atomic_fetch_or(&Prcb->RequestMailbox[0].RequestSummary, Request, __ATOMIC_SEQ_CST))
		HalpSendIpi(Prcb->InitialApicId, HALP_IPI_VECTOR);
}

VOID KiIpiRequest(PKPRCB Prcb, KIRQL Irql)
{
	KeGetCurrentPrcb()->SynchCounters.IpiSendSoftwareInterruptCount++;
	KiSendRequest(Prcb, 1ULL << Irql);
}

static VOID KiRunPacket(VOID)
{
	if (KiPacket.Rendezvous) {
		__atomic_sub_fetch(&KiPacket.NotArrived, 1, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(&KiPacket.NotArrived, __ATOMIC_ACQUIRE))
			KeYieldProcessor();
	}
	KiPacket.Routine(KiPacket.Context);
	__atomic_sub_fetch(&KiPacket.NotDone, 1, __ATOMIC_SEQ_CST);
}

/* By interrupt at IPI_LEVEL; by who waits for other processors at that level or above, with interrupts off or held back. */
static VOID KiServeRequests(PVOID Context)
{
	PKPRCB Prcb = KeGetCurrentPrcb();
	ULONG64 Requests;

	UNREFERENCED_PARAMETER(Context);
	if (!__atomic_load_n(&Prcb->RequestMailbox[0].RequestSummary, __ATOMIC_RELAXED))
		return;
	Requests = __atomic_exchange_n(&Prcb->RequestMailbox[0].RequestSummary, 0, __ATOMIC_SEQ_CST);
	if (Requests & KI_REQUEST_PACKET)
		KiRunPacket();
	if (Requests & 1ULL << APC_LEVEL)
		HalpSetPendingSoftwareInterrupt(APC_LEVEL);
	if (Requests & 1ULL << DISPATCH_LEVEL)
		HalpSetPendingSoftwareInterrupt(DISPATCH_LEVEL);
}

VOID KiInitializeIpi(VOID)
{
	HalpConnectIpi(KiServeRequests);
}

/*
 * Runs Routine here and on all others; at IPI_LEVEL, so that it stays on this processor and nothing of lower IRQL comes between. Two that
 * want to at once serve each other while they wait. Returns what Routine returned here.
 */
static ULONG_PTR KiRunEverywhere(KIPI_BROADCAST_WORKER *Routine, ULONG_PTR Context, BOOLEAN Rendezvous)
{
	KIRQL OldIrql = KeGetCurrentIrql();
	PKPRCB Prcb;
	ULONG_PTR Result;

	if (OldIrql < IPI_LEVEL)
		KfRaiseIrql(IPI_LEVEL);
	Prcb = KeGetCurrentPrcb();
	while (__atomic_exchange_n(&KiPacket.Lock, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(&KiPacket.Lock, __ATOMIC_RELAXED)) {
			KiServeRequests(NULL);
			KeYieldProcessor();
		}
	KiPacket.Routine = Routine;
	KiPacket.Context = Context;
	KiPacket.Rendezvous = Rendezvous;
	KiPacket.NotArrived = KeNumberProcessors;
	KiPacket.NotDone = KeNumberProcessors - 1;
	Prcb->SynchCounters.IpiSendRequestBroadcastCount++;
	for (ULONG i = 0; i < (ULONG)KeNumberProcessors; i++)
		if (KiProcessorBlock[i] != Prcb)
			KiSendRequest(KiProcessorBlock[i], KI_REQUEST_PACKET);
	if (Rendezvous) {
		__atomic_sub_fetch(&KiPacket.NotArrived, 1, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(&KiPacket.NotArrived, __ATOMIC_ACQUIRE))
			KeYieldProcessor();
	}
	Result = Routine(Context);
	while (__atomic_load_n(&KiPacket.NotDone, __ATOMIC_ACQUIRE))
		KeYieldProcessor();
	__atomic_store_n(&KiPacket.Lock, 0, __ATOMIC_RELEASE);
	if (OldIrql < IPI_LEVEL)
		KfLowerIrql(OldIrql);
	return Result;
}

/* On all processors at the same time, at IPI_LEVEL; the caller's result is returned. */
NTKERNELAPI ULONG_PTR KeIpiGenericCall(PKIPI_BROADCAST_WORKER BroadcastFunction, ULONG_PTR Context)
{
	return KiRunEverywhere(BroadcastFunction, Context, TRUE);
}

typedef struct _KI_TB_RANGE {
	PUCHAR Start;
	SIZE_T PageCount;
} KI_TB_RANGE;

static ULONG_PTR KiFlushRange(ULONG_PTR Context)
{
	const KI_TB_RANGE *Range = (const KI_TB_RANGE *)Context;

	for (SIZE_T i = 0; i < Range->PageCount; i++)
		HalpInvalidatePage(Range->Start + i * PAGE_SIZE);
	return 0;
}

VOID KeFlushRangeTb(PVOID VirtualAddress, SIZE_T PageCount)
{
	KI_TB_RANGE Range = { VirtualAddress, PageCount };

	/* Stopped processors do not answer, and never translate again. */
	if (KeNumberProcessors == 1 || KeBugCheckActive)
		KiFlushRange((ULONG_PTR)&Range);
	else
		KiRunEverywhere(KiFlushRange, (ULONG_PTR)&Range, FALSE);
}

/*
 * QEMU writes the registers that a processor has while the dump is taken, which are those of stopping, to where KPRCB.Context points. What
 * debuggers are to see is in ProcessorState, so that is no more the place.
 */
static VOID KiKeepProcessorState(PKPRCB Prcb)
{
	static CONTEXT Stopped[KI_MAXIMUM_PROCESSORS];

	Prcb->Context = &Stopped[Prcb->Number];
	Prcb->DebuggerSavedIRQL = KeGetCurrentIrql();
}

/* By NMI, so that interrupts that are off or a high IRQL do not keep a processor running. One that does not answer is left as it is. */
VOID KiFreezeProcessors(VOID)
{
	PKPRCB Self = KeGetCurrentPrcb();
	ULONG64 Start = HalpReadTsc();
	ULONG64 Ticks = FREEZE_MICROSECONDS * (HalpTscFrequency / 1000000);

	Self->IpiFrozen = KI_FREEZE_OWNER;
	KiKeepProcessorState(Self);
	for (ULONG i = 0; i < (ULONG)KeNumberProcessors; i++) {
		if (KiProcessorBlock[i] == Self)
			continue;
		KiProcessorBlock[i]->IpiFrozen = KI_TARGET_FREEZE;
		HalpSendNmi(KiProcessorBlock[i]->InitialApicId);
	}
	for (ULONG i = 0; i < (ULONG)KeNumberProcessors; i++)
		while (KiProcessorBlock[i] != Self && __atomic_load_n(&KiProcessorBlock[i]->IpiFrozen, __ATOMIC_ACQUIRE) != KI_TARGET_FROZEN &&
		       HalpReadTsc() - Start < Ticks)
			KeYieldProcessor();
}

/* Context is what was interrupted. */
DECLSPEC_NORETURN VOID KiFreezeExecution(const CONTEXT *Context)
{
	PKPRCB Prcb = KeGetCurrentPrcb();

	Prcb->ProcessorState.ContextFrame = *Context;
	Prcb->ProcessorState.SpecialRegisters.Cr2 = HalpReadCr2();
	Prcb->ProcessorState.SpecialRegisters.Cr8 = HalpReadCr8();
	KiKeepProcessorState(Prcb);
	__atomic_store_n(&Prcb->IpiFrozen, KI_TARGET_FROZEN, __ATOMIC_RELEASE);
	for (;;)
		__asm__ volatile("cli; hlt");
}
