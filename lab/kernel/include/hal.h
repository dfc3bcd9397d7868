/*
 * The hardware layer: processor set-up, IRQL, interrupts, clocks, console. Since Windows 10 2004 it is part of ntoskrnl.exe;
 * hal.dll only forwards (hal/hal.def).
 */
#ifndef HAL_H
#define HAL_H

#include "nt.h"
#include "arc.h"

/* Selectors of NT's global descriptor table. */
#define KGDT64_R0_CODE 0x10
#define KGDT64_R0_DATA 0x18
#define KGDT64_R3_CMCODE 0x20
#define KGDT64_R3_DATA 0x28
#define KGDT64_R3_CODE 0x30
#define KGDT64_SYS_TSS 0x40
#define KGDT64_R3_CMTEB 0x50

#define HAL_INITIALIZATION_FAILED 0x5C
#ifndef STATUS_ALREADY_COMMITTED
#define STATUS_ALREADY_COMMITTED ((NTSTATUS)0xC0000021)
#endif

extern KPCR KiInitialPCR;
extern PKPRCB KiProcessorBlock[];

/* What a processor has of its own: descriptor tables, and the stacks of double faults, machine checks and NMIs. */
#define HAL_INTERRUPT_STACKS 3
#define HAL_INTERRUPT_STACK_SIZE 0x2000
typedef struct DECLSPEC_ALIGN(16) _HAL_PROCESSOR_TABLES {
	KGDTENTRY64 Gdt[6];
	KIDTENTRY64 Idt[256];
	KTSS64 Tss;
	DECLSPEC_ALIGN(16) UCHAR InterruptStacks[HAL_INTERRUPT_STACKS][HAL_INTERRUPT_STACK_SIZE];
} HAL_PROCESSOR_TABLES, *PHAL_PROCESSOR_TABLES;

/* Of processor 0, as KiInitialPCR is. */
extern HAL_PROCESSOR_TABLES HalpInitialTables;

/*
 * hal/init.c: GDT, IDT, TSS, KPCR at gs, control registers, on the processor that is to be Number. The first thing that each does; needs
 * no memory manager. Pcr and Tables are zeroed; KernelStack is the top of the stack it runs on.
 */
VOID HalInitializeProcessor(ULONG Number, PKPCR Pcr, PHAL_PROCESSOR_TABLES Tables, ULONG64 KernelStack);
/* hal/init.c: second phase, after MmInitSystem: maps the local APIC and I/O APIC, calibrates the time stamp counter, reads the CMOS clock. */
VOID HalInitSystem(PLOADER_PARAMETER_BLOCK LoaderBlock);

/* hal/console.c: one `rep outsb` to the debug console; any IRQL. */
VOID HalpConsoleWrite(const CHAR *Text, SIZE_T Length);

/*
 * hal/ioapic.c: routes I/O APIC line Gsi (level, active high, as virtio-mmio lines are) to Routine, called at Irql (3..12) with
 * interrupts enabled below it. STATUS_INVALID_PARAMETER: no such line or IRQL; STATUS_INSUFFICIENT_RESOURCES: all vectors of
 * that IRQL taken; STATUS_ALREADY_COMMITTED: line in use.
 */
typedef VOID HALP_INTERRUPT_ROUTINE(PVOID Context);
/* Routine serves the interrupts that processors send each other with HALP_IPI_VECTOR, at IPI_LEVEL. */
VOID HalpConnectIpi(HALP_INTERRUPT_ROUTINE *Routine);
NTSTATUS HalpConnectInterrupt(ULONG Gsi, KIRQL Irql, HALP_INTERRUPT_ROUTINE *Routine, PVOID Context);
NTSTATUS HalpDisconnectInterrupt(ULONG Gsi);

