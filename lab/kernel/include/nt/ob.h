/* Objects: headers, the optional headers in front of them, types and directories. */

#pragma once

typedef struct _OBJECT_HEADER {
	LONGLONG PointerCount;
	union {
		LONGLONG HandleCount;
		PVOID NextToFree;
	};
	EX_PUSH_LOCK Lock;
	UCHAR TypeIndex;
	union {
		UCHAR TraceFlags;
		struct {
			UCHAR DbgRefTrace : 1;
			UCHAR DbgTracePermanent : 1;
		};
	};
	UCHAR InfoMask;
	union {
		UCHAR Flags;
		struct {
			UCHAR NewObject : 1;
			UCHAR KernelObject : 1;
			UCHAR KernelOnlyAccess : 1;
			UCHAR ExclusiveObject : 1;
			UCHAR PermanentObject : 1;
			UCHAR DefaultSecurityQuota : 1;
			UCHAR SingleHandleEntry : 1;
			UCHAR DeletedInline : 1;
		};
	};
	ULONG Reserved;
	union {
		struct _OBJECT_CREATE_INFORMATION *ObjectCreateInfo;
		PVOID QuotaBlockCharged;
	};
	PVOID SecurityDescriptor;
	QUAD Body;
} OBJECT_HEADER, *POBJECT_HEADER;

typedef struct _OBJECT_HEADER_NAME_INFO {
	struct _OBJECT_DIRECTORY *Directory;
	UNICODE_STRING Name;
	LONG ReferenceCount;
	ULONG Reserved;
} OBJECT_HEADER_NAME_INFO, *POBJECT_HEADER_NAME_INFO;

typedef struct _OBJECT_HEADER_CREATOR_INFO {
	LIST_ENTRY TypeList;
	PVOID CreatorUniqueProcess;
	USHORT CreatorBackTraceIndex;
	USHORT Reserved1;
	ULONG Reserved2;
} OBJECT_HEADER_CREATOR_INFO, *POBJECT_HEADER_CREATOR_INFO;

typedef struct _OBJECT_HANDLE_COUNT_ENTRY {
	struct _EPROCESS *Process;
	ULONG HandleCount : 24;
	ULONG LockCount : 8;
} OBJECT_HANDLE_COUNT_ENTRY, *POBJECT_HANDLE_COUNT_ENTRY;

typedef struct _OBJECT_HEADER_HANDLE_INFO {
	union {
		struct _OBJECT_HANDLE_COUNT_DATABASE *HandleCountDataBase;
		OBJECT_HANDLE_COUNT_ENTRY SingleEntry;
	};
} OBJECT_HEADER_HANDLE_INFO, *POBJECT_HEADER_HANDLE_INFO;

typedef struct _OBJECT_HEADER_QUOTA_INFO {
	ULONG PagedPoolCharge;
	ULONG NonPagedPoolCharge;
	ULONG SecurityDescriptorCharge;
	ULONG Reserved1;
	PVOID SecurityDescriptorQuotaBlock;
	ULONGLONG Reserved2;
} OBJECT_HEADER_QUOTA_INFO, *POBJECT_HEADER_QUOTA_INFO;

typedef struct _OBJECT_HEADER_PROCESS_INFO {
	struct _EPROCESS *ExclusiveProcess;
	ULONGLONG Reserved;
} OBJECT_HEADER_PROCESS_INFO, *POBJECT_HEADER_PROCESS_INFO;

typedef struct _OBJECT_HEADER_AUDIT_INFO {
	PVOID SecurityDescriptor;
	ULONGLONG Reserved;
} OBJECT_HEADER_AUDIT_INFO, *POBJECT_HEADER_AUDIT_INFO;

typedef struct _OBJECT_HEADER_EXTENDED_INFO {
	struct _OBJECT_FOOTER *Footer;
	ULONGLONG Reserved;
} OBJECT_HEADER_EXTENDED_INFO, *POBJECT_HEADER_EXTENDED_INFO;

typedef struct _OBJECT_HEADER_PADDING_INFO {
	ULONG PaddingAmount;
} OBJECT_HEADER_PADDING_INFO, *POBJECT_HEADER_PADDING_INFO;

typedef struct _OBJECT_TYPE_INITIALIZER {
	USHORT Length;
	union {
		USHORT ObjectTypeFlags;
		struct {
			UCHAR CaseInsensitive : 1;
			UCHAR UnnamedObjectsOnly : 1;
			UCHAR UseDefaultObject : 1;
			UCHAR SecurityRequired : 1;
			UCHAR MaintainHandleCount : 1;
			UCHAR MaintainTypeList : 1;
			UCHAR SupportsObjectCallbacks : 1;
			UCHAR CacheAligned : 1;
			UCHAR UseExtendedParameters : 1;
			UCHAR Reserved : 7;
		};
	};
	ULONG ObjectTypeCode;
	ULONG InvalidAttributes;
	GENERIC_MAPPING GenericMapping;
	ULONG ValidAccessMask;
	ULONG RetainAccess;
	enum _POOL_TYPE PoolType;
	ULONG DefaultPagedPoolCharge;
	ULONG DefaultNonPagedPoolCharge;
	VOID (*DumpProcedure)(PVOID Object, struct _OBJECT_DUMP_CONTROL *Control);
	NTSTATUS (*OpenProcedure)(ULONG OpenReason, CHAR AccessMode, struct _EPROCESS *Process, PVOID Object, PACCESS_MASK GrantedAccess,
				  ULONG HandleCount);
	VOID (*CloseProcedure)(struct _EPROCESS *Process, PVOID Object, ULONG_PTR ProcessHandleCount, ULONG_PTR SystemHandleCount);
	VOID (*DeleteProcedure)(PVOID Object);
	union {
		NTSTATUS (*ParseProcedure)(PVOID ParseObject, struct _OBJECT_TYPE *ObjectType, struct _ACCESS_STATE *AccessState,
					   KPROCESSOR_MODE AccessMode, ULONG Attributes, PUNICODE_STRING CompleteName,
					   PUNICODE_STRING RemainingName, PVOID Context,
					   struct _SECURITY_QUALITY_OF_SERVICE *SecurityQos, PVOID *Object);
		VOID (*ParseProcedureEx)(VOID);
	};
	VOID (*SecurityProcedure)(VOID);
	NTSTATUS (*QueryNameProcedure)(PVOID Object, BOOLEAN HasObjectName, struct _OBJECT_NAME_INFORMATION *ObjectNameInfo,
				       ULONG Length, PULONG ReturnLength, KPROCESSOR_MODE Mode);
	BOOLEAN (*OkayToCloseProcedure)(struct _EPROCESS *Process, PVOID Object, HANDLE Handle, KPROCESSOR_MODE PreviousMode);
	ULONG WaitObjectFlagMask;
	USHORT WaitObjectFlagOffset;
	USHORT WaitObjectPointerOffset;
} OBJECT_TYPE_INITIALIZER, *POBJECT_TYPE_INITIALIZER;

