/* Time: the stamp counter's rate, the performance counter, stalls, and the clock interrupt. */
#include "hal.h"
#include "kd.h"
#include "ke.h"
#include "mm.h"
#include "x64.h"

#define CALIBRATION_NANOSECONDS 2000000
#define CALIBRATION_SAMPLES     8
#define PERFORMANCE_FREQUENCY   10000000 /* what Windows 10 and later report */
#define NANOSECONDS_A_SECOND    1000000000ULL

/* KVM's paravirtual clock page (Linux, Documentation/virt/kvm/x86/msr.rst): TSC-to-nanosecond scale, exact. */
typedef struct _HALP_KVM_CLOCK {
	ULONG Version;
	ULONG Pad;
	ULONG64 TscTimestamp;
	ULONG64 SystemTime;
	ULONG TscToSystemMul;
	CHAR TscShift;
	UCHAR Flags;
	UCHAR Pad2[2];
} HALP_KVM_CLOCK;

ULONG64 HalpTscFrequency;
static volatile HALP_KVM_CLOCK HalpKvmClock __attribute__((aligned(64)));

static BOOLEAN HalpIsKvm(VOID)
{
	ULONG Words[4];

	HalpCpuid(1, Words);
	if (!(Words[2] & CPUID_1_ECX_HYPERVISOR))
		return FALSE;
	HalpCpuid(CPUID_HYPERVISOR, Words);
	if (Words[1] != 0x4B4D564B || Words[2] != 0x564B4D56 || Words[3] != 0x4D) /* KVMKVMKVM */
		return FALSE;
	HalpCpuid(CPUID_KVM_FEATURES, Words);
	return (Words[0] & KVM_FEATURE_CLOCKSOURCE2) != 0;
}

static ULONG64 HalpTscFrequencyFromKvm(VOID)
{
	ULONG64 Frequency;

	HalpWriteMsr(MSR_KVM_SYSTEM_TIME_NEW, (ULONG64)MmGetPhysicalAddress((PVOID)&HalpKvmClock).QuadPart | 1);
	HalpWriteMsr(MSR_KVM_SYSTEM_TIME_NEW, 0);
	if (!HalpKvmClock.TscToSystemMul)
		return 0;
	/* ns = (tsc << shift) * mul >> 32, solved for tsc a second in two steps that stay within 64 bits */
	Frequency = (NANOSECONDS_A_SECOND << 32) / HalpKvmClock.TscToSystemMul;
	return HalpKvmClock.TscShift < 0 ? Frequency << -HalpKvmClock.TscShift : Frequency >> HalpKvmClock.TscShift;
}

/* Both clocks at one moment: the reading whose two sides lie closest together, for the host may take the processor away anywhere. */
static VOID HalpSampleClocks(ULONG64 *Tsc, ULONG *Timer)
{
	ULONG64 Best = ~0ULL;

	for (ULONG i = 0; i < CALIBRATION_SAMPLES; i++) {
		ULONG64 Before = HalpReadTsc();
		ULONG Count = HalpReadApicTimer();
		ULONG64 After = HalpReadTsc();

		if (After - Before < Best) {
			Best = After - Before;
			*Tsc = Before + Best / 2;
			*Timer = Count;
		}
	}
}

/* Against the APIC timer, which counts nanoseconds (apic.c), downwards. */
static ULONG64 HalpMeasureTscFrequency(VOID)
{
	ULONG64 TscStart, TscEnd;
	ULONG TimerStart, TimerEnd;

	HalpStartApicTimerOneShot(~0u);
	HalpSampleClocks(&TscStart, &TimerStart);
	while (TimerStart - HalpReadApicTimer() < CALIBRATION_NANOSECONDS)
		HalpPause();
	HalpSampleClocks(&TscEnd, &TimerEnd);
	HalpStartApicTimerOneShot(0);
	return (TscEnd - TscStart) * NANOSECONDS_A_SECOND / (TimerStart - TimerEnd);
}

VOID HalpCalibrateTsc(VOID)
{
	if (HalpIsKvm())
		HalpTscFrequency = HalpTscFrequencyFromKvm();
	if (!HalpTscFrequency)
		HalpTscFrequency = HalpMeasureTscFrequency();
	KeGetCurrentPrcb()->MHz = (ULONG)(HalpTscFrequency / 1000000);
	KeGetPcr()->StallScaleFactor = KeGetCurrentPrcb()->MHz;
}

/* Ticks to units of 1/Rate seconds without 128-bit division. */
static ULONG64 HalpScaleTicks(ULONG64 Ticks, ULONG64 Rate)
{
	return Ticks / HalpTscFrequency * Rate + Ticks % HalpTscFrequency * Rate / HalpTscFrequency;
}

ULONG64 HalpMicrosecondsSinceBoot(VOID)
{
	return HalpScaleTicks(HalpReadTsc() - KeLoaderBlock->BootStartTsc, 1000000);
}

NTKERNELAPI LARGE_INTEGER KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency)
{
	LARGE_INTEGER Counter;

	if (PerformanceFrequency)
		PerformanceFrequency->QuadPart = PERFORMANCE_FREQUENCY;
	Counter.QuadPart = (LONGLONG)HalpScaleTicks(HalpReadTsc() - KeLoaderBlock->BootStartTsc, PERFORMANCE_FREQUENCY);
	return Counter;
}

NTKERNELAPI VOID KeStallExecutionProcessor(ULONG MicroSeconds)
{
	ULONG64 Start = HalpReadTsc();
	ULONG64 Ticks = (ULONG64)MicroSeconds * (HalpTscFrequency / 1000000);

	while (HalpReadTsc() - Start < Ticks)
		HalpPause();
}

VOID HalInitClock(VOID)
{
	PKPRCB Prcb = KeGetCurrentPrcb();

	Prcb->ClockOwner = Prcb->Number == 0;
	Prcb->MHz = (ULONG)(HalpTscFrequency / 1000000);
	KeGetPcr()->StallScaleFactor = Prcb->MHz;
	HalpStartClockTimer(KeMaximumIncrement * 100);
}

VOID HalpClockInterrupt(PKTRAP_FRAME TrapFrame)
{
	if (KeGetCurrentPrcb()->ClockOwner) {
		KeUpdateSystemTime(TrapFrame, KeMaximumIncrement);
		KdpUpdateDumpHeaderTime();
	}
	KeUpdateRunTime(TrapFrame, TrapFrame->PreviousIrql);
}
