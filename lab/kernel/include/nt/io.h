/* I/O: drivers, devices, files, IRPs and their stack locations. */

#pragma once

typedef struct _IO_STATUS_BLOCK {
	union {
		LONG Status;
		PVOID Pointer;
	};
	ULONGLONG Information;
} IO_STATUS_BLOCK, *PIO_STATUS_BLOCK;

typedef struct _FAST_IO_DISPATCH {
	ULONG SizeOfFastIoDispatch;
	VOID (*FastIoCheckIfPossible)(VOID);
	VOID (*FastIoRead)(VOID);
	VOID (*FastIoWrite)(VOID);
	VOID (*FastIoQueryBasicInfo)(VOID);
	VOID (*FastIoQueryStandardInfo)(VOID);
	VOID (*FastIoLock)(VOID);
	VOID (*FastIoUnlockSingle)(VOID);
	VOID (*FastIoUnlockAll)(VOID);
	VOID (*FastIoUnlockAllByKey)(VOID);
	VOID (*FastIoDeviceControl)(VOID);
	VOID (*AcquireFileForNtCreateSection)(VOID);
	VOID (*ReleaseFileForNtCreateSection)(VOID);
	VOID (*FastIoDetachDevice)(VOID);
	VOID (*FastIoQueryNetworkOpenInfo)(VOID);
	VOID (*AcquireForModWrite)(VOID);
	VOID (*MdlRead)(VOID);
	VOID (*MdlReadComplete)(VOID);
	VOID (*PrepareMdlWrite)(VOID);
	VOID (*MdlWriteComplete)(VOID);
	VOID (*FastIoReadCompressed)(VOID);
	VOID (*FastIoWriteCompressed)(VOID);
	VOID (*MdlReadCompleteCompressed)(VOID);
	VOID (*MdlWriteCompleteCompressed)(VOID);
	VOID (*FastIoQueryOpen)(VOID);
	VOID (*ReleaseForModWrite)(VOID);
	VOID (*AcquireForCcFlush)(VOID);
	VOID (*ReleaseForCcFlush)(VOID);
} FAST_IO_DISPATCH, *PFAST_IO_DISPATCH;

typedef struct _IO_CLIENT_EXTENSION {
	struct _IO_CLIENT_EXTENSION *NextExtension;
	PVOID ClientIdentificationAddress;
} IO_CLIENT_EXTENSION, *PIO_CLIENT_EXTENSION;

typedef struct _DRIVER_EXTENSION {
	struct _DRIVER_OBJECT *DriverObject;
	PDRIVER_ADD_DEVICE AddDevice;
	ULONG Count;
	UNICODE_STRING ServiceKeyName;
	struct _IO_CLIENT_EXTENSION *ClientDriverExtension;
	struct _FS_FILTER_CALLBACKS *FsFilterCallbacks;
	PVOID KseCallbacks;
	PVOID DvCallbacks;
	PVOID VerifierContext;
} DRIVER_EXTENSION, *PDRIVER_EXTENSION;

typedef struct _DRIVER_OBJECT {
	SHORT Type;
	SHORT Size;
	struct _DEVICE_OBJECT *DeviceObject;
	ULONG Flags;
	PVOID DriverStart;
	ULONG DriverSize;
	PVOID DriverSection;
	struct _DRIVER_EXTENSION *DriverExtension;
	UNICODE_STRING DriverName;
	struct _UNICODE_STRING *HardwareDatabase;
	struct _FAST_IO_DISPATCH *FastIoDispatch;
	PDRIVER_INITIALIZE DriverInit;
	PDRIVER_STARTIO DriverStartIo;
	PDRIVER_UNLOAD DriverUnload;
	PDRIVER_DISPATCH MajorFunction[28];
} DRIVER_OBJECT, *PDRIVER_OBJECT;

typedef struct _WAIT_CONTEXT_BLOCK {
	union {
		KDEVICE_QUEUE_ENTRY WaitQueueEntry;
		struct {
			LIST_ENTRY DmaWaitEntry;
			ULONG NumberOfChannels;
			ULONG SyncCallback : 1;
			ULONG DmaContext : 1;
			ULONG ZeroMapRegisters : 1;
			ULONG Reserved : 9;
			ULONG NumberOfRemapPages : 20;
		};
	};
	PDRIVER_CONTROL DeviceRoutine;
	PVOID DeviceContext;
	ULONG NumberOfMapRegisters;
	PVOID DeviceObject;
	PVOID CurrentIrp;
	struct _KDPC *BufferChainingDpc;
} WAIT_CONTEXT_BLOCK, *PWAIT_CONTEXT_BLOCK;

