/* Processor instructions and registers that the hardware layer, the trap code and the memory manager need (Intel SDM). */
#ifndef HAL_X64_H
#define HAL_X64_H

#include "nt.h"

#define MSR_APIC_BASE 0x1B
#define MSR_PAT 0x277
#define MSR_EFER 0xC0000080
#define MSR_FS_BASE 0xC0000100
#define MSR_GS_BASE 0xC0000101
#define MSR_KERNEL_GS_BASE 0xC0000102
#define MSR_X2APIC_BASE 0x800
#define MSR_KVM_SYSTEM_TIME_NEW 0x4B564D01

#define APIC_BASE_ENABLE 0x800
#define APIC_BASE_X2APIC 0x400

#define CPUID_HYPERVISOR 0x40000000
#define CPUID_KVM_FEATURES 0x40000001
#define CPUID_1_ECX_X2APIC (1u << 21)
#define CPUID_1_ECX_HYPERVISOR (1u << 31)
#define KVM_FEATURE_CLOCKSOURCE2 (1u << 3)

static inline VOID HalpCpuid(ULONG Leaf, ULONG Out[4])
{
	__asm__ volatile("cpuid" : "=a"(Out[0]), "=b"(Out[1]), "=c"(Out[2]), "=d"(Out[3]) : "a"(Leaf), "c"(0));
}

static inline ULONG64 HalpReadMsr(ULONG Msr)
{
	ULONG Low, High;

	__asm__ volatile("rdmsr" : "=a"(Low), "=d"(High) : "c"(Msr));
	return (ULONG64)High << 32 | Low;
}

static inline VOID HalpWriteMsr(ULONG Msr, ULONG64 Value)
{
	__asm__ volatile("wrmsr" : : "c"(Msr), "a"((ULONG)Value), "d"((ULONG)(Value >> 32)) : "memory");
}

static inline ULONG64 HalpReadTsc(VOID)
{
	ULONG Low, High;

	__asm__ volatile("rdtsc" : "=a"(Low), "=d"(High));
	return (ULONG64)High << 32 | Low;
}

static inline UCHAR HalpReadPort8(USHORT Port)
{
	UCHAR Value;

	__asm__ volatile("inb %1, %0" : "=a"(Value) : "Nd"(Port));
	return Value;
}

static inline VOID HalpWritePort8(USHORT Port, UCHAR Value)
{
	__asm__ volatile("outb %0, %1" : : "a"(Value), "Nd"(Port));
}

static inline VOID HalpWritePort16(USHORT Port, USHORT Value)
{
	__asm__ volatile("outw %0, %1" : : "a"(Value), "Nd"(Port));
}

static inline VOID HalpWritePort32(USHORT Port, ULONG Value)
{
	__asm__ volatile("outl %0, %1" : : "a"(Value), "Nd"(Port));
}

static inline ULONG64 HalpReadCr2(VOID)
{
	ULONG64 Value;

	__asm__ volatile("movq %%cr2, %0" : "=r"(Value));
	return Value;
}

static inline ULONG64 HalpReadCr3(VOID)
{
	ULONG64 Value;

	__asm__ volatile("movq %%cr3, %0" : "=r"(Value) : : "memory");
	return Value;
}

static inline VOID HalpWriteCr3(ULONG64 Value)
{
	__asm__ volatile("movq %0, %%cr3" : : "r"(Value) : "memory");
}

static inline ULONG64 HalpReadCr4(VOID)
{
	ULONG64 Value;

	__asm__ volatile("movq %%cr4, %0" : "=r"(Value));
	return Value;
}

static inline VOID HalpWriteCr4(ULONG64 Value)
{
	__asm__ volatile("movq %0, %%cr4" : : "r"(Value) : "memory");
}

static inline ULONG64 HalpReadCr0(VOID)
{
	ULONG64 Value;

	__asm__ volatile("movq %%cr0, %0" : "=r"(Value));
	return Value;
}

static inline KIRQL HalpReadCr8(VOID)
{
	ULONG64 Value;

	__asm__ volatile("movq %%cr8, %0" : "=r"(Value) : : "memory");
	return (KIRQL)Value;
}

static inline VOID HalpWriteCr8(KIRQL Irql)
{
	__asm__ volatile("movq %0, %%cr8" : : "r"((ULONG64)Irql) : "memory");
}

/* Turns interrupts off; returns whether they were on. */
static inline BOOLEAN HalpDisableInterrupts(VOID)
{
	ULONG64 Flags;

	__asm__ volatile("pushfq; popq %0; cli" : "=r"(Flags) : : "memory");
	return (Flags & 0x200) != 0;
}

static inline VOID HalpEnableInterrupts(VOID)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline VOID HalpRestoreInterrupts(BOOLEAN Enable)
{
	if (Enable)
		HalpEnableInterrupts();
}

static inline VOID HalpPause(VOID)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline VOID HalpInvalidatePage(const VOID *Address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(Address) : "memory");
}

/* Pending software interrupts, one bit an IRQL: KPCR.HalReserved[0] of the running processor. */
#define HALP_PENDING_SOFTWARE "%%gs:0xC0"

static inline ULONG HalpPendingSoftwareInterrupts(VOID)
{
	ULONG Value;

	__asm__ volatile("movl " HALP_PENDING_SOFTWARE ", %0" : "=r"(Value) : : "memory");
	return Value;
}

static inline VOID HalpSetPendingSoftwareInterrupt(KIRQL Irql)
{
	__asm__ volatile("orl %0, " HALP_PENDING_SOFTWARE : : "r"(1u << Irql) : "memory", "cc");
}

static inline VOID HalpClearPendingSoftwareInterrupt(KIRQL Irql)
{
	__asm__ volatile("andl %0, " HALP_PENDING_SOFTWARE : : "r"(~(1u << Irql)) : "memory", "cc");
}

#endif
