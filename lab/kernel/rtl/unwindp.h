/* What the unwinder (unwind.c) shows to those who walk stacks: back traces, the dispatch of exceptions, unwinding. */
#ifndef UNWINDP_H
#define UNWINDP_H

#include "rtl.h"
#include "seh.h"

/* The stack that is walked, [Low, High): nothing outside of it is read. */
typedef struct _RTL_STACK_LIMITS {
	ULONG64 Low;
	ULONG64 High;
} RTL_STACK_LIMITS, *PRTL_STACK_LIMITS;

/* One frame, as its function's unwind data describe it. */
typedef struct _RTL_FRAME {
	ULONG64 EstablisherFrame;
	PEXCEPTION_ROUTINE Handler; /* of the type asked for; NULL: none, or the frame's prologue or epilogue was running */
	PVOID HandlerData;
	BOOLEAN MachineFrame; /* a trap's: the caller did not call, it was stopped at its address, wherever that is */
} RTL_FRAME, *PRTL_FRAME;

/* Limits of the current thread's stack. */
VOID RtlpGetStackLimits(PRTL_STACK_LIMITS Limits);

/* Is a frame of this address on that stack? */
BOOLEAN RtlpIsFrameInLimits(const RTL_STACK_LIMITS *Limits, ULONG64 EstablisherFrame);

/*
 * Takes Context, which is at ControlPc in the function of FunctionEntry (NULL: a leaf function), to the caller. Pointers may be NULL.
 * FALSE: the unwind data lead out of the stack, or are damaged; Context is then undefined.
 */
BOOLEAN RtlpVirtualUnwind(ULONG HandlerType, ULONG64 ImageBase, ULONG64 ControlPc, PRUNTIME_FUNCTION FunctionEntry, PCONTEXT Context,
			  const RTL_STACK_LIMITS *Limits, PRTL_FRAME Frame, PKNONVOLATILE_CONTEXT_POINTERS Pointers);

#endif
