/*
 * Exceptions and unwinding on the current stack: handlers are asked frame by frame who takes an exception (RtlDispatchException), and told
 * frame by frame that they are left (RtlUnwindEx). The two protocols are Microsoft's; what a handler does is its language's (cspecific.c).
 */
#include "ke.h"
#include "unwindp.h"

/* exhandlr.S: call the language handler below a frame of their own, whose handlers see an exception that comes out of it. */
EXCEPTION_DISPOSITION RtlpExecuteHandlerForException(PEXCEPTION_RECORD Record, ULONG64 EstablisherFrame, PCONTEXT Context,
						     PDISPATCHER_CONTEXT Dispatcher);
EXCEPTION_DISPOSITION RtlpExecuteHandlerForUnwind(PEXCEPTION_RECORD Record, ULONG64 EstablisherFrame, PCONTEXT Context,
						  PDISPATCHER_CONTEXT Dispatcher);
EXCEPTION_ROUTINE RtlpExceptionHandler, RtlpUnwindHandler;

_Static_assert(offsetof(DISPATCHER_CONTEXT, LanguageHandler) == 0x30 && sizeof(DISPATCHER_CONTEXT) == 0x50, "exhandlr.S knows these offsets");

/* In the frames of exhandlr.S, above the home area: the dispatcher context of the handler that was called. */
#define RTL_SAVED_DISPATCHER(EstablisherFrame) (*(PDISPATCHER_CONTEXT *)((ULONG64)(EstablisherFrame) + 0x20))

/* The handler of RtlpExecuteHandlerForException: an exception in a handler or filter is nested in the one that was being dispatched. */
EXCEPTION_DISPOSITION RtlpExceptionHandler(PEXCEPTION_RECORD ExceptionRecord, PVOID EstablisherFrame, PCONTEXT ContextRecord,
					   PDISPATCHER_CONTEXT DispatcherContext)
{
	UNREFERENCED_PARAMETER(ContextRecord);
	if (ExceptionRecord->ExceptionFlags & EXCEPTION_UNWIND)
		return ExceptionContinueSearch;
	DispatcherContext->EstablisherFrame = RTL_SAVED_DISPATCHER(EstablisherFrame)->EstablisherFrame;
	return ExceptionNestedException;
}

/* The handler of RtlpExecuteHandlerForUnwind: who comes here goes on where the unwind stood that this one has run into. */
EXCEPTION_DISPOSITION RtlpUnwindHandler(PEXCEPTION_RECORD ExceptionRecord, PVOID EstablisherFrame, PCONTEXT ContextRecord,
					PDISPATCHER_CONTEXT DispatcherContext)
{
	ULONG64 target = DispatcherContext->TargetIp;

	UNREFERENCED_PARAMETER(ExceptionRecord);
	UNREFERENCED_PARAMETER(ContextRecord);
	*DispatcherContext = *RTL_SAVED_DISPATCHER(EstablisherFrame);
	DispatcherContext->TargetIp = target;
	return ExceptionCollidedUnwind;
}

static DECLSPEC_NORETURN VOID RtlpRaiseNested(NTSTATUS code, PEXCEPTION_RECORD cause)
{
	EXCEPTION_RECORD record = { .ExceptionCode = code, .ExceptionFlags = EXCEPTION_NONCONTINUABLE, .ExceptionRecord = cause };

	RtlRaiseException(&record);
	__builtin_unreachable();
}

/* Where a walk stands: at ControlPc in a function of ImageBase, whose frame and handler are known; Context is that of the caller. */
struct rtl_walk {
	DISPATCHER_CONTEXT dispatcher;
	RTL_FRAME frame;
};

static VOID RtlpFillDispatcher(struct rtl_walk *walk, PCONTEXT context, ULONG64 target)
{
	walk->dispatcher.EstablisherFrame = walk->frame.EstablisherFrame;
	walk->dispatcher.TargetIp = target;
	walk->dispatcher.ContextRecord = context;
	walk->dispatcher.LanguageHandler = walk->frame.Handler;
	walk->dispatcher.HandlerData = walk->frame.HandlerData;
	walk->dispatcher.HistoryTable = NULL;
	walk->dispatcher.ScopeIndex = 0;
}

/*
 * Finds the function that context is in, and takes context to its caller. *invalid: the frame is not on the stack. FALSE: the walk is at
 * its end. Only where the code was stopped may be in no image: a call through a bad pointer is a leaf without code.
 */