/* hal/apic.c */
#define HALP_CLOCK_VECTOR 0xD1
#define HALP_IPI_VECTOR 0xE1
#define HALP_SPURIOUS_VECTOR 0xFF
VOID HalpMapApic(VOID); /* once */
VOID HalpInitializeApic(VOID); /* on each processor */
VOID HalpStartClockTimer(ULONG IntervalNanoseconds);
VOID HalpEndOfInterrupt(VOID);
/* Vector interrupts the processor whose APIC has that number; any IRQL. */
VOID HalpSendIpi(ULONG ApicId, UCHAR Vector);
VOID HalpSendNmi(ULONG ApicId);
VOID HalpSendInit(ULONG ApicId);
/* A processor after INIT begins in real mode at StartPage, which lies below 1 MiB. */
VOID HalpSendStartup(ULONG ApicId, ULONG64 StartPage);
ULONG HalpReadApicTimer(VOID);
VOID HalpStartApicTimerOneShot(ULONG Count);
VOID HalpInitializeIoApic(VOID);
VOID HalpDispatchInterrupt(PKTRAP_FRAME TrapFrame, UCHAR Vector);

/* hal/startap.c: how many processors QEMU has given the machine, at most KI_MAXIMUM_PROCESSORS. */
ULONG HalQueryProcessorCount(VOID);
/*
 * hal/startap.c: starts the processor whose APIC has number ApicId; it runs Entry(Context) on Stack (its top), in the kernel's address space,
 * with interrupts off. FALSE: it has not set *Started within five seconds. One at a time, at PASSIVE_LEVEL.
 */
BOOLEAN HalStartNextProcessor(ULONG ApicId, PVOID Stack, VOID (*Entry)(PVOID Context), PVOID Context, volatile BOOLEAN *Started);

/* hal/clock.c: starts this processor's clock interrupt (KeMaximumIncrement): KeUpdateRunTime, on processor 0 KeUpdateSystemTime too. */
VOID HalInitClock(VOID);
VOID HalpClockInterrupt(PKTRAP_FRAME TrapFrame);
VOID HalpCalibrateTsc(VOID);
extern ULONG64 HalpTscFrequency;        /* ticks a second */
/* Microseconds from the loader's first instruction to now. */
ULONG64 HalpMicrosecondsSinceBoot(VOID);
/* hal/cmos.c: the battery clock as system time (UTC, 100 ns since 1601). */
ULONG64 HalpQueryCmosTime(VOID);

/* hal/irql.c: software interrupts. Requested at APC_LEVEL or DISPATCH_LEVEL, delivered when IRQL falls below that level. */
NTKERNELAPI VOID HalRequestSoftwareInterrupt(KIRQL Irql);
VOID HalClearSoftwareInterrupt(KIRQL Irql);
/* Delivers what is pending above TargetIrql. Interrupts are off on entry and on return; the caller sets the IRQL afterwards. */
VOID HalpDispatchSoftwareInterrupts(KIRQL TargetIrql);

/* hal/fwcfg.c: QEMU's fw_cfg through its DMA interface. FALSE: no such file, or no fw_cfg. An item is known by a number instead. */
BOOLEAN HalpReadFwCfgItem(USHORT Selector, PVOID Data, ULONG Length);
BOOLEAN HalpWriteFwCfgFile(const CHAR *Name, const VOID *Data, ULONG Length);

/* hal/reboot.c: the end of the machine's work. */
VOID HalpNotifyPanic(VOID);
NTKERNELAPI VOID HalReturnToFirmware(ULONG Routine);

NTKERNELAPI VOID KeStallExecutionProcessor(ULONG MicroSeconds);
NTKERNELAPI LARGE_INTEGER KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency);
NTKERNELAPI KIRQL KfRaiseIrql(KIRQL NewIrql);
NTKERNELAPI VOID KfLowerIrql(KIRQL NewIrql);
NTKERNELAPI VOID KeLowerIrql(KIRQL NewIrql);
NTKERNELAPI KIRQL KeRaiseIrqlToSynchLevel(VOID);
NTKERNELAPI KIRQL KeRaiseIrqlToDpcLevel(VOID);

#endif
