/*
 * The object manager's face to the rest of the kernel: object types, objects, names, handles. Layouts are in nt.h.
 */
#ifndef OB_H
#define OB_H

#include "nt.h"

/* Executive-internal: called once by KiSystemStartup, before ExInitSystem and PsInitSystem; needs the pool; does not wait. */
BOOLEAN ObInitSystem(VOID);

/* Types (ob/type.c). ObTypeIndexTable[0] and [1] are reserved, as in NT. */
extern POBJECT_TYPE ObTypeIndexTable[256];
extern UCHAR ObHeaderCookie;
extern POBJECT_TYPE ObpTypeObjectType, ObpDirectoryObjectType, ObpSymbolicLinkObjectType;
extern POBJECT_DIRECTORY ObpRootDirectoryObject, ObpTypeDirectoryObject;

NTSTATUS ObCreateObjectType(PUNICODE_STRING TypeName, POBJECT_TYPE_INITIALIZER ObjectTypeInitializer, PSECURITY_DESCRIPTOR SecurityDescriptor,
			    POBJECT_TYPE *ObjectType);
NTKERNELAPI POBJECT_TYPE ObGetObjectType(PVOID Object);

/*
 * Objects (ob/create.c, ob/ref.c). ObCreateObject gives one reference and no name yet; ObInsertObject enters the name, opens a
 * handle when Handle is not NULL and, as in NT, drops the reference of the creation (the caller who wants to keep the pointer
 * takes one with ObReferenceObject before, or passes ObjectPointerBias and NewObject).
 */
NTSTATUS ObCreateObject(KPROCESSOR_MODE ProbeMode, POBJECT_TYPE ObjectType, POBJECT_ATTRIBUTES ObjectAttributes, KPROCESSOR_MODE OwnershipMode,
			PVOID ParseContext, ULONG ObjectBodySize, ULONG PagedPoolCharge, ULONG NonPagedPoolCharge, PVOID *Object);
NTSTATUS ObInsertObject(PVOID Object, PACCESS_STATE PassedAccessState, ACCESS_MASK DesiredAccess, ULONG ObjectPointerBias, PVOID *NewObject,
			PHANDLE Handle);
VOID ObDeleteCapturedInsertInfo(PVOID Object);
NTKERNELAPI LONG_PTR ObfReferenceObject(PVOID Object);
NTKERNELAPI LONG_PTR ObfReferenceObjectWithTag(PVOID Object, ULONG Tag);
NTKERNELAPI LONG_PTR ObfDereferenceObject(PVOID Object);
NTKERNELAPI LONG_PTR ObfDereferenceObjectWithTag(PVOID Object, ULONG Tag);
NTKERNELAPI VOID ObDereferenceObjectDeferDelete(PVOID Object);
NTKERNELAPI VOID ObDereferenceObjectDeferDeleteWithTag(PVOID Object, ULONG Tag);
NTKERNELAPI NTSTATUS ObReferenceObjectByPointer(PVOID Object, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode);
NTKERNELAPI NTSTATUS ObReferenceObjectByPointerWithTag(PVOID Object, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode,
						       ULONG Tag);
NTKERNELAPI BOOLEAN ObReferenceObjectSafe(PVOID Object);
NTKERNELAPI VOID ObMakeTemporaryObject(PVOID Object);
#define ObReferenceObject(Object)   ObfReferenceObject(Object)
#define ObDereferenceObject(Object) ObfDereferenceObject(Object)

/*
 * Names (ob/name.c, ob/directory.c, ob/symlink.c). A parse procedure gets the rest of the name after the object it is called for:
 * it returns STATUS_SUCCESS with a referenced *Object, or STATUS_REPARSE with the new full path in CompleteName (its Buffer
 * then comes from the pool and replaces the old one, which it frees).
 */
typedef NTSTATUS (*OB_PARSE_METHOD)(PVOID ParseObject, POBJECT_TYPE ObjectType, PACCESS_STATE AccessState, KPROCESSOR_MODE AccessMode,
				    ULONG Attributes, PUNICODE_STRING CompleteName, PUNICODE_STRING RemainingName, PVOID Context,
				    PSECURITY_QUALITY_OF_SERVICE SecurityQos, PVOID *Object);
typedef VOID (*OB_DELETE_METHOD)(PVOID Object);
typedef VOID (*OB_CLOSE_METHOD)(PEPROCESS Process, PVOID Object, ULONG_PTR ProcessHandleCount, ULONG_PTR SystemHandleCount);
typedef NTSTATUS (*OB_OPEN_METHOD)(ULONG OpenReason, CHAR AccessMode, PEPROCESS Process, PVOID Object, PACCESS_MASK GrantedAccess, ULONG HandleCount);
typedef NTSTATUS (*OB_QUERYNAME_METHOD)(PVOID Object, BOOLEAN HasObjectName, POBJECT_NAME_INFORMATION ObjectNameInfo, ULONG Length,
					PULONG ReturnLength, KPROCESSOR_MODE Mode);

