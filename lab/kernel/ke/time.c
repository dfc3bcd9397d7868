/* Time: what the clock interrupt counts, and the routines that read it. */

#include "hal.h"
#include "ki.h"

#define CLOCK_INCREMENT       156250 /* 100 ns: 64 Hz, as NT's default on x64 */
#define TICK_MULTIPLIER_SHIFT 24

ULONG KeMaximumIncrement = CLOCK_INCREMENT;
ULONG KeMinimumIncrement = CLOCK_INCREMENT;
ULONG KeTimeIncrement = CLOCK_INCREMENT;
LARGE_INTEGER KeBootTime;
NTKERNELAPI volatile KSYSTEM_TIME KeTickCount;

static volatile ULONG64 KiLastClockTsc;

/* Readers without a lock compare the two high words: the second is written first, the first last. */
static VOID KiWriteSystemTime(volatile KSYSTEM_TIME *Time, ULONGLONG Value)
{
	Time->High2Time = (LONG)(Value >> 32);
	Time->LowPart = (ULONG)Value;
	Time->High1Time = (LONG)(Value >> 32);
}

static ULONGLONG KiReadSystemTime(const volatile KSYSTEM_TIME *Time)
{
	LONG High;
	ULONG Low;

	do {
		High = Time->High1Time;
		Low = Time->LowPart;
	} while (High != Time->High2Time);
	return (ULONGLONG)(ULONG)High << 32 | Low;
}

VOID KeSetBootTime(ULONGLONG SystemTime)
{
	KeBootTime.QuadPart = (LONGLONG)SystemTime;
	SharedUserData->TickCountMultiplier = (ULONG)(((ULONGLONG)KeMaximumIncrement << TICK_MULTIPLIER_SHIFT) / 10000);
	KiWriteSystemTime(&SharedUserData->SystemTime, SystemTime);
	KiWriteSystemTime(&SharedUserData->InterruptTime, 0);
	KiLastClockTsc = KeReadTsc();
}

VOID KeUpdateSystemTime(PKTRAP_FRAME TrapFrame, ULONG Increment)
{
	ULONGLONG InterruptTime = KiReadSystemTime(&SharedUserData->InterruptTime) + Increment;
	ULONGLONG Ticks = KiReadSystemTime(&KeTickCount) + 1;

	UNREFERENCED_PARAMETER(TrapFrame);
	KiLastClockTsc = KeReadTsc();
	KiWriteSystemTime(&SharedUserData->InterruptTime, InterruptTime);
	KiWriteSystemTime(&SharedUserData->SystemTime, KiReadSystemTime(&SharedUserData->SystemTime) + Increment);
	KiWriteSystemTime(&KeTickCount, Ticks);
	KiWriteSystemTime(&SharedUserData->TickCount, Ticks);
}

/* Irql is the interrupted one: it says whose time the interval was. */
VOID KeUpdateRunTime(PKTRAP_FRAME TrapFrame, KIRQL Irql)
{
	PKPRCB Prcb = KeGetCurrentPrcb();
	PKTHREAD Thread = Prcb->CurrentThread;

	UNREFERENCED_PARAMETER(TrapFrame);
	Prcb->LastTick = KeTickCount.LowPart;
	Prcb->ClockInterrupts++;
	if (KiIsTimerDue(Prcb, KiReadSystemTime(&SharedUserData->InterruptTime)))
		KiRequestTimerExpiration(Prcb);
	Prcb->KernelTime++;
	if (Irql > DISPATCH_LEVEL) {
		Prcb->InterruptTime++;
	} else if (Irql == DISPATCH_LEVEL && Prcb->DpcRoutineActive) {
		Prcb->DpcTime++;
	} else {
		Thread->KernelTime++;
		Thread->Process->KernelTime++;
	}
	/* DPCs that another processor has left here without an interrupt wait no longer than this. */
	if (Prcb->DpcData[0].DpcQueueDepth && !Prcb->DpcRoutineActive)
		HalRequestSoftwareInterrupt(DISPATCH_LEVEL);
	if (Thread == Prcb->IdleThread || Prcb->DpcRoutineActive)
		return;
	if (Thread->CycleTime + (KeReadTsc() - Prcb->StartCycles) >= Thread->QuantumTarget) {
		Prcb->QuantumEnd = TRUE;
		HalRequestSoftwareInterrupt(DISPATCH_LEVEL);
	}
}

NTKERNELAPI VOID KeQuerySystemTime(PLARGE_INTEGER CurrentTime)
{
	CurrentTime->QuadPart = (LONGLONG)KiReadSystemTime(&SharedUserData->SystemTime);
}

/* 100 ns since the last clock interrupt, never more than one interval, so that time does not run ahead of the clock. */
static ULONGLONG KiTimeSinceClock(VOID)
{
	LONG64 Ticks = (LONG64)(KeReadTsc() - KiLastClockTsc);
	/* Another processor's counter may lie a little behind the one that took the clock's time. */
	ULONG64 Time = HalpTscFrequency && Ticks > 0 ? (ULONG64)Ticks * 10 / (HalpTscFrequency / 1000000) : 0;

	return Time < KeMaximumIncrement ? Time : KeMaximumIncrement - 1;
}

NTKERNELAPI VOID KeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime)
{
	ULONGLONG Base;

	do {
		Base = KiReadSystemTime(&SharedUserData->SystemTime);
		CurrentTime->QuadPart = (LONGLONG)(Base + KiTimeSinceClock());
	} while (Base != KiReadSystemTime(&SharedUserData->SystemTime));
}

NTKERNELAPI VOID KeQueryTickCount(PLARGE_INTEGER TickCount)
{
	TickCount->QuadPart = (LONGLONG)KiReadSystemTime(&KeTickCount);
}

NTKERNELAPI ULONGLONG KeQueryInterruptTime(VOID)
{
	return KiReadSystemTime(&SharedUserData->InterruptTime);
}

NTKERNELAPI ULONGLONG KeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp)
{
	ULONGLONG Base, Time;

	do {
		Base = KeQueryInterruptTime();
		Time = Base + KiTimeSinceClock();
	} while (Base != KeQueryInterruptTime());
	*QpcTimeStamp = (ULONG64)KeQueryPerformanceCounter(NULL).QuadPart;
	return Time;
}

/* The machine never sleeps, so nothing biases it. */
NTKERNELAPI ULONGLONG KeQueryUnbiasedInterruptTime(VOID)
{
	return KeQueryInterruptTime();
}

NTKERNELAPI ULONG KeQueryTimeIncrement(VOID)
{
	return KeTimeIncrement;
}
