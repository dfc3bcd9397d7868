/* C's __try: the language handler that compilers name for functions with __except and __finally, and the way out of a __try by a jump. */
#include "rtl.h"
#include "seh.h"

typedef LONG EXCEPTION_FILTER(PEXCEPTION_POINTERS ExceptionPointers, PVOID EstablisherFrame);
typedef VOID TERMINATION_HANDLER(BOOLEAN AbnormalTermination, PVOID EstablisherFrame);

#define FILTER_ALWAYS_TRUE 1u

static BOOLEAN RtlpIsInScope(const SCOPE_RECORD *scope, ULONG64 rva)
{
	return rva >= scope->BeginAddress && rva < scope->EndAddress;
}

static EXCEPTION_DISPOSITION RtlpFilterException(PEXCEPTION_RECORD record, PVOID establisher, PCONTEXT context, PDISPATCHER_CONTEXT dispatcher)
{
	EXCEPTION_POINTERS pointers = { .ExceptionRecord = record, .ContextRecord = context };
	const SCOPE_TABLE *table = dispatcher->HandlerData;
	ULONG64 rva = dispatcher->ControlPc - dispatcher->ImageBase;

	for (ULONG i = dispatcher->ScopeIndex; i < table->Count; i++) {
		const SCOPE_RECORD *scope = &table->ScopeRecord[i];
		LONG value = EXCEPTION_EXECUTE_HANDLER;

		if (!RtlpIsInScope(scope, rva) || scope->JumpTarget == 0)
			continue;
		if (scope->HandlerAddress != FILTER_ALWAYS_TRUE)
			value = ((EXCEPTION_FILTER *)(dispatcher->ImageBase + scope->HandlerAddress))(&pointers, establisher);
		if (value < 0)
			return ExceptionContinueExecution;
		if (value > 0)
			RtlUnwindEx(establisher, (PVOID)(dispatcher->ImageBase + scope->JumpTarget), record,
				    (PVOID)(ULONG_PTR)(ULONG)record->ExceptionCode, dispatcher->ContextRecord, dispatcher->HistoryTable);
	}
	return ExceptionContinueSearch;
}

/* Does the unwind end inside of scope's own block, or in another part of it (a scope may have several records)? Then it is not left. */
static BOOLEAN RtlpStaysInScope(const SCOPE_TABLE *table, const SCOPE_RECORD *scope, ULONG64 target)
{
	for (ULONG i = 0; i < table->Count; i++) {
		const SCOPE_RECORD *other = &table->ScopeRecord[i];

		if (RtlpIsInScope(other, target) && other->HandlerAddress == scope->HandlerAddress && other->JumpTarget == scope->JumpTarget)
			return TRUE;
	}
	return FALSE;
}

static VOID RtlpTerminateScopes(PEXCEPTION_RECORD record, PVOID establisher, PDISPATCHER_CONTEXT dispatcher)
{
	const SCOPE_TABLE *table = dispatcher->HandlerData;
	BOOLEAN to_here = (record->ExceptionFlags & EXCEPTION_TARGET_UNWIND) != 0;
	ULONG64 rva = dispatcher->ControlPc - dispatcher->ImageBase, target = dispatcher->TargetIp - dispatcher->ImageBase;

	for (ULONG i = dispatcher->ScopeIndex; i < table->Count; i++) {
		const SCOPE_RECORD *scope = &table->ScopeRecord[i];

		if (!RtlpIsInScope(scope, rva))
			continue;
		if (to_here && (RtlpStaysInScope(table, scope, target) || (scope->JumpTarget != 0 && target == scope->JumpTarget)))
			return;
		if (scope->JumpTarget != 0)
			continue;
		/* Before the call: a handler that raises an exception is not called again. */
		dispatcher->ScopeIndex = i + 1;
		((TERMINATION_HANDLER *)(dispatcher->ImageBase + scope->HandlerAddress))(TRUE, establisher);
	}
}

EXCEPTION_DISPOSITION __C_specific_handler(PEXCEPTION_RECORD ExceptionRecord, PVOID EstablisherFrame, PCONTEXT ContextRecord,
					   PDISPATCHER_CONTEXT DispatcherContext)
{
	if (!(ExceptionRecord->ExceptionFlags & EXCEPTION_UNWIND))
		return RtlpFilterException(ExceptionRecord, EstablisherFrame, ContextRecord, DispatcherContext);
	RtlpTerminateScopes(ExceptionRecord, EstablisherFrame, DispatcherContext);
	return ExceptionContinueSearch;
}

/* A jump out of a __try: calls the termination handlers between here and TargetIp. */
VOID _local_unwind(PVOID TargetFrame, PVOID TargetIp)
{
	CONTEXT context;

	RtlUnwindEx(TargetFrame, TargetIp, NULL, NULL, &context, NULL);
}
