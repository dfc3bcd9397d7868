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

/* hal/init.c: GDT, IDT, TSS, KPCR at gs, control registers. First thing KiSystemStartup does; needs no memory manager. */
VOID HalInitializeProcessor(ULONG Number, PLOADER_PARAMETER_BLOCK LoaderBlock);
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
NTSTATUS HalpConnectInterrupt(ULONG Gsi, KIRQL Irql, HALP_INTERRUPT_ROUTINE *Routine, PVOID Context);
NTSTATUS HalpDisconnectInterrupt(ULONG Gsi);

/* hal/apic.c */
#define HALP_CLOCK_VECTOR 0xD1
#define HALP_SPURIOUS_VECTOR 0xFF
VOID HalpInitializeApic(VOID);
VOID HalpStartClockTimer(ULONG IntervalNanoseconds);
VOID HalpEndOfInterrupt(VOID);
VOID HalpSendIpi(ULONG ApicId, UCHAR Vector);
ULONG HalpReadApicTimer(VOID);
VOID HalpStartApicTimerOneShot(ULONG Count);
VOID HalpInitializeIoApic(VOID);
VOID HalpDispatchInterrupt(PKTRAP_FRAME TrapFrame, UCHAR Vector);

/* hal/clock.c: starts the clock interrupt (KeMaximumIncrement) that calls KeUpdateSystemTime and KeUpdateRunTime. */
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

/* hal/fwcfg.c: QEMU's fw_cfg through its DMA interface. FALSE: no such file, or no fw_cfg. */
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
