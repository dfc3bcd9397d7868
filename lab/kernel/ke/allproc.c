/* Starting the processors besides the first: what each has of its own, its idle thread, and its way to the idle loop. */

#include "hal.h"
#include "ki.h"
#include "mm.h"
#include "ps.h"
#include "../hal/x64.h"

#define PROCESSOR_TAG 'corP' /* "Proc" */
#define CR4_PGE       (1ULL << 7)

/* All that a further processor has of its own. Never freed. */
typedef struct _KI_PROCESSOR {
	KPCR Pcr;
	HAL_PROCESSOR_TABLES Tables;
	ETHREAD IdleThread;
	PVOID KernelStack;
	ULONG Number;
	volatile BOOLEAN Started;
} KI_PROCESSOR, *PKI_PROCESSOR;

/* Processes that were there before the processor run on it, too; affinity is checked against KeNumberProcessors. */
static VOID KiActivateProcessor(PKPRCB Prcb)
{
	KIRQL OldIrql = KiLockDispatcherDatabase();

	for (PLIST_ENTRY Entry = KiProcessListHead.Flink; Entry != &KiProcessListHead; Entry = Entry->Flink)
		CONTAINING_RECORD(Entry, KPROCESS, ProcessListEntry)->Affinity.Bitmap[0] |= Prcb->GroupSetMember;
	KeNumberProcessors++;
	SharedUserData->ActiveProcessorCount = (ULONG)KeNumberProcessors;
	KdpUpdateDumpHeaderProcessors();
	KiExitDispatcher(OldIrql);
}

/* The first code of a further processor in the kernel, on its idle thread's stack. */
static DECLSPEC_NORETURN VOID KiStartProcessor(PVOID Context)
{
	PKI_PROCESSOR Processor = Context;

	HalInitializeProcessor(Processor->Number, &Processor->Pcr, &Processor->Tables, (ULONG64)Processor->KernelStack);
	HalpInitializeApic();
	HalInitClock();
	Processor->Started = TRUE;
	while (KeNumberProcessors <= (CCHAR)Processor->Number)
		KeYieldProcessor();
	/* The page it began in has been unmapped meanwhile, when this processor could not be told. */
	HalpWriteCr4(HalpReadCr4() & ~CR4_PGE);
	HalpWriteCr4(HalpReadCr4() | CR4_PGE);
	KiIdleLoop();
}

static PKI_PROCESSOR KiMakeProcessor(ULONG Number)
{
	PKI_PROCESSOR Processor = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*Processor), PROCESSOR_TAG);

	if (!Processor)
		return NULL;
	Processor->Number = Number;
	Processor->KernelStack = MmCreateKernelStack();
	if (!Processor->KernelStack)
		return NULL;
	Processor->Pcr.Prcb.Number = Number;
	Processor->Pcr.Prcb.GroupSetMember = 1ULL << Number;
	KiInitializeProcessorState(&Processor->Pcr.Prcb, &Processor->IdleThread.Tcb, Processor->KernelStack);
	PspInsertIdleThread(&Processor->IdleThread);
	return Processor;
}

VOID KeStartAllProcessors(VOID)
{
	ULONG Count = HalQueryProcessorCount();

	KiInitializeIpi();
	if (Count > 1 && !KiInitializeAffinityMasks(Count))
		KeBugCheckEx(HAL_INITIALIZATION_FAILED, 0x100, Count, 0, 0);
	/* QEMU numbers its processors and their APICs alike, from 0. */
	for (ULONG Number = 1; Number < Count; Number++) {
		PKI_PROCESSOR Processor = KiMakeProcessor(Number);

		if (!Processor || !HalStartNextProcessor(Number, Processor->KernelStack, KiStartProcessor, Processor, &Processor->Started))
			KeBugCheckEx(HAL_INITIALIZATION_FAILED, 0x101, Number, Count, 0);
		KiActivateProcessor(&Processor->Pcr.Prcb);
	}
}
