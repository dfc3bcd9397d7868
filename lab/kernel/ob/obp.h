/* What the files of the object manager share. */
#ifndef OBP_H
#define OBP_H

#include "ob.h"
#include "ex.h"
#include "ke.h"
#include "mm.h"
#include "rtl.h"

/* OBJECT_HEADER.InfoMask: which optional headers lie in front of the object header, the lowest bit nearest to it. */
#define OB_INFO_CREATOR 0x01
#define OB_INFO_NAME    0x02
#define OB_INFO_HANDLE  0x04
#define OB_INFO_QUOTA   0x08
#define OB_INFO_PROCESS 0x10

/* OBJECT_HEADER.Flags. */
#define OB_FLAG_NEW_OBJECT         0x01
#define OB_FLAG_KERNEL_OBJECT      0x02
#define OB_FLAG_KERNEL_ONLY_ACCESS 0x04
#define OB_FLAG_EXCLUSIVE          0x08
#define OB_FLAG_PERMANENT          0x10

#define OB_NAME_TAG      'mNbO' /* "ObNm" */
#define OB_DIRECTORY_TAG 'iDbO' /* "ObDi" */
#define OB_CREATE_TAG    'iCbO' /* "ObCi" */

/* By InfoMask, and by (mask & bits up to the wanted one): bytes from the optional header to the object header. For debuggers, too. */
extern UCHAR ObpInfoMaskToOffset[256];
extern DEVICE_MAP ObSystemDeviceMap;

static inline POBJECT_HEADER ObpHeaderOf(PVOID object)
{
	return CONTAINING_RECORD(object, OBJECT_HEADER, Body);
}

/* An optional header, NULL when the object has none of that kind. */
static inline PVOID ObpInfoOf(POBJECT_HEADER header, UCHAR bit)
{
	if (!(header->InfoMask & bit))
		return NULL;
	return (PUCHAR)header - ObpInfoMaskToOffset[header->InfoMask & (bit | (bit - 1))];
}

static inline POBJECT_HEADER_NAME_INFO ObpNameOf(POBJECT_HEADER header)
{
	return ObpInfoOf(header, OB_INFO_NAME);
}

/* type.c: TypeIndex is stored mixed with a cookie and a byte of the header's address, as since Windows 10. */
POBJECT_TYPE ObpTypeOf(POBJECT_HEADER header);
UCHAR ObpEncodeTypeIndex(POBJECT_HEADER header, UCHAR index);
VOID ObpEnterObjectOfType(POBJECT_HEADER header, POBJECT_TYPE type);
VOID ObpLeaveObjectOfType(POBJECT_HEADER header, POBJECT_TYPE type);

/* create.c: an object with pointer count 1 and no name, not yet inserted. The name is taken over on success. */
NTSTATUS ObpAllocateObject(POBJECT_TYPE type, ULONG body_size, const UNICODE_STRING *name, POBJECT_CREATE_INFORMATION create, POBJECT_HEADER *header);
VOID ObpFreeObject(PVOID object);
/* Before the first object is made. */
VOID ObpInitializeCreateInfo(VOID);
/* Copies a name to pool, NULL Buffer for an empty one. */
NTSTATUS ObpCaptureName(const UNICODE_STRING *name, PUNICODE_STRING captured);

/* ref.c */
VOID ObpAddReferences(POBJECT_HEADER header, LONGLONG count);
LONGLONG ObpDropReferences(POBJECT_HEADER header, LONGLONG count, BOOLEAN deferred);

/* directory.c: a directory's entries. The caller holds the directory's lock. */
VOID ObpLockDirectory(POBJECT_DIRECTORY directory);
VOID ObpUnlockDirectory(POBJECT_DIRECTORY directory);
PVOID ObpLookupDirectoryEntry(POBJECT_DIRECTORY directory, const UNICODE_STRING *name, BOOLEAN ignore_case);
/* Takes a reference to the object for the entry. */
NTSTATUS ObpInsertDirectoryEntry(POBJECT_DIRECTORY directory, PVOID object, const UNICODE_STRING *name);
BOOLEAN ObpDeleteDirectoryEntry(POBJECT_DIRECTORY directory, PVOID object);
NTSTATUS ObpCreateDirectory(POBJECT_DIRECTORY parent, PCWSTR name, POBJECT_DIRECTORY *directory);

/* name.c */
struct ob_lookup {
	HANDLE root_handle; /* directory or parse object that a relative name starts from; NULL: none */
	const UNICODE_STRING *name;
	ULONG attributes;  /* OBJ_* */
	POBJECT_TYPE type; /* wanted; NULL: any */
	KPROCESSOR_MODE mode;
	PVOID parse_context;
	PSECURITY_QUALITY_OF_SERVICE qos;
	PACCESS_STATE access_state;
	PVOID insert; /* object to enter under that name; NULL: only look */
};
/* *found is referenced. With `insert`, STATUS_SUCCESS: *found is insert and in its directory; STATUS_OBJECT_NAME_EXISTS: *found is other. */
NTSTATUS ObpLookupObjectName(const struct ob_lookup *lookup, PVOID *found);
/* Takes a name that is neither permanent nor held by a handle out of its directory. */
VOID ObpDeleteNameCheck(POBJECT_HEADER header);

/* symlink.c */
NTSTATUS ObpInitializeSymbolicLinks(VOID);
NTSTATUS ObpCreateSymbolicLink(PCWSTR name, PCWSTR target);

/* handle.c: attributes are OBJ_*. create: the reference of the creation becomes the handle's. */
NTSTATUS ObpCreateHandle(PVOID object, ACCESS_MASK access, ULONG attributes, KPROCESSOR_MODE mode, BOOLEAN create, PHANDLE handle);
ACCESS_MASK ObpMapAccess(POBJECT_TYPE type, ACCESS_MASK access);

/* handinfo.c: for ExEnumHandleTable. */
BOOLEAN ObpCaptureHandleInformationEx(PHANDLE_TABLE_ENTRY entry, HANDLE handle, PVOID context);

#endif
