/* Brings a processor from the loader's state to NT's: descriptor tables with NT's selectors, KPCR at gs, interrupt stacks. */
#include "hal.h"
#include "kd.h"
#include "ke.h"
#include "rtl.h"
#include "x64.h"

/* Selectors (NT x64): also told to debuggers in KdDebuggerDataBlock. */
#define GATE_INTERRUPT    14
#define IST_DOUBLE_FAULT  1
#define IST_MACHINE_CHECK 2
#define IST_NMI           3
#define CR4_SMEP          (1ULL << 20)
#define CPUID_7_EBX_SMEP  (1u << 7)
#define INITIAL_MXCSR     0x1F80

DECLSPEC_ALIGN(4096) KPCR KiInitialPCR;
HAL_PROCESSOR_TABLES HalpInitialTables;
PKPRCB KiProcessorBlock[64];

typedef struct _HALP_TRAP {
	UCHAR Vector;
	UCHAR Ist;
	UCHAR Dpl;
	VOID (*Routine)(VOID);
} HALP_TRAP;

extern VOID KiDivideErrorFault(VOID), KiDebugTrapOrFault(VOID), KiNmiInterrupt(VOID), KiBreakpointTrap(VOID), KiOverflowTrap(VOID),
	KiBoundFault(VOID), KiInvalidOpcodeFault(VOID), KiNpxNotAvailableFault(VOID), KiDoubleFaultAbort(VOID), KiNpxSegmentOverrunAbort(VOID),
	KiInvalidTssFault(VOID), KiSegmentNotPresentFault(VOID), KiStackFault(VOID), KiGeneralProtectionFault(VOID), KiPageFault(VOID),
	KiFloatingErrorFault(VOID), KiAlignmentFault(VOID), KiMcheckAbort(VOID), KiXmmException(VOID), KiRaiseSecurityCheckFailure(VOID),
	KiRaiseAssertion(VOID), KiDebugServiceTrap(VOID);
extern UCHAR KiIsrThunk[];
#define ISR_THUNK_SIZE         16
#define FIRST_INTERRUPT_VECTOR 0x20

static const HALP_TRAP HalpTraps[] = {
	{ 0, 0, 0, KiDivideErrorFault },
	{ 1, 0, 0, KiDebugTrapOrFault },
	{ 2, IST_NMI, 0, KiNmiInterrupt },
	{ 3, 0, 3, KiBreakpointTrap },
	{ 4, 0, 3, KiOverflowTrap },
	{ 5, 0, 0, KiBoundFault },
	{ 6, 0, 0, KiInvalidOpcodeFault },
	{ 7, 0, 0, KiNpxNotAvailableFault },
	{ 8, IST_DOUBLE_FAULT, 0, KiDoubleFaultAbort },
	{ 9, 0, 0, KiNpxSegmentOverrunAbort },
	{ 10, 0, 0, KiInvalidTssFault },
	{ 11, 0, 0, KiSegmentNotPresentFault },
	{ 12, 0, 0, KiStackFault },
	{ 13, 0, 0, KiGeneralProtectionFault },
	{ 14, 0, 0, KiPageFault },
	{ 16, 0, 0, KiFloatingErrorFault },
	{ 17, 0, 0, KiAlignmentFault },
	{ 18, IST_MACHINE_CHECK, 0, KiMcheckAbort },
	{ 19, 0, 0, KiXmmException },
	{ 0x29, 0, 3, KiRaiseSecurityCheckFailure },
	{ 0x2C, 0, 3, KiRaiseAssertion },
	{ 0x2D, 0, 3, KiDebugServiceTrap },
};

