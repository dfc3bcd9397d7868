/* The local APIC: x2APIC by model-specific register where the processor has it (cheaper to virtualize), else by memory. */
#include "hal.h"
#include "kd.h"
#include "ke.h"
#include "mm.h"
#include "x64.h"

#define APIC_PHYSICAL_BASE 0xFEE00000

/* Register numbers: offset / 0x10 in memory, 0x800 + number as MSR. */
#define APIC_ID            0x02
#define APIC_EOI           0x0B
#define APIC_SPURIOUS      0x0F
#define APIC_ICR_LOW       0x30
#define APIC_ICR_HIGH      0x31
#define APIC_LVT_TIMER     0x32
#define APIC_LVT_LINT0     0x35
#define APIC_LVT_LINT1     0x36
#define APIC_LVT_ERROR     0x37
#define APIC_TIMER_INITIAL 0x38
#define APIC_TIMER_CURRENT 0x39
#define APIC_TIMER_DIVIDE  0x3E

#define APIC_SOFTWARE_ENABLE 0x100
#define APIC_LVT_MASKED      0x10000
#define APIC_LVT_PERIODIC    0x20000
#define APIC_LVT_NMI         0x400
#define APIC_DIVIDE_BY_1     0x0B

/* Interrupt command: delivery modes, and the level that INIT wants. */
#define APIC_DELIVER_NMI     0x400
#define APIC_DELIVER_INIT    0x500
#define APIC_DELIVER_STARTUP 0x600
#define APIC_LEVEL_ASSERT    0x4000

static volatile ULONG *HalpApicMemory; /* NULL: x2APIC */

static ULONG HalpReadApic(ULONG Register)
{
	if (HalpApicMemory)
		return HalpApicMemory[Register * 4];
	return (ULONG)HalpReadMsr(MSR_X2APIC_BASE + Register);
}

static VOID HalpWriteApic(ULONG Register, ULONG Value)
{
	if (HalpApicMemory)
		HalpApicMemory[Register * 4] = Value;
	else
		HalpWriteMsr(MSR_X2APIC_BASE + Register, Value);
}

/* Every processor finds its own APIC at the same address. */
VOID HalpMapApic(VOID)
{
	PHYSICAL_ADDRESS Physical = { .QuadPart = APIC_PHYSICAL_BASE };
	ULONG Features[4];

	HalpCpuid(1, Features);
	if (Features[2] & CPUID_1_ECX_X2APIC)
		return;
	HalpApicMemory = MmMapIoSpace(Physical, PAGE_SIZE, MmNonCached);
	if (!HalpApicMemory)
		KeBugCheckEx(HAL_INITIALIZATION_FAILED, APIC_PHYSICAL_BASE, 0, 0, 0);
}

VOID HalpInitializeApic(VOID)
{
	ULONG64 Base = HalpReadMsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	HalpWriteMsr(MSR_APIC_BASE, HalpApicMemory ? Base : Base | APIC_BASE_X2APIC);
	HalpWriteApic(APIC_SPURIOUS, APIC_SOFTWARE_ENABLE | HALP_SPURIOUS_VECTOR);
	HalpWriteApic(APIC_LVT_TIMER, APIC_LVT_MASKED);
	HalpWriteApic(APIC_LVT_LINT0, APIC_LVT_MASKED);
	HalpWriteApic(APIC_LVT_LINT1, APIC_LVT_NMI);
	HalpWriteApic(APIC_LVT_ERROR, APIC_LVT_MASKED);
	HalpWriteApic(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
	KeGetCurrentPrcb()->InitialApicId = HalpApicMemory ? HalpReadApic(APIC_ID) >> 24 : HalpReadApic(APIC_ID);
}

VOID HalpEndOfInterrupt(VOID)
{
	HalpWriteApic(APIC_EOI, 0);
}

/* The timer's input clock is 1 GHz in QEMU and in KVM (hw/intc/apic.c counts nanoseconds; APIC_BUS_CYCLE_NS is 1). */
VOID HalpStartClockTimer(ULONG IntervalNanoseconds)
{
	HalpWriteApic(APIC_LVT_TIMER, APIC_LVT_PERIODIC | HALP_CLOCK_VECTOR);
	HalpWriteApic(APIC_TIMER_INITIAL, IntervalNanoseconds);
}

VOID HalpStartApicTimerOneShot(ULONG Count)
{
	HalpWriteApic(APIC_LVT_TIMER, APIC_LVT_MASKED);
	HalpWriteApic(APIC_TIMER_INITIAL, Count);
}

ULONG HalpReadApicTimer(VOID)
{
	return HalpReadApic(APIC_TIMER_CURRENT);
}

static VOID HalpSendCommand(ULONG ApicId, ULONG Command)
{
	BOOLEAN Enabled;

	if (!HalpApicMemory) {
		HalpWriteMsr(MSR_X2APIC_BASE + APIC_ICR_LOW, (ULONG64)ApicId << 32 | Command);
		return;
	}
	/* Two registers: an interrupt routine that sent one in between would change the first. */
	Enabled = HalpDisableInterrupts();
	HalpApicMemory[APIC_ICR_HIGH * 4] = ApicId << 24;
	HalpApicMemory[APIC_ICR_LOW * 4] = Command;
	HalpRestoreInterrupts(Enabled);
}

VOID HalpSendIpi(ULONG ApicId, UCHAR Vector)
{
	HalpSendCommand(ApicId, APIC_LEVEL_ASSERT | Vector);
}

VOID HalpSendNmi(ULONG ApicId)
{
	HalpSendCommand(ApicId, APIC_LEVEL_ASSERT | APIC_DELIVER_NMI);
}

VOID HalpSendInit(ULONG ApicId)
{
	HalpSendCommand(ApicId, APIC_LEVEL_ASSERT | APIC_DELIVER_INIT);
}

VOID HalpSendStartup(ULONG ApicId, ULONG64 StartPage)
{
	HalpSendCommand(ApicId, APIC_LEVEL_ASSERT | APIC_DELIVER_STARTUP | (ULONG)(StartPage >> PAGE_SHIFT));
}