typedef struct _VPB {
	SHORT Type;
	SHORT Size;
	USHORT Flags;
	USHORT VolumeLabelLength;
	struct _DEVICE_OBJECT *DeviceObject;
	struct _DEVICE_OBJECT *RealDevice;
	ULONG SerialNumber;
	ULONG ReferenceCount;
	WCHAR VolumeLabel[32];
} VPB, *PVPB;

typedef struct _DEVOBJ_EXTENSION {
	SHORT Type;
	USHORT Size;
	struct _DEVICE_OBJECT *DeviceObject;
	ULONG PowerFlags;
	struct _DEVICE_OBJECT_POWER_EXTENSION *Dope;
	ULONG ExtensionFlags;
	PVOID DeviceNode;
	struct _DEVICE_OBJECT *AttachedTo;
	LONG StartIoCount;
	LONG StartIoKey;
	ULONG StartIoFlags;
	struct _VPB *Vpb;
	PVOID DependencyNode;
	PVOID InterruptContext;
	LONG InterruptCount;
	PVOID VerifierContext;
} DEVOBJ_EXTENSION, *PDEVOBJ_EXTENSION;

typedef union {
	LIST_ENTRY ListEntry;
	WAIT_CONTEXT_BLOCK Wcb;
} DEVICE_OBJECT_QUEUE;

typedef struct DECLSPEC_ALIGN(16) _DEVICE_OBJECT {
	SHORT Type;
	USHORT Size;
	LONG ReferenceCount;
	struct _DRIVER_OBJECT *DriverObject;
	struct _DEVICE_OBJECT *NextDevice;
	struct _DEVICE_OBJECT *AttachedDevice;
	struct _IRP *CurrentIrp;
	struct _IO_TIMER *Timer;
	ULONG Flags;
	ULONG Characteristics;
	struct _VPB *Vpb;
	PVOID DeviceExtension;
	ULONG DeviceType;
	CHAR StackSize;
	DEVICE_OBJECT_QUEUE Queue;
	ULONG AlignmentRequirement;
	KDEVICE_QUEUE DeviceQueue;
	KDPC Dpc;
	ULONG ActiveThreadCount;
	PVOID SecurityDescriptor;
	KEVENT DeviceLock;
	USHORT SectorSize;
	USHORT Spare1;
	struct _DEVOBJ_EXTENSION *DeviceObjectExtension;
	PVOID Reserved;
} DEVICE_OBJECT, *PDEVICE_OBJECT;

typedef struct _SECTION_OBJECT_POINTERS {
	PVOID DataSectionObject;
	PVOID SharedCacheMap;
	PVOID ImageSectionObject;
} SECTION_OBJECT_POINTERS, *PSECTION_OBJECT_POINTERS;

typedef struct _IO_COMPLETION_CONTEXT {
	PVOID Port;
	PVOID Key;
	LONGLONG UsageCount;
} IO_COMPLETION_CONTEXT, *PIO_COMPLETION_CONTEXT;

typedef struct _FILE_OBJECT {
	SHORT Type;
	SHORT Size;
	struct _DEVICE_OBJECT *DeviceObject;
	struct _VPB *Vpb;
	PVOID FsContext;
	PVOID FsContext2;
	struct _SECTION_OBJECT_POINTERS *SectionObjectPointer;
	PVOID PrivateCacheMap;
	LONG FinalStatus;
	struct _FILE_OBJECT *RelatedFileObject;
	UCHAR LockOperation;
	UCHAR DeletePending;
	UCHAR ReadAccess;
	UCHAR WriteAccess;
	UCHAR DeleteAccess;
	UCHAR SharedRead;
	UCHAR SharedWrite;
	UCHAR SharedDelete;
	ULONG Flags;
	UNICODE_STRING FileName;
	LARGE_INTEGER CurrentByteOffset;
	ULONG Waiters;
	ULONG Busy;
	PVOID LastLock;
	KEVENT Lock;
	KEVENT Event;
	struct _IO_COMPLETION_CONTEXT *CompletionContext;
	ULONGLONG IrpListLock;
	LIST_ENTRY IrpList;
	PVOID FileObjectExtension;
} FILE_OBJECT, *PFILE_OBJECT;