static VOID HalpSetGate(PKIDTENTRY64 Gate, ULONG64 Routine, UCHAR Ist, UCHAR Dpl)
{
	Gate->OffsetLow = (USHORT)Routine;
	Gate->OffsetMiddle = (USHORT)(Routine >> 16);
	Gate->OffsetHigh = (ULONG)(Routine >> 32);
	Gate->Selector = KGDT64_R0_CODE;
	Gate->Type = GATE_INTERRUPT;
	Gate->IstIndex = Ist;
	Gate->Dpl = Dpl;
	Gate->Present = 1;
}

static VOID HalpInitializeIdt(PKIDTENTRY64 Idt)
{
	for (ULONG Vector = FIRST_INTERRUPT_VECTOR; Vector < 256; Vector++)
		HalpSetGate(&Idt[Vector], (ULONG64)KiIsrThunk + (Vector - FIRST_INTERRUPT_VECTOR) * ISR_THUNK_SIZE, 0, 0);
	for (ULONG i = 0; i < RTL_NUMBER_OF(HalpTraps); i++)
		HalpSetGate(&Idt[HalpTraps[i].Vector], (ULONG64)HalpTraps[i].Routine, HalpTraps[i].Ist, HalpTraps[i].Dpl);
}

/* Code and data descriptors as NT has them; the task state segment's takes two slots. */
static VOID HalpInitializeGdt(PHAL_PROCESSOR_TABLES Tables)
{
	ULONG64 *Gdt = (ULONG64 *)Tables->Gdt;
	ULONG64 Tss = (ULONG64)&Tables->Tss;

	Gdt[KGDT64_R0_CODE / 8] = 0x00209B0000000000;
	Gdt[KGDT64_R0_DATA / 8] = 0x00CF93000000FFFF;
	Gdt[KGDT64_R3_CMCODE / 8] = 0x00CFFB000000FFFF;
	Gdt[KGDT64_R3_DATA / 8] = 0x00CFF3000000FFFF;
	Gdt[KGDT64_R3_CODE / 8] = 0x0020FB0000000000;
	Gdt[KGDT64_R3_CMTEB / 8] = 0x0040F30000003C00;
	Gdt[KGDT64_SYS_TSS / 8] = (sizeof(KTSS64) - 1) | (Tss & 0xFFFFFF) << 16 | 0x89ULL << 40 | (Tss >> 24 & 0xFF) << 56;
	Gdt[KGDT64_SYS_TSS / 8 + 1] = Tss >> 32;
}

static VOID HalpLoadTables(PKPCR Pcr, PHAL_PROCESSOR_TABLES Tables)
{
	KDESCRIPTOR Gdtr = { .Limit = sizeof(Tables->Gdt) - 1, .Base = Tables->Gdt };
	KDESCRIPTOR Idtr = { .Limit = sizeof(Tables->Idt) - 1, .Base = Tables->Idt };
	KSPECIAL_REGISTERS *Special = &Pcr->Prcb.ProcessorState.SpecialRegisters;

	for (ULONG i = 0; i < HAL_INTERRUPT_STACKS; i++)
		Tables->Tss.Ist[i + 1] = (ULONG64)Tables->InterruptStacks[i] + HAL_INTERRUPT_STACK_SIZE;
	Tables->Tss.IoMapBase = sizeof(KTSS64);
	__asm__ volatile("lgdt (%0)" : : "r"(&Gdtr.Limit), "m"(Gdtr));
	__asm__ volatile("lidt (%0)" : : "r"(&Idtr.Limit), "m"(Idtr));
	__asm__ volatile("pushq %0; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:" : : "i"(KGDT64_R0_CODE) : "rax", "memory");
	__asm__ volatile("movw %w0, %%ds; movw %w0, %%es" : : "r"(KGDT64_R3_DATA | 3));
	__asm__ volatile("movw %w0, %%ss" : : "r"(KGDT64_R0_DATA));
	__asm__ volatile("movw %w0, %%fs; movw %w1, %%gs" : : "r"(KGDT64_R3_CMTEB | 3), "r"(KGDT64_R3_DATA | 3));
	__asm__ volatile("ltr %w0" : : "r"(KGDT64_SYS_TSS));
	HalpWriteMsr(MSR_FS_BASE, 0);
	HalpWriteMsr(MSR_GS_BASE, (ULONG64)Pcr);
	HalpWriteMsr(MSR_KERNEL_GS_BASE, 0);
	Special->Gdtr = Gdtr;
	Special->Idtr = Idtr;
	Special->Tr = KGDT64_SYS_TSS;
	Special->MsrGsBase = (ULONG64)Pcr;
}

