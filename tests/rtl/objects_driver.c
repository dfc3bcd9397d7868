/* Objects, handles, names, threads and strings as a driver sees them: the documented results, asserted inside the guest. */
#include "../drivers/check.h"

#include <ntstrsafe.h>

DRIVER_INITIALIZE DriverEntry;

/* Exported by every kernel; not declared by all driver kits. */
NTKERNELAPI PCHAR PsGetProcessImageFileName(PEPROCESS Process);

/* The documented answer of class 64, which driver kits leave out. */
#define HANDLES_OF_ALL_PROCESSES 64
typedef struct _HANDLE_OF_ALL {
	PVOID Object;
	ULONG_PTR UniqueProcessId;
	ULONG_PTR HandleValue;
	ULONG GrantedAccess;
	USHORT CreatorBackTraceIndex;
	USHORT ObjectTypeIndex;
	ULONG HandleAttributes;
	ULONG Reserved;
} HANDLE_OF_ALL;
typedef struct _HANDLES_OF_ALL {
	ULONG_PTR NumberOfHandles;
	ULONG_PTR Reserved;
	HANDLE_OF_ALL Handles[1];
} HANDLES_OF_ALL;
NTSYSAPI NTSTATUS NTAPI ZwQuerySystemInformation(ULONG SystemInformationClass, PVOID SystemInformation, ULONG SystemInformationLength,
						 PULONG ReturnLength);