typedef struct _OBJECT_TYPE {
	LIST_ENTRY TypeList;
	UNICODE_STRING Name;
	PVOID DefaultObject;
	UCHAR Index;
	ULONG TotalNumberOfObjects;
	ULONG TotalNumberOfHandles;
	ULONG HighWaterNumberOfObjects;
	ULONG HighWaterNumberOfHandles;
	OBJECT_TYPE_INITIALIZER TypeInfo;
	EX_PUSH_LOCK TypeLock;
	ULONG Key;
	LIST_ENTRY CallbackList;
} OBJECT_TYPE, *POBJECT_TYPE;

typedef struct _OBJECT_DIRECTORY_ENTRY {
	struct _OBJECT_DIRECTORY_ENTRY *ChainLink;
	PVOID Object;
	ULONG HashValue;
} OBJECT_DIRECTORY_ENTRY, *POBJECT_DIRECTORY_ENTRY;

typedef struct _OBJECT_DIRECTORY {
	struct _OBJECT_DIRECTORY_ENTRY *HashBuckets[37];
	EX_PUSH_LOCK Lock;
	struct _DEVICE_MAP *DeviceMap;
	struct _OBJECT_DIRECTORY *ShadowDirectory;
	PVOID NamespaceEntry;
	PVOID SessionObject;
	ULONG Flags;
	ULONG SessionId;
} OBJECT_DIRECTORY, *POBJECT_DIRECTORY;

typedef struct _OBJECT_SYMBOLIC_LINK {
	LARGE_INTEGER CreationTime;
	union {
		UNICODE_STRING LinkTarget;
		struct {
			VOID (*Callback)(VOID);
			PVOID CallbackContext;
		};
	};
	ULONG DosDeviceDriveIndex;
	ULONG Flags;
	ULONG AccessMask;
	ULONG IntegrityLevel;
} OBJECT_SYMBOLIC_LINK, *POBJECT_SYMBOLIC_LINK;

typedef struct _OBJECT_CREATE_INFORMATION {
	ULONG Attributes;
	PVOID RootDirectory;
	CHAR ProbeMode;
	ULONG PagedPoolCharge;
	ULONG NonPagedPoolCharge;
	ULONG SecurityDescriptorCharge;
	PVOID SecurityDescriptor;
	struct _SECURITY_QUALITY_OF_SERVICE *SecurityQos;
	SECURITY_QUALITY_OF_SERVICE SecurityQualityOfService;
} OBJECT_CREATE_INFORMATION, *POBJECT_CREATE_INFORMATION;

typedef struct _OBJECT_DUMP_CONTROL {
	PVOID Stream;
	ULONG Detail;
} OBJECT_DUMP_CONTROL, *POBJECT_DUMP_CONTROL;

typedef struct _OBJECT_NAME_INFORMATION {
	UNICODE_STRING Name;
} OBJECT_NAME_INFORMATION, *POBJECT_NAME_INFORMATION;

typedef struct _OBJECT_HANDLE_INFORMATION {
	ULONG HandleAttributes;
	ULONG GrantedAccess;
} OBJECT_HANDLE_INFORMATION, *POBJECT_HANDLE_INFORMATION;

typedef struct _OBJECT_HANDLE_COUNT_DATABASE {
	ULONG CountEntries;
	OBJECT_HANDLE_COUNT_ENTRY HandleCountEntries[1];
} OBJECT_HANDLE_COUNT_DATABASE, *POBJECT_HANDLE_COUNT_DATABASE;

typedef struct _DEVICE_MAP {
	struct _OBJECT_DIRECTORY *DosDevicesDirectory;
	struct _OBJECT_DIRECTORY *GlobalDosDevicesDirectory;
	struct _EJOB *ServerSilo;
	struct _DEVICE_MAP *GlobalDeviceMap;
	EX_FAST_REF DriveObject[26];
	LONGLONG ReferenceCount;
	PVOID DosDevicesDirectoryHandle;
	ULONG DriveMap;
	UCHAR DriveType[32];
} DEVICE_MAP, *PDEVICE_MAP;

typedef struct _OBJECT_ATTRIBUTES {
	ULONG Length;
	PVOID RootDirectory;
	struct _UNICODE_STRING *ObjectName;
	ULONG Attributes;
	PVOID SecurityDescriptor;
	PVOID SecurityQualityOfService;
} OBJECT_ATTRIBUTES, *POBJECT_ATTRIBUTES;