NTKERNELAPI NTSTATUS ObReferenceObjectByName(PUNICODE_STRING ObjectName, ULONG Attributes, PACCESS_STATE AccessState, ACCESS_MASK DesiredAccess,
					     POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PVOID ParseContext, PVOID *Object);
NTKERNELAPI NTSTATUS ObOpenObjectByName(POBJECT_ATTRIBUTES ObjectAttributes, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode,
					PACCESS_STATE AccessState, ACCESS_MASK DesiredAccess, PVOID ParseContext, PHANDLE Handle);
NTKERNELAPI NTSTATUS ObQueryNameString(PVOID Object, POBJECT_NAME_INFORMATION ObjectNameInfo, ULONG Length, PULONG ReturnLength);
NTKERNELAPI NTSTATUS ZwCreateDirectoryObject(PHANDLE DirectoryHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
NTKERNELAPI NTSTATUS ZwCreateSymbolicLinkObject(PHANDLE LinkHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
						PUNICODE_STRING LinkTarget);
NTKERNELAPI NTSTATUS ZwOpenSymbolicLinkObject(PHANDLE LinkHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
NTKERNELAPI NTSTATUS ZwQuerySymbolicLinkObject(HANDLE LinkHandle, PUNICODE_STRING LinkTarget, PULONG ReturnedLength);
NTKERNELAPI NTSTATUS ZwMakeTemporaryObject(HANDLE Handle);

/* Handles (ob/handle.c). Handles of the kernel (OBJ_KERNEL_HANDLE) live in the System process's table and are negative. */
extern PHANDLE_TABLE ObpKernelHandleTable;
NTKERNELAPI NTSTATUS ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode,
					       PVOID *Object, POBJECT_HANDLE_INFORMATION HandleInformation);
NTKERNELAPI NTSTATUS ObReferenceObjectByHandleWithTag(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode,
						      ULONG Tag, PVOID *Object, POBJECT_HANDLE_INFORMATION HandleInformation);
NTKERNELAPI NTSTATUS ObOpenObjectByPointer(PVOID Object, ULONG HandleAttributes, PACCESS_STATE PassedAccessState, ACCESS_MASK DesiredAccess,
					   POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PHANDLE Handle);
NTKERNELAPI NTSTATUS ObCloseHandle(HANDLE Handle, KPROCESSOR_MODE PreviousMode);
NTKERNELAPI NTSTATUS ZwClose(HANDLE Handle);
NTKERNELAPI NTSTATUS NtClose(HANDLE Handle);
NTKERNELAPI NTSTATUS ZwWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable, PLARGE_INTEGER Timeout);
NTKERNELAPI NTSTATUS NtWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable, PLARGE_INTEGER Timeout);

/* Questions about handles (ob/handinfo.c). */
typedef enum _SYSTEM_INFORMATION_CLASS {
	SystemExtendedHandleInformation = 64,
} SYSTEM_INFORMATION_CLASS;

typedef struct _SYSTEM_HANDLE_TABLE_ENTRY_INFO_EX {
	PVOID Object;
	ULONG_PTR UniqueProcessId;
	ULONG_PTR HandleValue;
	ULONG GrantedAccess;
	USHORT CreatorBackTraceIndex;
	USHORT ObjectTypeIndex;
	ULONG HandleAttributes;
	ULONG Reserved;
} SYSTEM_HANDLE_TABLE_ENTRY_INFO_EX, *PSYSTEM_HANDLE_TABLE_ENTRY_INFO_EX;

typedef struct _SYSTEM_HANDLE_INFORMATION_EX {
	ULONG_PTR NumberOfHandles;
	ULONG_PTR Reserved;
	SYSTEM_HANDLE_TABLE_ENTRY_INFO_EX Handles[1];
} SYSTEM_HANDLE_INFORMATION_EX, *PSYSTEM_HANDLE_INFORMATION_EX;

NTSTATUS ObGetHandleInformationEx(PSYSTEM_HANDLE_INFORMATION_EX HandleInformation, ULONG Length, PULONG ReturnLength);
NTKERNELAPI NTSTATUS ZwQuerySystemInformation(SYSTEM_INFORMATION_CLASS SystemInformationClass, PVOID SystemInformation,
					      ULONG SystemInformationLength, PULONG ReturnLength);

/* The process that is exiting calls this with its own table: closes every handle and frees the table. */
VOID ObKillProcess(PEPROCESS Process);

#define OBJECT_TO_OBJECT_HEADER(o) CONTAINING_RECORD((o), OBJECT_HEADER, Body)

#endif