static VOID InitName(PUNICODE_STRING Name, POBJECT_ATTRIBUTES Attributes, PCWSTR Text)
{
	RtlInitUnicodeString(Name, Text);
	InitializeObjectAttributes(Attributes, Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
}

static VOID Names(VOID)
{
	OBJECT_ATTRIBUTES Attributes;
	UNICODE_STRING Name, Target, Link;
	HANDLE First, Second;
	PVOID Object;
	LONG State = -1;

	InitName(&Name, &Attributes, L"\\BaseNamedObjects\\ObjectsTest");
	CHECK_STATUS(ZwCreateEvent(&First, EVENT_ALL_ACCESS, &Attributes, SynchronizationEvent, FALSE), STATUS_SUCCESS);
	CHECK((LONG_PTR)First < 0);
	CHECK_STATUS(ZwCreateEvent(&Second, EVENT_ALL_ACCESS, &Attributes, SynchronizationEvent, FALSE), STATUS_OBJECT_NAME_COLLISION);
	InitName(&Name, &Attributes, L"\\basenamedobjects\\OBJECTSTEST");
	CHECK_STATUS(ZwOpenEvent(&Second, EVENT_ALL_ACCESS, &Attributes), STATUS_SUCCESS);
	CHECK_STATUS(ZwSetEvent(Second, &State), STATUS_SUCCESS);
	CHECK(State == 0);
	CHECK_STATUS(ZwWaitForSingleObject(First, FALSE, NULL), STATUS_SUCCESS);
	CHECK_STATUS(ObReferenceObjectByHandle(First, 0, *PsThreadType, KernelMode, &Object, NULL), STATUS_OBJECT_TYPE_MISMATCH);
	CHECK_STATUS(ObReferenceObjectByHandle(First, EVENT_MODIFY_STATE, *ExEventObjectType, KernelMode, &Object, NULL), STATUS_SUCCESS);
	CHECK_STATUS(ZwClose(First), STATUS_SUCCESS);
	CHECK_STATUS(ZwClose(Second), STATUS_SUCCESS);
	CHECK(KeReadStateEvent(Object) == 0);
	ObDereferenceObject(Object);
	CHECK_STATUS(ZwOpenEvent(&Second, EVENT_ALL_ACCESS, &Attributes), STATUS_OBJECT_NAME_NOT_FOUND);
	InitName(&Name, &Attributes, L"\\NoSuchDirectory\\x");
	CHECK_STATUS(ZwOpenEvent(&Second, EVENT_ALL_ACCESS, &Attributes), STATUS_OBJECT_PATH_NOT_FOUND);
	InitName(&Name, &Attributes, L"NoBackslash");
	CHECK_STATUS(ZwOpenEvent(&Second, EVENT_ALL_ACCESS, &Attributes), STATUS_OBJECT_PATH_SYNTAX_BAD);
	InitName(&Name, &Attributes, L"\\Driver");
	CHECK_STATUS(ZwOpenEvent(&Second, EVENT_ALL_ACCESS, &Attributes), STATUS_OBJECT_TYPE_MISMATCH);

	RtlInitUnicodeString(&Link, L"\\DosDevices\\ObjectsTestLink");
	RtlInitUnicodeString(&Target, L"\\BaseNamedObjects");
	CHECK_STATUS(IoCreateSymbolicLink(&Link, &Target), STATUS_SUCCESS);
	CHECK_STATUS(IoCreateSymbolicLink(&Link, &Target), STATUS_OBJECT_NAME_COLLISION);
	InitName(&Name, &Attributes, L"\\??\\ObjectsTestLink\\Inside");
	CHECK_STATUS(ZwCreateEvent(&First, EVENT_ALL_ACCESS, &Attributes, NotificationEvent, TRUE), STATUS_SUCCESS);
	InitName(&Name, &Attributes, L"\\BaseNamedObjects\\Inside");
	CHECK_STATUS(ZwOpenEvent(&Second, EVENT_ALL_ACCESS, &Attributes), STATUS_SUCCESS);
	ZwClose(First);
	ZwClose(Second);
	CHECK_STATUS(IoDeleteSymbolicLink(&Link), STATUS_SUCCESS);
	CHECK_STATUS(IoDeleteSymbolicLink(&Link), STATUS_OBJECT_NAME_NOT_FOUND);
}

static VOID Exits(PVOID Context)
{
	PsTerminateSystemThread((NTSTATUS)(LONG_PTR)Context);
}

static VOID Returns(PVOID Context)
{
	KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
}

static VOID Threads(VOID)
{
	LARGE_INTEGER Second;
	CLIENT_ID Id;
	HANDLE Handle;
	PETHREAD Thread, Found;
	KEVENT Event;

	Second.QuadPart = -10000000;
	CHECK(PsGetCurrentProcess() == PsInitialSystemProcess);
	CHECK(PsGetCurrentProcessId() == (HANDLE)4);
	CHECK(strcmp(PsGetProcessImageFileName(PsGetCurrentProcess()), "System") == 0);
	CHECK_STATUS(PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, &Id, Exits, (PVOID)STATUS_CANCELLED), STATUS_SUCCESS);
	CHECK(Id.UniqueProcess == (HANDLE)4 && ((ULONG_PTR)Id.UniqueThread & 3) == 0);
	CHECK_STATUS(ObReferenceObjectByHandle(Handle, SYNCHRONIZE, *PsThreadType, KernelMode, (PVOID *)&Thread, NULL), STATUS_SUCCESS);
	CHECK_STATUS(ZwClose(Handle), STATUS_SUCCESS);
	CHECK_STATUS(KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, &Second), STATUS_SUCCESS);
	CHECK(PsGetThreadId(Thread) == Id.UniqueThread);
	CHECK_STATUS(PsLookupThreadByThreadId(Id.UniqueThread, &Found), STATUS_SUCCESS);
	CHECK(Found == Thread);
	ObDereferenceObject(Found);
	ObDereferenceObject(Thread);
	CHECK_STATUS(PsLookupThreadByThreadId((HANDLE)0x7fffffc, &Found), STATUS_INVALID_PARAMETER);

	KeInitializeEvent(&Event, NotificationEvent, FALSE);
	CHECK_STATUS(PsCreateSystemThread(&Handle, 0, NULL, NULL, NULL, Returns, &Event), STATUS_SUCCESS);
	CHECK_STATUS(ZwWaitForSingleObject(Handle, FALSE, &Second), STATUS_SUCCESS);
	CHECK(KeReadStateEvent(&Event) != 0);
	CHECK_STATUS(ZwClose(Handle), STATUS_SUCCESS);
	CHECK_STATUS(ZwClose(Handle), STATUS_INVALID_HANDLE);
}

static VOID Strings(VOID)
{
	WCHAR Text[16];
	UNICODE_STRING String;
	RTL_OSVERSIONINFOW Version;
	TIME_FIELDS Fields;
	LARGE_INTEGER Time;
	UNICODE_STRING Routine;

	CHECK_STATUS(RtlStringCchPrintfW(Text, 16, L"file_%d.txt", 999), STATUS_SUCCESS);
	CHECK(wcscmp(Text, L"file_999.txt") == 0);
	CHECK_STATUS(RtlStringCchPrintfW(Text, 8, L"%s", L"0123456789"), STATUS_BUFFER_OVERFLOW);
	CHECK(wcscmp(Text, L"0123456") == 0);
	RtlInitUnicodeString(&String, L"12ab");
	CHECK(String.Length == 8 && String.MaximumLength == 10);
	Version.dwOSVersionInfoSize = sizeof(Version);
	CHECK_STATUS(RtlGetVersion(&Version), STATUS_SUCCESS);
	CHECK(Version.dwMajorVersion == 10 && Version.dwBuildNumber == 22621);
	KeQuerySystemTime(&Time);
	RtlTimeToTimeFields(&Time, &Fields);
	CHECK(Fields.Year >= 2023 && Fields.Month >= 1 && Fields.Month <= 12);
	RtlInitUnicodeString(&Routine, L"KeSetEvent");
	CHECK(MmGetSystemRoutineAddress(&Routine) != NULL);
	RtlInitUnicodeString(&Routine, L"NoSuchRoutine");
	CHECK(MmGetSystemRoutineAddress(&Routine) == NULL);
}

