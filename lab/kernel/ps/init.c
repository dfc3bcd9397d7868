/* The first processes and the first thread: Idle gets its names, System is made, and Phase1Initialization begins in it. */
#include "psp.h"

static NTSTATUS PspCreateTypes(VOID)
{
	OBJECT_TYPE_INITIALIZER info = {
		.Length = sizeof(info),
		.PoolType = NonPagedPool,
		.InvalidAttributes = OBJ_PERMANENT | OBJ_EXCLUSIVE | OBJ_OPENIF,
		.SecurityRequired = 1,
		.UnnamedObjectsOnly = 1,
	};
	UNICODE_STRING name;
	NTSTATUS status;

	/* winnt.h: PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, the writing rights, PROCESS_TERMINATE | SYNCHRONIZE. */
	info.GenericMapping = (GENERIC_MAPPING){ STANDARD_RIGHTS_READ | 0x410, STANDARD_RIGHTS_WRITE | 0xbea,
						 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE | 0x1001, PROCESS_ALL_ACCESS };
	info.ValidAccessMask = PROCESS_ALL_ACCESS;
	info.DefaultNonPagedPoolCharge = sizeof(EPROCESS);
	info.DeleteProcedure = PspProcessDelete;
	RtlInitUnicodeString(&name, L"Process");
	status = ObCreateObjectType(&name, &info, NULL, &PsProcessType);
	if (!NT_SUCCESS(status))
		return status;

	info.GenericMapping = (GENERIC_MAPPING){ STANDARD_RIGHTS_READ | 0x48, STANDARD_RIGHTS_WRITE | 0x437,
						 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE | 0x1800, THREAD_ALL_ACCESS };
	info.ValidAccessMask = THREAD_ALL_ACCESS;
	info.DefaultNonPagedPoolCharge = sizeof(ETHREAD);
	info.DeleteProcedure = PspThreadDelete;
	RtlInitUnicodeString(&name, L"Thread");
	return ObCreateObjectType(&name, &info, NULL, &PsThreadType);
}

VOID PspInsertIdleThread(PETHREAD thread)
{
	InitializeListHead(&thread->IrpList);
	InsertTailList(&PsIdleProcess->ThreadListHead, &thread->ThreadListEntry);
	PsIdleProcess->ActiveThreads++;
	thread->CrossThreadFlags |= PS_CROSS_THREAD_FLAGS_INSERTED;
	thread->Tcb.SystemThread = 1;
	KeQuerySystemTime(&thread->CreateTime);
}

/* The boot thread and its process are data of the kernel and no objects; they have number 0 and stay off PsActiveProcessHead, as in NT. */
static VOID PspNameIdleProcess(VOID)
{
	PsIdleProcess = &KiInitialProcess;
	memcpy(PsIdleProcess->ImageFileName, "Idle", sizeof("Idle"));
	PsIdleProcess->SystemProcess = 1;
	InitializeListHead(&PsIdleProcess->ActiveProcessLinks);
	InitializeListHead(&PsIdleProcess->ThreadListHead);
	KeQuerySystemTime(&PsIdleProcess->CreateTime);
	PspInsertIdleThread(&KiInitialThread);
}

BOOLEAN PsInitSystem(PLOADER_PARAMETER_BLOCK LoaderBlock)
{
	PETHREAD thread;

	if (!PspInitializeModuleList(LoaderBlock) || !NT_SUCCESS(PspCreateTypes()) || !PspInitializeCidTable())
		return FALSE;
	PspNameIdleProcess();
	/* The first number that the table gives is 4. */
	if (!NT_SUCCESS(PspCreateSystemProcess(ObpKernelHandleTable)))
		return FALSE;
	if (!NT_SUCCESS(PspCreateThread(PsInitialSystemProcess, NULL, 0, Phase1Initialization, LoaderBlock, NULL, &thread)))
		return FALSE;
	ObfDereferenceObject(thread);
	return TRUE;
}
