/* Who holds which handles: the list behind ZwQuerySystemInformation(SystemExtendedHandleInformation). */
#include "obp.h"
#include "ps.h"

struct ob_handles {
	PSYSTEM_HANDLE_INFORMATION_EX list;
	SIZE_T room; /* entries that fit */
	HANDLE process;
};

/*
 * Adds one handle, or only counts it where no room is left. An entry's pointer lacks its low 4 bits and 16 high ones, which are copies
 * of bit 47, hence the signed shift. Other debuggers read that shift's width out of the code of this routine, which has NT's name for it.
 */
BOOLEAN ObpCaptureHandleInformationEx(PHANDLE_TABLE_ENTRY entry, HANDLE handle, PVOID context)
{
	struct ob_handles *handles = context;
	POBJECT_HEADER header = (POBJECT_HEADER)((entry->LowValue >> 16) & ~0xfLL);
	ULONG_PTR index = handles->list->NumberOfHandles++;

	if (index < handles->room) {
		PSYSTEM_HANDLE_TABLE_ENTRY_INFO_EX info = &handles->list->Handles[index];

		memset(info, 0, sizeof(*info));
		info->Object = &header->Body;
		info->UniqueProcessId = (ULONG_PTR)handles->process;
		info->HandleValue = (ULONG_PTR)handle;
		info->GrantedAccess = entry->GrantedAccessBits;
		info->ObjectTypeIndex = ObpTypeOf(header)->Index;
		info->HandleAttributes = (ULONG)entry->Attributes;
	}
	return FALSE;
}

/* STATUS_INFO_LENGTH_MISMATCH: *ReturnLength says how much room the list took just now. */
NTSTATUS ObGetHandleInformationEx(PSYSTEM_HANDLE_INFORMATION_EX HandleInformation, ULONG Length, PULONG ReturnLength)
{
	struct ob_handles handles = { .list = HandleInformation };

	*ReturnLength = sizeof(*HandleInformation);
	if (Length < __builtin_offsetof(SYSTEM_HANDLE_INFORMATION_EX, Handles))
		return STATUS_INFO_LENGTH_MISMATCH;
	handles.room = (Length - __builtin_offsetof(SYSTEM_HANDLE_INFORMATION_EX, Handles)) / sizeof(*HandleInformation->Handles);
	HandleInformation->NumberOfHandles = 0;
	HandleInformation->Reserved = 0;
	for (PEPROCESS process = PsGetNextProcess(NULL); process != NULL; process = PsGetNextProcess(process)) {
		/* While this is held an exiting process keeps its table. */
		if (!ExAcquireRundownProtection(&process->RundownProtect))
			continue;
		handles.process = process->UniqueProcessId;
		if (process->ObjectTable != NULL)
			ExEnumHandleTable(process->ObjectTable, ObpCaptureHandleInformationEx, &handles, NULL);
		ExReleaseRundownProtection(&process->RundownProtect);
	}
	*ReturnLength = (ULONG) __builtin_offsetof(SYSTEM_HANDLE_INFORMATION_EX, Handles[HandleInformation->NumberOfHandles]);
	return HandleInformation->NumberOfHandles > handles.room ? STATUS_INFO_LENGTH_MISMATCH : STATUS_SUCCESS;
}

/* STATUS_INVALID_INFO_CLASS: a class that the kernel does not have. */
NTSTATUS ZwQuerySystemInformation(SYSTEM_INFORMATION_CLASS SystemInformationClass, PVOID SystemInformation, ULONG SystemInformationLength,
				  PULONG ReturnLength)
{
	ULONG length;
	NTSTATUS status;

	if (SystemInformationClass != SystemExtendedHandleInformation)
		return STATUS_INVALID_INFO_CLASS;
	status = ObGetHandleInformationEx(SystemInformation, SystemInformationLength, &length);
	if (ReturnLength != NULL)
		*ReturnLength = length;
	return status;
}
