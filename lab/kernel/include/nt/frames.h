/* Frames that the context switch leaves on kernel stacks. NT's own, absent from its public symbols; debuggers unwind from them. */

#pragma once

/* KTHREAD.KernelStack points to it while the thread does not run: Return lies in KiSwapContext (or is KiStartSystemThread). */
typedef struct _KSWITCH_FRAME {
	ULONG64 P1Home;
	ULONG64 P2Home;
	ULONG64 P3Home;
	ULONG64 P4Home;
	ULONG64 P5Home;
	KIRQL ApcBypass;
	UCHAR Fill1[7];
	ULONG64 Rbp;
	ULONG64 Return;
} KSWITCH_FRAME, *PKSWITCH_FRAME;

/* The outermost frame of a system thread, above its first switch frame: KiStartSystemThread finds its arguments here. */
typedef struct _KSTART_FRAME {
	ULONG64 P1Home; /* system routine */
	ULONG64 P2Home; /* start routine */
	ULONG64 P3Home; /* start context */
	ULONG64 P4Home;
	ULONG64 Reserved;
	ULONG64 Return; /* 0: where unwinding ends */
} KSTART_FRAME, *PKSTART_FRAME;
