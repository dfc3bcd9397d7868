/* ExAllocateTimer and its family: timers that the system allocates, with a callback. Periods and due times are in 100-ns units. */
#include "ex.h"
#include "ke.h"
#include "mm.h"

#define EX_TIMER_TAG          'mTxE'
#define EX_TIMER_NOTIFICATION 0x80000000u

typedef struct _EX_TIMER EX_TIMER, *PEX_TIMER;
typedef VOID EXT_CALLBACK(PEX_TIMER Timer, PVOID Context);

typedef struct _EXT_DELETE_PARAMETERS {
	ULONG Version;
	ULONG Reserved;
	VOID (*DeleteCallback)(PVOID Context);
	PVOID DeleteContext;
} EXT_DELETE_PARAMETERS, *PEXT_DELETE_PARAMETERS;

/* A caller may wait for it: the timer comes first. */
struct _EX_TIMER {
	KTIMER Timer;
	KDPC Dpc;
	EXT_CALLBACK *Callback;
	PVOID Context;
	EXT_DELETE_PARAMETERS Delete;
	BOOLEAN DeleteWhenExpired;
};

static VOID ExpDeleteExTimer(PEX_TIMER timer)
{
	EXT_DELETE_PARAMETERS parameters = timer->Delete;

	ExFreePoolWithTag(timer, EX_TIMER_TAG);
	if (parameters.DeleteCallback != NULL)
		parameters.DeleteCallback(parameters.DeleteContext);
}

static VOID ExpTimerDpc(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
	PEX_TIMER timer = context;

	UNREFERENCED_PARAMETER(dpc);
	UNREFERENCED_PARAMETER(argument1);
	UNREFERENCED_PARAMETER(argument2);
	if (timer->Callback != NULL)
		timer->Callback(timer, timer->Context);
	if (timer->DeleteWhenExpired)
		ExpDeleteExTimer(timer);
}

/* Callback may be NULL. NULL: no memory. */
NTKERNELAPI PEX_TIMER ExAllocateTimer(EXT_CALLBACK *Callback, PVOID CallbackContext, ULONG Attributes)
{
	PEX_TIMER timer = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*timer), EX_TIMER_TAG);

	if (timer == NULL)
		return NULL;
	KeInitializeTimerEx(&timer->Timer, Attributes & EX_TIMER_NOTIFICATION ? NotificationTimer : SynchronizationTimer);
	KeInitializeDpc(&timer->Dpc, ExpTimerDpc, timer);
	timer->Callback = Callback;
	timer->Context = CallbackContext;
	timer->Delete = (EXT_DELETE_PARAMETERS){ 0 };
	timer->DeleteWhenExpired = FALSE;
	return timer;
}

/* TRUE: it was set before. A period is rounded up to whole milliseconds. */
NTKERNELAPI BOOLEAN ExSetTimer(PEX_TIMER Timer, LONGLONG DueTime, LONGLONG Period, PVOID Parameters)
{
	LARGE_INTEGER due = { .QuadPart = DueTime };

	UNREFERENCED_PARAMETER(Parameters);
	return KeSetTimerEx(&Timer->Timer, due, (LONG)((Period + 9999) / 10000), &Timer->Dpc);
}

NTKERNELAPI BOOLEAN ExCancelTimer(PEX_TIMER Timer, PVOID Parameters)
{
	UNREFERENCED_PARAMETER(Parameters);
	return KeCancelTimer(&Timer->Timer);
}

/*
 * Cancel FALSE: a timer that is set expires first. Wait: its callback has ended, too, when this returns; for this the caller is below
 * DISPATCH_LEVEL. TRUE: it was cancelled.
 */
NTKERNELAPI BOOLEAN ExDeleteTimer(PEX_TIMER Timer, BOOLEAN Cancel, BOOLEAN Wait, PEXT_DELETE_PARAMETERS Parameters)
{
	BOOLEAN cancelled = FALSE;

	if (Parameters != NULL)
		Timer->Delete = *Parameters;
	if (!Cancel) {
		Timer->DeleteWhenExpired = TRUE;
		if (KeReadStateTimer(&Timer->Timer) || !Timer->Timer.Header.Inserted)
			KeInsertQueueDpc(&Timer->Dpc, NULL, NULL);
		return FALSE;
	}
	cancelled = KeCancelTimer(&Timer->Timer);
	if (Wait)
		KeFlushQueuedDpcs();
	else
		KeRemoveQueueDpc(&Timer->Dpc);
	ExpDeleteExTimer(Timer);
	return cancelled;
}
