/* The return addresses above the caller's frame. */
#include "ke.h"
#include "unwindp.h"

#define RTL_MAX_FRAMES 63 /* FramesToSkip + FramesToCapture, as documented for RtlCaptureStackBackTrace */

/*
 * The return addresses above the caller, nearest first. Stacks other than the current thread's (interrupt stacks) are not walked.
 * Gives the number captured; *BackTraceHash is their sum.
 */
USHORT RtlCaptureStackBackTrace(ULONG FramesToSkip, ULONG FramesToCapture, PVOID *BackTrace, PULONG BackTraceHash)
{
	RTL_STACK_LIMITS limits;
	CONTEXT context;
	ULONG captured = 0;
	ULONG64 hash = 0;

	if (FramesToSkip + FramesToCapture > RTL_MAX_FRAMES)
		return 0;
	RtlpGetStackLimits(&limits);
	RtlCaptureContext(&context);
	/* The first step leaves this routine: its caller is frame 0. */
	for (ULONG i = 0; i < FramesToSkip + FramesToCapture; i++) {
		ULONG64 before = context.Rsp, base;
		PRUNTIME_FUNCTION function = RtlLookupFunctionEntry(context.Rip, &base, NULL);
		RTL_FRAME frame;

		if (base == 0 || !RtlpVirtualUnwind(UNW_FLAG_NHANDLER, base, context.Rip, function, &context, &limits, &frame, NULL))
			break;
		if (context.Rip == 0 || context.Rsp <= before)
			break;
		if (i < FramesToSkip)
			continue;
		BackTrace[captured++] = (PVOID)context.Rip;
		hash += context.Rip;
	}
	if (BackTraceHash != NULL)
		*BackTraceHash = (ULONG)hash;
	return (USHORT)captured;
}
