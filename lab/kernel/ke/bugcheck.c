/* The end: records the bugcheck where debuggers look, says it on the console, tells QEMU, halts. */
#include "hal.h"
#include "io.h"
#include "kd.h"
#include "ke.h"
#include "mm.h"
#include "ps.h"
#include "rtl.h"
#include "../hal/x64.h"

#define STACK_FRAMES 32
#define MODULE_LIMIT 1024

ULONG64 KiBugCheckData[5];
PUNICODE_STRING KiBugCheckDriver;
BOOLEAN KeBugCheckActive;
LIST_ENTRY KeBugCheckCallbackListHead = { &KeBugCheckCallbackListHead, &KeBugCheckCallbackListHead };

/* The list may be what is damaged: bounded, and every entry looked at before use. */
static PKLDR_DATA_TABLE_ENTRY KiFindModule(ULONG64 Address)
{
	PLIST_ENTRY Link = PsLoadedModuleList.Flink;

	for (ULONG i = 0; i < MODULE_LIMIT && Link && Link != &PsLoadedModuleList; i++) {
		PKLDR_DATA_TABLE_ENTRY Entry = CONTAINING_RECORD(Link, KLDR_DATA_TABLE_ENTRY, InLoadOrderLinks);

		if (!MmIsAddressValid(Entry) || !MmIsAddressValid((PUCHAR)(Entry + 1) - 1))
			return NULL;
		if (Address - (ULONG64)Entry->DllBase < Entry->SizeOfImage)
			return Entry;
		Link = Link->Flink;
	}
	return NULL;
}

/* Of the drivers that were unloaded, the one that lay at Address; NULL: none. Any IRQL: the array is never freed. */
PUNLOADED_DRIVERS KiFindUnloadedDriver(ULONG64 Address)
{
	for (ULONG i = 0; MmUnloadedDrivers && i < MI_UNLOADED_DRIVERS; i++) {
		PUNLOADED_DRIVERS Driver = &MmUnloadedDrivers[i];

		if (Driver->Name.Buffer && Address >= (ULONG64)Driver->StartAddress && Address < (ULONG64)Driver->EndAddress)
			return Driver;
	}
	return NULL;
}

static BOOLEAN KiIsKernelAddress(ULONG64 Address)
{
	return !KeLoaderBlock || Address - KeLoaderBlock->Modules[0].DllBase < KeLoaderBlock->Modules[0].SizeOfImage;
}

/* Whose doing it was: the faulting code where there was a fault, else the nearest caller outside the kernel. 0: nobody's. */
static ULONG64 KiFindCulprit(PCONTEXT Context)
{
	PVOID Frames[STACK_FRAMES];
	USHORT Count;

	if (Context && !KiIsKernelAddress(Context->Rip))
		return Context->Rip;
	Count = RtlCaptureStackBackTrace(1, STACK_FRAMES, Frames, NULL);
	for (USHORT i = 0; i < Count; i++) {
		if (!KiIsKernelAddress((ULONG64)Frames[i]))
			return (ULONG64)Frames[i];
	}
	return 0;
}

static VOID KiDisplayBlueScreen(ULONG64 Culprit)
{
	CHAR Text[320];
	PKLDR_DATA_TABLE_ENTRY Module = Culprit ? KiFindModule(Culprit) : NULL;
	int Length = _snprintf(Text, sizeof(Text), "\n*** STOP: 0x%08X (0x%p,0x%p,0x%p,0x%p)\n", (ULONG)KiBugCheckData[0], (PVOID)KiBugCheckData[1],
			       (PVOID)KiBugCheckData[2], (PVOID)KiBugCheckData[3], (PVOID)KiBugCheckData[4]);

	HalpConsoleWrite(Text, (SIZE_T)Length);
	Length = 0;
	if (Module) {
		KiBugCheckDriver = &Module->BaseDllName;
		Length = _snprintf(Text, sizeof(Text), "***  %wZ+0x%x - Address %p base at %p, DateStamp %08x\n", &Module->BaseDllName,
				   (ULONG)(Culprit - (ULONG64)Module->DllBase), (PVOID)Culprit, Module->DllBase, Module->TimeDateStamp);
	} else if (Culprit && KiFindUnloadedDriver(Culprit)) {
		PUNLOADED_DRIVERS Driver = KiFindUnloadedDriver(Culprit);

		KiBugCheckDriver = &Driver->Name;
		Length = _snprintf(Text, sizeof(Text), "***  <Unloaded_%wZ>+0x%x - Address %p base at %p\n", &Driver->Name,
				   (ULONG)(Culprit - (ULONG64)Driver->StartAddress), (PVOID)Culprit, Driver->StartAddress);
	} else if (Culprit) {
		Length = _snprintf(Text, sizeof(Text), "***  Address %p is in no loaded module\n", (PVOID)Culprit);
	}
	if (Length > 0)
		HalpConsoleWrite(Text, (SIZE_T)Length);
}

/* Interrupts are off; CR8 is left as it was, so that the dump says at which IRQL it happened. */
static DECLSPEC_NORETURN DECLSPEC_NOINLINE VOID KeBugCheck2(const ULONG64 Data[5], PEXCEPTION_RECORD Record, PCONTEXT Fault)
{
	PKPRCB Prcb = KeGetCurrentPrcb();

	/* The first processor to come has it; a second one waits here to be frozen. */
	if (!__atomic_exchange_n(&KeBugCheckActive, TRUE, __ATOMIC_SEQ_CST)) {
		KiFreezeProcessors();
		memcpy(KiBugCheckData, Data, sizeof(KiBugCheckData));
		KdpRecordBugCheck(Data, Record, Fault ? Fault : &Prcb->ProcessorState.ContextFrame);
		KiDisplayBlueScreen(KiFindCulprit(Fault));
		HalpNotifyPanic();
	} else if (Prcb->IpiFrozen == KI_FREEZE_OWNER) {
		/* The bugcheck itself has failed: what is recorded so far has to do. */
		HalpNotifyPanic();
	}
	for (;;)
		__asm__ volatile("cli; hlt");
}

DECLSPEC_NORETURN VOID KiBugCheckTrap(const ULONG64 Data[5], PEXCEPTION_RECORD Record, PCONTEXT Context)
{
	PKPRCB Prcb = KeGetCurrentPrcb();

	HalpDisableInterrupts();
	Prcb->ProcessorState.ContextFrame = *Context;
	Prcb->ProcessorState.SpecialRegisters.Cr2 = HalpReadCr2();
	Prcb->ProcessorState.SpecialRegisters.Cr8 = HalpReadCr8();
	KeBugCheck2(Data, Record, Context);
}

NTKERNELAPI DECLSPEC_NORETURN DECLSPEC_NOINLINE VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1, ULONG_PTR BugCheckParameter2,
								  ULONG_PTR BugCheckParameter3, ULONG_PTR BugCheckParameter4)
{
	ULONG64 Data[5] = { BugCheckCode, BugCheckParameter1, BugCheckParameter2, BugCheckParameter3, BugCheckParameter4 };
	PKPRCB Prcb = KeGetCurrentPrcb();

	HalpDisableInterrupts();
	if (!KeBugCheckActive) {
		RtlCaptureContext(&Prcb->ProcessorState.ContextFrame);
		Prcb->ProcessorState.SpecialRegisters.Cr8 = HalpReadCr8();
	}
	KeBugCheck2(Data, NULL, NULL);
}

NTKERNELAPI DECLSPEC_NORETURN VOID KeBugCheck(ULONG BugCheckCode)
{
	KeBugCheckEx(BugCheckCode, 0, 0, 0, 0);
}