static VOID HalpIdentifyProcessor(PKPRCB Prcb)
{
	ULONG Words[4];

	HalpCpuid(0, Words);
	memcpy(&Prcb->VendorString[0], &Words[1], 4);
	memcpy(&Prcb->VendorString[4], &Words[3], 4);
	memcpy(&Prcb->VendorString[8], &Words[2], 4);
	if (Words[0] >= 7) {
		HalpCpuid(7, Words);
		if (Words[1] & CPUID_7_EBX_SMEP)
			HalpWriteCr4(HalpReadCr4() | CR4_SMEP);
	}
	HalpCpuid(1, Words);
	Prcb->CpuID = 1;
	Prcb->LegacyCoresPerPhysicalProcessor = 1;
	Prcb->LegacyLogicalProcessorsPerCore = 1;
	Prcb->CpuType = (CHAR)((Words[0] >> 8 & 15) + ((Words[0] >> 8 & 15) == 15 ? Words[0] >> 20 & 0xFF : 0));
	Prcb->CpuStepping = (UCHAR)(Words[0] & 15);
	Prcb->CpuModel = (UCHAR)((Words[0] >> 4 & 15) | (Words[0] >> 12 & 0xF0));
}

VOID HalInitializeProcessor(ULONG Number, PKPCR Pcr, PHAL_PROCESSOR_TABLES Tables, ULONG64 KernelStack)
{
	PKPRCB Prcb = &Pcr->Prcb;
	ULONG Mxcsr = INITIAL_MXCSR;

	HalpInitializeGdt(Tables);
	HalpInitializeIdt(Tables->Idt);
	HalpLoadTables(Pcr, Tables);
	HalpWriteCr8(DISPATCH_LEVEL);
	__asm__ volatile("fninit; ldmxcsr %0" : : "m"(Mxcsr));

	Pcr->GdtBase = Tables->Gdt;
	Pcr->TssBase = &Tables->Tss;
	Pcr->IdtBase = Tables->Idt;
	Pcr->Self = Pcr;
	Pcr->CurrentPrcb = Prcb;
	Pcr->LockArray = Prcb->LockQueue;
	Pcr->MajorVersion = 1;
	Pcr->MinorVersion = 1;
	Prcb->Number = Number;
	Prcb->LegacyNumber = (UCHAR)Number;
	Prcb->GroupIndex = (UCHAR)Number;
	Prcb->GroupSetMember = 1ULL << Number;
	Prcb->MajorVersion = 1;
	Prcb->MinorVersion = 1;
	Prcb->MxCsr = INITIAL_MXCSR;
	Prcb->RspBase = KernelStack;
	Prcb->Context = &Prcb->ProcessorState.ContextFrame;
	HalpIdentifyProcessor(Prcb);
	KiProcessorBlock[Number] = Prcb;

	KSPECIAL_REGISTERS *Special = &Prcb->ProcessorState.SpecialRegisters;
	Special->Cr0 = HalpReadCr0();
	Special->Cr3 = HalpReadCr3();
	Special->Cr4 = HalpReadCr4();
	Special->MxCsr = INITIAL_MXCSR;
}

VOID HalInitSystem(PLOADER_PARAMETER_BLOCK LoaderBlock)
{
	UNREFERENCED_PARAMETER(LoaderBlock);
	HalpMapApic();
	HalpInitializeApic();
	HalpInitializeIoApic();
	HalpCalibrateTsc();
}
