/* Device interrupts: I/O APIC routing, the table of connected routines, and their dispatch at the IRQL of their vector. */
#include "hal.h"
#include "kd.h"
#include "ke.h"
#include "mm.h"
#include "x64.h"

/* Where QEMU's microvm puts its I/O APICs (hw/i386/microvm.c); the second one exists only with ACPI. */
static const ULONG HalpIoApicBases[] = { 0xFEC00000, 0xFEC10000 };

#define IOAPIC_SELECT        0x00
#define IOAPIC_WINDOW        0x10
#define IOAPIC_VERSION       1
#define IOAPIC_REDIRECTION   0x10
#define IOAPIC_LEVEL         0x8000
#define IOAPIC_MASKED        0x10000
#define IOAPIC_LINES_MAXIMUM 64

typedef struct _HALP_IOAPIC {
	volatile UCHAR *Registers;
	ULONG FirstGsi;
	ULONG Lines;
} HALP_IOAPIC;

typedef struct _HALP_INTERRUPT {
	HALP_INTERRUPT_ROUTINE *Routine;
	PVOID Context;
	ULONG Gsi;
} HALP_INTERRUPT;

static HALP_IOAPIC HalpIoApics[RTL_NUMBER_OF(HalpIoApicBases)];
static HALP_INTERRUPT HalpInterrupts[256];
static UCHAR HalpVectorOfGsi[IOAPIC_LINES_MAXIMUM];
static KSPIN_LOCK HalpInterruptLock;
ULONG64 HalpSpuriousInterrupts;

static ULONG HalpReadIoApic(const HALP_IOAPIC *IoApic, ULONG Register)
{
	*(volatile ULONG *)(IoApic->Registers + IOAPIC_SELECT) = Register;
	return *(volatile ULONG *)(IoApic->Registers + IOAPIC_WINDOW);
}

static VOID HalpWriteIoApic(const HALP_IOAPIC *IoApic, ULONG Register, ULONG Value)
{
	*(volatile ULONG *)(IoApic->Registers + IOAPIC_SELECT) = Register;
	*(volatile ULONG *)(IoApic->Registers + IOAPIC_WINDOW) = Value;
}

/* Lines come up masked at reset. An address without an I/O APIC reads as ones. */
VOID HalpInitializeIoApic(VOID)
{
	ULONG NextGsi = 0;

	for (ULONG i = 0; i < RTL_NUMBER_OF(HalpIoApicBases); i++) {
		PHYSICAL_ADDRESS Physical = { .QuadPart = HalpIoApicBases[i] };
		HALP_IOAPIC *IoApic = &HalpIoApics[i];
		ULONG Version;

		IoApic->Registers = MmMapIoSpace(Physical, PAGE_SIZE, MmNonCached);
		if (!IoApic->Registers)
			KeBugCheckEx(HAL_INITIALIZATION_FAILED, HalpIoApicBases[i], 0, 0, 0);
		Version = HalpReadIoApic(IoApic, IOAPIC_VERSION);
		if (Version == ~0u || !Version)
			continue;
		IoApic->FirstGsi = NextGsi;
		IoApic->Lines = (Version >> 16 & 0xFF) + 1;
		NextGsi += IoApic->Lines;
	}
}

static HALP_IOAPIC *HalpFindIoApic(ULONG Gsi)
{
	for (ULONG i = 0; i < RTL_NUMBER_OF(HalpIoApics); i++) {
		if (Gsi >= HalpIoApics[i].FirstGsi && Gsi - HalpIoApics[i].FirstGsi < HalpIoApics[i].Lines)
			return Gsi < IOAPIC_LINES_MAXIMUM ? &HalpIoApics[i] : NULL;
	}
	return NULL;
}

static VOID HalpRouteLine(const HALP_IOAPIC *IoApic, ULONG Gsi, ULONG Low)
{
	ULONG Register = IOAPIC_REDIRECTION + 2 * (Gsi - IoApic->FirstGsi);

	/* Devices interrupt processor 0, whichever connects them. */
	HalpWriteIoApic(IoApic, Register + 1, KiProcessorBlock[0]->InitialApicId << 24);
	HalpWriteIoApic(IoApic, Register, Low);
}