typedef union _POWER_STATE {
	enum _SYSTEM_POWER_STATE SystemState;
	enum _DEVICE_POWER_STATE DeviceState;
} POWER_STATE, *PPOWER_STATE;

typedef struct _SYSTEM_POWER_STATE_CONTEXT {
	union {
		struct {
			ULONG Reserved1 : 8;
			ULONG TargetSystemState : 4;
			ULONG EffectiveSystemState : 4;
			ULONG CurrentSystemState : 4;
			ULONG IgnoreHibernationPath : 1;
			ULONG PseudoTransition : 1;
			ULONG KernelSoftReboot : 1;
			ULONG DirectedDripsTransition : 1;
			ULONG Reserved2 : 8;
		};
		ULONG ContextAsUlong;
	};
} SYSTEM_POWER_STATE_CONTEXT, *PSYSTEM_POWER_STATE_CONTEXT;

typedef struct _IO_SECURITY_CONTEXT {
	struct _SECURITY_QUALITY_OF_SERVICE *SecurityQos;
	struct _ACCESS_STATE *AccessState;
	ULONG DesiredAccess;
	ULONG FullCreateOptions;
} IO_SECURITY_CONTEXT, *PIO_SECURITY_CONTEXT;

typedef struct _IO_TIMER {
	SHORT Type;
	SHORT TimerFlag;
	LIST_ENTRY TimerList;
	PIO_TIMER_ROUTINE TimerRoutine;
	PVOID Context;
	struct _DEVICE_OBJECT *DeviceObject;
} IO_TIMER, *PIO_TIMER;

typedef struct _IO_WORKITEM {
	WORK_QUEUE_ITEM WorkItem;
	VOID (*Routine)(struct _DEVICE_OBJECT *DeviceObject, PVOID Context);
	PVOID IoObject;
	PVOID Context;
	struct _ETHREAD *WorkOnBehalfThread;
	ULONG Type;
	GUID ActivityId;
} IO_WORKITEM, *PIO_WORKITEM;

typedef struct _FILE_BASIC_INFORMATION {
	LARGE_INTEGER CreationTime;
	LARGE_INTEGER LastAccessTime;
	LARGE_INTEGER LastWriteTime;
	LARGE_INTEGER ChangeTime;
	ULONG FileAttributes;
} FILE_BASIC_INFORMATION, *PFILE_BASIC_INFORMATION;

typedef struct _FILE_STANDARD_INFORMATION {
	LARGE_INTEGER AllocationSize;
	LARGE_INTEGER EndOfFile;
	ULONG NumberOfLinks;
	UCHAR DeletePending;
	UCHAR Directory;
} FILE_STANDARD_INFORMATION, *PFILE_STANDARD_INFORMATION;

typedef struct _FILE_NETWORK_OPEN_INFORMATION {
	LARGE_INTEGER CreationTime;
	LARGE_INTEGER LastAccessTime;
	LARGE_INTEGER LastWriteTime;
	LARGE_INTEGER ChangeTime;
	LARGE_INTEGER AllocationSize;
	LARGE_INTEGER EndOfFile;
	ULONG FileAttributes;
} FILE_NETWORK_OPEN_INFORMATION, *PFILE_NETWORK_OPEN_INFORMATION;

typedef struct _ECP_LIST {
	ULONG Signature;
	ULONG Flags;
	LIST_ENTRY EcpList;
} ECP_LIST, *PECP_LIST;

typedef struct _FSRTL_ADVANCED_FCB_HEADER {
	SHORT NodeTypeCode;
	SHORT NodeByteSize;
	UCHAR Flags;
	UCHAR IsFastIoPossible;
	UCHAR Flags2;
	UCHAR Reserved : 4;
	UCHAR Version : 4;
	struct _ERESOURCE *Resource;
	struct _ERESOURCE *PagingIoResource;
	LARGE_INTEGER AllocationSize;
	LARGE_INTEGER FileSize;
	LARGE_INTEGER ValidDataLength;
	struct _FAST_MUTEX *FastMutex;
	LIST_ENTRY FilterContexts;
	EX_PUSH_LOCK PushLock;
	PVOID *FileContextSupportPointer;
	union {
		PVOID Oplock;
		PVOID ReservedForRemote;
	};
	PVOID AePushLock;
	ULONG BypassIoOpenCount;
} FSRTL_ADVANCED_FCB_HEADER, *PFSRTL_ADVANCED_FCB_HEADER;