/* A handle is in the list of all with its object, process and access, and not after it is closed. */
static ULONG Listed(PVOID Object, ACCESS_MASK Access)
{
	HANDLES_OF_ALL *List = ExAllocatePoolWithTag(NonPagedPool, PAGE_SIZE, 0x74736554);
	ULONG Length = 0, Found = 0;

	CHECK(List != NULL);
	if (List == NULL)
		return 0;
	CHECK_STATUS(ZwQuerySystemInformation(HANDLES_OF_ALL_PROCESSES, List, 8, &Length), STATUS_INFO_LENGTH_MISMATCH);
	CHECK_STATUS(ZwQuerySystemInformation(HANDLES_OF_ALL_PROCESSES, List, PAGE_SIZE, &Length), STATUS_SUCCESS);
	CHECK(Length == FIELD_OFFSET(HANDLES_OF_ALL, Handles) + List->NumberOfHandles * sizeof(HANDLE_OF_ALL));
	for (ULONG_PTR i = 0; i < List->NumberOfHandles && Length <= PAGE_SIZE; i++)
		Found += List->Handles[i].Object == Object && List->Handles[i].UniqueProcessId == 4 && List->Handles[i].GrantedAccess == Access;
	CHECK_STATUS(ZwQuerySystemInformation(0xffff, List, PAGE_SIZE, &Length), STATUS_INVALID_INFO_CLASS);
	ExFreePool(List);
	return Found;
}

static VOID HandleList(VOID)
{
	OBJECT_ATTRIBUTES Attributes;
	UNICODE_STRING Name;
	HANDLE Handle;
	PVOID Object;

	InitName(&Name, &Attributes, L"\\BaseNamedObjects\\Listed");
	CHECK_STATUS(ZwCreateEvent(&Handle, EVENT_ALL_ACCESS, &Attributes, NotificationEvent, FALSE), STATUS_SUCCESS);
	CHECK_STATUS(ObReferenceObjectByHandle(Handle, 0, *ExEventObjectType, KernelMode, &Object, NULL), STATUS_SUCCESS);
	CHECK(Listed(Object, EVENT_ALL_ACCESS) == 1);
	CHECK_STATUS(ZwClose(Handle), STATUS_SUCCESS);
	CHECK(Listed(Object, EVENT_ALL_ACCESS) == 0);
	ObDereferenceObject(Object);
}

static WORK_QUEUE_ITEM Item;
static VOID WorkRoutine(PVOID Context)
{
	KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
}

static VOID Executive_(VOID)
{
	NPAGED_LOOKASIDE_LIST Lookaside;
	LARGE_INTEGER Second;
	PVOID Blocks[8];
	FAST_MUTEX Mutex;
	KEVENT Event;

	Second.QuadPart = -10000000;
	KeInitializeEvent(&Event, NotificationEvent, FALSE);
	ExInitializeWorkItem(&Item, WorkRoutine, &Event);
	ExQueueWorkItem(&Item, DelayedWorkQueue);
	CHECK_STATUS(KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, &Second), STATUS_SUCCESS);

	ExInitializeFastMutex(&Mutex);
	ExAcquireFastMutex(&Mutex);
	CHECK(KeGetCurrentIrql() == APC_LEVEL);
	CHECK(!ExTryToAcquireFastMutex(&Mutex));
	ExReleaseFastMutex(&Mutex);
	CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL);

	ExInitializeNPagedLookasideList(&Lookaside, NULL, NULL, 0, 100, 0x74736554, 0);
	for (ULONG i = 0; i < 8; i++) {
		Blocks[i] = ExAllocateFromNPagedLookasideList(&Lookaside);
		CHECK(Blocks[i] != NULL);
	}
	for (ULONG i = 0; i < 8; i++)
		ExFreeToNPagedLookasideList(&Lookaside, Blocks[i]);
	CHECK(ExQueryDepthSList(&Lookaside.L.ListHead) == Lookaside.L.Depth);
	CHECK(ExAllocateFromNPagedLookasideList(&Lookaside) == Blocks[Lookaside.L.Depth - 1]);
	ExFreePool(Blocks[Lookaside.L.Depth - 1]);
	ExDeleteNPagedLookasideList(&Lookaside);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = CheckUnload;
	Names();
	Threads();
	Strings();
	HandleList();
	Executive_();
	return CheckResult("objects");
}