static BOOLEAN RtlpStep(struct rtl_walk *walk, ULONG type, PCONTEXT context, const RTL_STACK_LIMITS *limits, BOOLEAN *invalid)
{
	PDISPATCHER_CONTEXT dispatcher = &walk->dispatcher;

	*invalid = FALSE;
	dispatcher->ControlPc = context->Rip;
	dispatcher->FunctionEntry = RtlLookupFunctionEntry(context->Rip, &dispatcher->ImageBase, NULL);
	if (dispatcher->ImageBase == 0 && !walk->frame.MachineFrame)
		return FALSE;
	if (!RtlpVirtualUnwind(type, dispatcher->ImageBase, context->Rip, dispatcher->FunctionEntry, context, limits, &walk->frame, NULL) ||
	    !RtlpIsFrameInLimits(limits, walk->frame.EstablisherFrame)) {
		*invalid = TRUE;
		return FALSE;
	}
	return TRUE;
}

/* After a collision: the walk is where the other unwind stood, whose frame's context is in *context, and takes that to the caller. */
static VOID RtlpResumeWalk(struct rtl_walk *walk, PCONTEXT context, PEXCEPTION_RECORD record, const RTL_STACK_LIMITS *limits)
{
	PDISPATCHER_CONTEXT dispatcher = &walk->dispatcher;

	if (!RtlpVirtualUnwind(UNW_FLAG_NHANDLER, dispatcher->ImageBase, dispatcher->ControlPc, dispatcher->FunctionEntry, context, limits,
			       &walk->frame, NULL))
		RtlpRaiseNested(STATUS_BAD_STACK, record);
}

/* Asks the handler of one frame, and those of the frames that an unwind it collides with had come to. */
static EXCEPTION_DISPOSITION RtlpAskHandler(struct rtl_walk *walk, PEXCEPTION_RECORD record, PCONTEXT fault, PCONTEXT context, ULONG *flags,
					    ULONG64 *nested, const RTL_STACK_LIMITS *limits)
{
	EXCEPTION_DISPOSITION disposition;

	RtlpFillDispatcher(walk, context, 0);
	for (;;) {
		ULONG64 establisher = walk->dispatcher.EstablisherFrame;

		record->ExceptionFlags = *flags;
		disposition = RtlpExecuteHandlerForException(record, establisher, fault, &walk->dispatcher);
		*flags |= record->ExceptionFlags & EXCEPTION_NONCONTINUABLE;
		if (*nested == establisher) {
			*flags &= ~(ULONG)EXCEPTION_NESTED_CALL;
			*nested = 0;
		}
		if (disposition != ExceptionCollidedUnwind)
			return disposition;
		/* The frames below are gone: on from the one whose termination handler raised this, with the handlers it has left. */
		*context = *walk->dispatcher.ContextRecord;
		walk->dispatcher.ContextRecord = context;
		RtlpResumeWalk(walk, context, record, limits);
	}
}

/*
 * TRUE: a handler has dealt with the cause, ContextRecord is where to go on. A handler that takes the exception over does not return
 * here but unwinds to its frame. FALSE: nobody wants it.
 */
BOOLEAN RtlDispatchException(PEXCEPTION_RECORD ExceptionRecord, PCONTEXT ContextRecord)
{
	ULONG flags = ExceptionRecord->ExceptionFlags & EXCEPTION_NONCONTINUABLE;
	CONTEXT context = *ContextRecord;
	struct rtl_walk walk = { .frame.MachineFrame = TRUE };
	RTL_STACK_LIMITS limits;
	BOOLEAN invalid;
	ULONG64 nested = 0;

	RtlpGetStackLimits(&limits);
	while (RtlpStep(&walk, UNW_FLAG_EHANDLER, &context, &limits, &invalid)) {
		if (walk.frame.Handler == NULL)
			continue;
		switch (RtlpAskHandler(&walk, ExceptionRecord, ContextRecord, &context, &flags, &nested, &limits)) {
		case ExceptionContinueExecution:
			if (flags & EXCEPTION_NONCONTINUABLE)
				RtlpRaiseNested(STATUS_NONCONTINUABLE_EXCEPTION, ExceptionRecord);
			ExceptionRecord->ExceptionFlags = flags;
			return TRUE;
		case ExceptionContinueSearch:
			break;
		case ExceptionNestedException:
			flags |= EXCEPTION_NESTED_CALL;
			if (walk.dispatcher.EstablisherFrame > nested)
				nested = walk.dispatcher.EstablisherFrame;
			break;
		default:
			RtlpRaiseNested(STATUS_INVALID_DISPOSITION, ExceptionRecord);
		}
	}
	ExceptionRecord->ExceptionFlags = flags | (invalid ? EXCEPTION_STACK_INVALID : 0);
	return FALSE;
}

