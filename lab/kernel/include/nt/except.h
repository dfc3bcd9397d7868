/*
 * Exceptions and unwinding: what compilers write to .pdata and .xdata, and what handlers are called with. Layouts are Microsoft's "x64
 * exception handling"; DISPATCHER_CONTEXT, SCOPE_TABLE and the flags are winnt.h's.
 */

#pragma once

#define EXCEPTION_NONCONTINUABLE   0x01
#define EXCEPTION_UNWINDING        0x02
#define EXCEPTION_EXIT_UNWIND      0x04
#define EXCEPTION_STACK_INVALID    0x08
#define EXCEPTION_NESTED_CALL      0x10
#define EXCEPTION_TARGET_UNWIND    0x20
#define EXCEPTION_COLLIDED_UNWIND  0x40
#define EXCEPTION_UNWIND           (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND | EXCEPTION_TARGET_UNWIND | EXCEPTION_COLLIDED_UNWIND)
#define EXCEPTION_READ_FAULT       0
#define EXCEPTION_WRITE_FAULT      1
#define EXCEPTION_EXECUTE_FAULT    8
#define EXCEPTION_EXECUTE_HANDLER  1
#define EXCEPTION_CONTINUE_SEARCH  0
#define EXCEPTION_MAXIMUM_HANDLERS 32

#define UNW_FLAG_NHANDLER  0
#define UNW_FLAG_EHANDLER  1
#define UNW_FLAG_UHANDLER  2
#define UNW_FLAG_CHAININFO 4

typedef enum _EXCEPTION_DISPOSITION {
	ExceptionContinueExecution,
	ExceptionContinueSearch,
	ExceptionNestedException,
	ExceptionCollidedUnwind,
} EXCEPTION_DISPOSITION;

typedef struct _EXCEPTION_POINTERS {
	PEXCEPTION_RECORD ExceptionRecord;
	PCONTEXT ContextRecord;
} EXCEPTION_POINTERS, *PEXCEPTION_POINTERS;

/* Where the unwinder found what it gave back to the caller's registers. */
typedef struct _KNONVOLATILE_CONTEXT_POINTERS {
	M128A *FloatingContext[16];
	ULONG64 *IntegerContext[16]; /* rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8..r15: the order of register numbers */
} KNONVOLATILE_CONTEXT_POINTERS, *PKNONVOLATILE_CONTEXT_POINTERS;

/* In a filter: the exception that it is asked about. */
#define GetExceptionInformation() ((PEXCEPTION_POINTERS)__exception_info())

struct _DISPATCHER_CONTEXT;

typedef EXCEPTION_DISPOSITION EXCEPTION_ROUTINE(PEXCEPTION_RECORD ExceptionRecord, PVOID EstablisherFrame, PCONTEXT ContextRecord,
						struct _DISPATCHER_CONTEXT *DispatcherContext);
typedef EXCEPTION_ROUTINE *PEXCEPTION_ROUTINE;

typedef struct _DISPATCHER_CONTEXT {
	ULONG64 ControlPc;
	ULONG64 ImageBase;
	struct _IMAGE_RUNTIME_FUNCTION_ENTRY *FunctionEntry;
	ULONG64 EstablisherFrame;
	ULONG64 TargetIp;
	PCONTEXT ContextRecord;
	PEXCEPTION_ROUTINE LanguageHandler;
	PVOID HandlerData;
	PVOID HistoryTable;
	ULONG ScopeIndex;
	ULONG Fill0;
} DISPATCHER_CONTEXT, *PDISPATCHER_CONTEXT;

/* The data of __C_specific_handler: RVAs. JumpTarget 0: HandlerAddress is a __finally; HandlerAddress 1: a filter that is always true. */
typedef struct _SCOPE_RECORD {
	ULONG BeginAddress;
	ULONG EndAddress;
	ULONG HandlerAddress;
	ULONG JumpTarget;
} SCOPE_RECORD, *PSCOPE_RECORD;

typedef struct _SCOPE_TABLE {
	ULONG Count;
	SCOPE_RECORD ScopeRecord[];
} SCOPE_TABLE, *PSCOPE_TABLE;