NTSTATUS HalpConnectInterrupt(ULONG Gsi, KIRQL Irql, HALP_INTERRUPT_ROUTINE *Routine, PVOID Context)
{
	HALP_IOAPIC *IoApic = HalpFindIoApic(Gsi);
	NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;
	KIRQL OldIrql;

	if (!IoApic || Irql <= DISPATCH_LEVEL || Irql >= CLOCK_LEVEL)
		return STATUS_INVALID_PARAMETER;
	KeAcquireSpinLock(&HalpInterruptLock, &OldIrql);
	if (HalpVectorOfGsi[Gsi]) {
		Status = STATUS_ALREADY_COMMITTED;
	} else {
		for (ULONG Vector = Irql * 16u; Vector < Irql * 16u + 16; Vector++) {
			if (HalpInterrupts[Vector].Routine)
				continue;
			HalpInterrupts[Vector].Context = Context;
			HalpInterrupts[Vector].Gsi = Gsi;
			HalpInterrupts[Vector].Routine = Routine;
			HalpVectorOfGsi[Gsi] = (UCHAR)Vector;
			HalpRouteLine(IoApic, Gsi, IOAPIC_LEVEL | Vector);
			Status = STATUS_SUCCESS;
			break;
		}
	}
	KeReleaseSpinLock(&HalpInterruptLock, OldIrql);
	return Status;
}

NTSTATUS HalpDisconnectInterrupt(ULONG Gsi)
{
	HALP_IOAPIC *IoApic = HalpFindIoApic(Gsi);
	NTSTATUS Status = STATUS_INVALID_PARAMETER;
	KIRQL OldIrql;

	if (!IoApic)
		return Status;
	KeAcquireSpinLock(&HalpInterruptLock, &OldIrql);
	if (HalpVectorOfGsi[Gsi]) {
		HalpRouteLine(IoApic, Gsi, IOAPIC_MASKED);
		HalpInterrupts[HalpVectorOfGsi[Gsi]].Routine = NULL;
		HalpVectorOfGsi[Gsi] = 0;
		Status = STATUS_SUCCESS;
	}
	KeReleaseSpinLock(&HalpInterruptLock, OldIrql);
	return Status;
}

VOID HalpConnectIpi(HALP_INTERRUPT_ROUTINE *Routine)
{
	HalpInterrupts[HALP_IPI_VECTOR].Routine = Routine;
}

/*
 * Called by KiInterruptDispatch with interrupts off. The service routine runs at its vector's IRQL with interrupts on; software
 * interrupts that it asked for run on the way out, still on the interrupted thread's stack.
 */
VOID HalpDispatchInterrupt(PKTRAP_FRAME TrapFrame, UCHAR Vector)
{
	KIRQL OldIrql = HalpReadCr8();
	KIRQL Irql = (KIRQL)(Vector >> 4);
	HALP_INTERRUPT_ROUTINE *Routine = HalpInterrupts[Vector].Routine;

	TrapFrame->PreviousIrql = OldIrql;
	if (Vector == HALP_SPURIOUS_VECTOR) {
		HalpSpuriousInterrupts++; /* the APIC expects no end of interrupt for this one */
		return;
	}
	KeGetCurrentPrcb()->InterruptCount++;
	HalpWriteCr8(Irql);
	HalpEnableInterrupts();
	if (Vector == HALP_CLOCK_VECTOR)
		HalpClockInterrupt(TrapFrame);
	else if (Routine)
		Routine(HalpInterrupts[Vector].Context);
	else
		HalpSpuriousInterrupts++;
	HalpDisableInterrupts();
	HalpEndOfInterrupt();
	if (OldIrql < DISPATCH_LEVEL)
		HalpDispatchSoftwareInterrupts(OldIrql);
	HalpWriteCr8(OldIrql);
}