/* Tells the handler of one frame that it is left; *current and *caller are its context and its caller's. */
static VOID RtlpLeaveFrame(struct rtl_walk *walk, PEXCEPTION_RECORD record, PCONTEXT current, PCONTEXT caller, ULONG64 target_frame, ULONG64 target,
			   ULONG64 value, ULONG *flags, const RTL_STACK_LIMITS *limits)
{
	RtlpFillDispatcher(walk, current, target);
	for (;;) {
		if (target_frame == walk->frame.EstablisherFrame)
			*flags |= EXCEPTION_TARGET_UNWIND;
		record->ExceptionFlags = *flags;
		current->Rax = value;
		switch (RtlpExecuteHandlerForUnwind(record, walk->frame.EstablisherFrame, current, &walk->dispatcher)) {
		case ExceptionContinueSearch:
			*flags &= ~(ULONG)(EXCEPTION_COLLIDED_UNWIND | EXCEPTION_TARGET_UNWIND);
			return;
		case ExceptionCollidedUnwind:
			break;
		default:
			RtlpRaiseNested(STATUS_INVALID_DISPOSITION, record);
		}
		/* The earlier unwind stood here: its frame, and the handlers that it had not called yet. */
		*current = *walk->dispatcher.ContextRecord;
		*caller = *current;
		walk->dispatcher.ContextRecord = current;
		RtlpResumeWalk(walk, caller, record, limits);
		*flags &= ~(ULONG)EXCEPTION_TARGET_UNWIND;
		*flags |= EXCEPTION_COLLIDED_UNWIND;
	}
}

/*
 * Leaves every frame below TargetFrame and goes on at TargetIp in it, with ReturnValue in rax. ExceptionRecord NULL: one for an unwind
 * without an exception. ContextRecord is the caller's memory for the walk. A frame that cannot be reached is an exception of its own.
 */
VOID RtlUnwindEx(PVOID TargetFrame, PVOID TargetIp, PEXCEPTION_RECORD ExceptionRecord, PVOID ReturnValue, PCONTEXT ContextRecord, PVOID HistoryTable)
{
	ULONG64 target = (ULONG64)TargetFrame;
	ULONG flags = EXCEPTION_UNWINDING | (target == 0 ? EXCEPTION_EXIT_UNWIND : 0);
	EXCEPTION_RECORD record = { .ExceptionCode = STATUS_UNWIND };
	struct rtl_walk walk = { 0 };
	RTL_STACK_LIMITS limits;
	CONTEXT caller;
	BOOLEAN invalid;

	UNREFERENCED_PARAMETER(HistoryTable);
	RtlpGetStackLimits(&limits);
	RtlCaptureContext(ContextRecord);
	if (ExceptionRecord == NULL) {
		record.ExceptionAddress = (PVOID)ContextRecord->Rip;
		ExceptionRecord = &record;
	}
	for (;;) {
		caller = *ContextRecord;
		if (!RtlpStep(&walk, UNW_FLAG_UHANDLER, &caller, &limits, &invalid))
			break;
		if (target != 0 && walk.frame.EstablisherFrame > target)
			RtlpRaiseNested(STATUS_BAD_STACK, ExceptionRecord);
		if (walk.frame.Handler != NULL)
			RtlpLeaveFrame(&walk, ExceptionRecord, ContextRecord, &caller, target, (ULONG64)TargetIp, (ULONG64)ReturnValue, &flags,
				       &limits);
		if (walk.frame.EstablisherFrame == target) {
			ContextRecord->Rax = (ULONG64)ReturnValue;
			ContextRecord->Rip = (ULONG64)TargetIp;
			RtlRestoreContext(ContextRecord, ExceptionRecord);
		}
		*ContextRecord = caller;
	}
	if (target != 0)
		RtlpRaiseNested(STATUS_BAD_STACK, ExceptionRecord);
	/* An exit unwind has left every frame: nothing is there to go on with. */
	KiUnhandledException(ExceptionRecord, ContextRecord);
}

VOID RtlUnwind(PVOID TargetFrame, PVOID TargetIp, PEXCEPTION_RECORD ExceptionRecord, PVOID ReturnValue)
{
	CONTEXT context;

	RtlUnwindEx(TargetFrame, TargetIp, ExceptionRecord, ReturnValue, &context, NULL);
}
