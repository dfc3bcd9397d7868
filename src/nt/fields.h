/* The fields of NT's structures that the debugger reads, by name. Each is looked up once in the symbols of the very kernel in the dump.
 * Alternatives (another name in other builds) are separated by '|', in the type and in the path.
 */
#ifndef IMP_NT_FIELDS_H
#define IMP_NT_FIELDS_H

#include "types/types.h"

#define IMP_NT_FIELDS(F)                                                                    \
	F(LIST_FLINK, "_LIST_ENTRY", "Flink")                                               \
	F(LIST_BLINK, "_LIST_ENTRY", "Blink")                                               \
	F(STRING_LENGTH, "_UNICODE_STRING", "Length")                                       \
	F(STRING_BUFFER, "_UNICODE_STRING", "Buffer")                                       \
	F(MODULE_LINKS, "_KLDR_DATA_TABLE_ENTRY|_LDR_DATA_TABLE_ENTRY", "InLoadOrderLinks") \
	F(MODULE_BASE, "_KLDR_DATA_TABLE_ENTRY|_LDR_DATA_TABLE_ENTRY", "DllBase")           \
	F(MODULE_SIZE, "_KLDR_DATA_TABLE_ENTRY|_LDR_DATA_TABLE_ENTRY", "SizeOfImage")       \
	F(MODULE_STAMP, "_KLDR_DATA_TABLE_ENTRY|_LDR_DATA_TABLE_ENTRY", "TimeDateStamp")    \
	F(MODULE_NAME, "_KLDR_DATA_TABLE_ENTRY|_LDR_DATA_TABLE_ENTRY", "BaseDllName")       \
	F(MODULE_PATH, "_KLDR_DATA_TABLE_ENTRY|_LDR_DATA_TABLE_ENTRY", "FullDllName")       \
	F(WAIT_BLOCK_TYPE, "_KWAIT_BLOCK", "WaitType")                                      \
	F(THREAD_TIMER, "_KTHREAD", "Timer")                                                \
	F(MUTANT_OWNER, "_KMUTANT", "OwnerThread")                                          \
	F(MUTANT_ABANDONED, "_KMUTANT", "Abandoned")                                        \
	F(FAST_MUTEX_OWNER, "_FAST_MUTEX", "Owner")                                         \
	F(FAST_MUTEX_EVENT, "_FAST_MUTEX", "Event|Gate")                                    \
	F(FAST_MUTEX_COUNT, "_FAST_MUTEX", "Count")                                         \
	F(SEMAPHORE_LIMIT, "_KSEMAPHORE", "Limit")                                          \
	F(WORK_ITEM_ROUTINE, "_WORK_QUEUE_ITEM", "WorkerRoutine")                           \
	F(WORK_ITEM_PARAMETER, "_WORK_QUEUE_ITEM", "Parameter")                             \
	F(DRIVER_FLAGS, "_DRIVER_OBJECT", "Flags")                                          \
	F(THREAD_QUEUE, "_KTHREAD", "Queue")                                                \
	F(PRIQUEUE_ENTRIES, "_KPRIQUEUE", "EntryListHead")                                  \
	F(QUEUE_ENTRIES, "_KQUEUE", "EntryListHead")                                        \
	F(WORK_ITEM_LINKS, "_WORK_QUEUE_ITEM", "List")                                      \
	F(WORK_QUEUE_PRIQUEUE, "_EX_WORK_QUEUE", "WorkPriQueue")                            \
	F(WORK_QUEUE_COUNT, "_EX_WORK_QUEUE", "ThreadCount")                                \
	F(WORK_QUEUE_MOST, "_EX_WORK_QUEUE", "MaxThreads")                                  \
	F(IO_WORK_ITEM, "_IO_WORKITEM", "WorkItem")                                         \
	F(IO_WORK_ROUTINE, "_IO_WORKITEM", "Routine")                                       \
	F(IO_WORK_OBJECT, "_IO_WORKITEM", "IoObject|DeviceObject")                          \
	F(IO_WORK_CONTEXT, "_IO_WORKITEM", "Context")                                       \
	F(HEADER_TYPE, "_DISPATCHER_HEADER", "Type")                                        \
	F(HEADER_SIZE, "_DISPATCHER_HEADER", "Size")                                        \
	F(HEADER_SIGNAL_STATE, "_DISPATCHER_HEADER", "SignalState")                         \
	F(HEADER_WAIT_LIST, "_DISPATCHER_HEADER", "WaitListHead")                           \
	F(WAIT_BLOCK_LIST, "_KWAIT_BLOCK", "WaitListEntry")                                 \
	F(WAIT_BLOCK_THREAD, "_KWAIT_BLOCK", "Thread")                                      \
	F(WAIT_BLOCK_OBJECT, "_KWAIT_BLOCK", "Object")                                      \
	F(PROCESS_PID, "_EPROCESS", "UniqueProcessId")                                      \
	F(PROCESS_LINKS, "_EPROCESS", "ActiveProcessLinks")                                 \
	F(PROCESS_IMAGE, "_EPROCESS", "ImageFileName")                                      \
	F(PROCESS_AUDIT_NAME, "_EPROCESS", "SeAuditProcessCreationInfo.ImageFileName")      \
	F(PROCESS_THREADS, "_EPROCESS", "ThreadListHead")                                   \
	F(PROCESS_ACTIVE_THREADS, "_EPROCESS", "ActiveThreads")                             \
	F(PROCESS_PARENT, "_EPROCESS", "InheritedFromUniqueProcessId")                      \
	F(PROCESS_PEB, "_EPROCESS", "Peb")                                                  \
	F(PROCESS_SESSION, "_EPROCESS", "Session")                                          \
	F(PROCESS_CREATE_TIME, "_EPROCESS", "CreateTime")                                   \
	F(PROCESS_EXIT_TIME, "_EPROCESS", "ExitTime")                                       \
	F(PROCESS_HANDLES, "_EPROCESS", "ObjectTable")                                      \
	F(PROCESS_VIRTUAL_SIZE, "_EPROCESS", "VirtualSize")                                 \
	F(PROCESS_PEAK_VIRTUAL_SIZE, "_EPROCESS", "PeakVirtualSize")                        \
	F(PROCESS_COMMIT, "_EPROCESS", "CommitCharge")                                      \
	F(PROCESS_QUOTA, "_EPROCESS", "ProcessQuotaUsage")                                  \
	F(PROCESS_TOKEN, "_EPROCESS", "Token")                                              \
	F(PROCESS_DIRECTORY_BASE, "_EPROCESS", "Pcb.DirectoryTableBase")                    \
	F(SESSION_ID, "_MM_SESSION_SPACE", "SessionId")                                     \
	F(HANDLE_COUNT, "_HANDLE_TABLE", "HandleCount|FreeLists[0].HandleCount")            \
	F(TOKEN_LOGON, "_TOKEN", "LogonSession")                                            \
	F(LOGON_ACCOUNT, "_SEP_LOGON_SESSION_REFERENCES", "AccountName")                    \
	F(LOGON_AUTHORITY, "_SEP_LOGON_SESSION_REFERENCES", "AuthorityName")                \
	F(FAST_REF_COUNT, "_EX_FAST_REF", "RefCnt")                                         \
	F(THREAD_LINKS, "_ETHREAD", "ThreadListEntry")                                      \
	F(THREAD_PID, "_ETHREAD", "Cid.UniqueProcess")                                      \
	F(THREAD_TID, "_ETHREAD", "Cid.UniqueThread")                                       \
	F(THREAD_START, "_ETHREAD", "StartAddress")                                         \
	F(THREAD_WIN32_START, "_ETHREAD", "Win32StartAddress")                              \
	F(THREAD_IO_PRIORITY, "_ETHREAD", "ThreadIoPriority")                               \
	F(THREAD_PAGE_PRIORITY, "_ETHREAD", "ThreadPagePriority")                           \
	F(THREAD_PROCESS, "_KTHREAD", "Process")                                            \
	F(THREAD_ATTACHED_PROCESS, "_KTHREAD", "ApcState.Process")                          \
	F(THREAD_TEB, "_KTHREAD", "Teb")                                                    \
	F(THREAD_STATE, "_KTHREAD", "State")                                                \
	F(THREAD_WAIT_REASON, "_KTHREAD", "WaitReason")                                     \
	F(THREAD_WAIT_TIME, "_KTHREAD", "WaitTime")                                         \
	F(THREAD_WAIT_MODE, "_KTHREAD", "WaitMode")                                         \
	F(THREAD_ALERTABLE, "_KTHREAD", "Alertable")                                        \
	F(THREAD_WIN32, "_KTHREAD", "Win32Thread")                                          \
	F(THREAD_WAIT_BLOCKS, "_KTHREAD", "WaitBlockList")                                  \
	F(THREAD_WAIT_BLOCK_COUNT, "_KTHREAD", "WaitBlockCount")                            \
	F(THREAD_KERNEL_TIME, "_KTHREAD", "KernelTime")                                     \
	F(THREAD_USER_TIME, "_KTHREAD", "UserTime")                                         \
	F(THREAD_SWITCHES, "_KTHREAD", "ContextSwitches")                                   \
	F(THREAD_PRIORITY, "_KTHREAD", "Priority")                                          \
	F(THREAD_BASE_PRIORITY, "_KTHREAD", "BasePriority")                                 \
	F(THREAD_DECREMENT, "_KTHREAD", "PriorityDecrement")                                \
	F(THREAD_FOREGROUND_BOOST, "_KTHREAD", "ForegroundBoost")                           \
	F(THREAD_KERNEL_STACK, "_KTHREAD", "KernelStack")                                   \
	F(THREAD_STACK_BASE, "_KTHREAD", "StackBase")                                       \
	F(THREAD_STACK_LIMIT, "_KTHREAD", "StackLimit")                                     \
	F(SWITCH_RETURN, "_KSWITCH_FRAME", "Return")                                        \
	F(SWITCH_RBP, "_KSWITCH_FRAME", "Rbp")                                              \
	F(PRCB_NUMBER, "_KPRCB", "Number")                                                  \
	F(PRCB_CURRENT_THREAD, "_KPRCB", "CurrentThread")                                   \
	F(PRCB_CONTEXT, "_KPRCB", "Context")                                                \
	F(PRCB_STATE_CONTEXT, "_KPRCB", "ProcessorState.ContextFrame")                      \
	F(PRCB_IPI_FROZEN, "_KPRCB", "IpiFrozen")                                           \
	F(PRCB_NEXT_THREAD, "_KPRCB", "NextThread")                                         \
	F(PRCB_IDLE_THREAD, "_KPRCB", "IdleThread")                                         \
	F(PRCB_IRQL, "_KPRCB", "DebuggerSavedIRQL")                                         \
	F(PRCB_CR4, "_KPRCB", "ProcessorState.SpecialRegisters.Cr4")                        \
	F(MI_INVALID_PTE_MASK, "_MI_SYSTEM_INFORMATION", "Hardware.InvalidPteMask")         \
	F(PRCB_MHZ, "_KPRCB", "MHz")                                                        \
	F(PRCB_CPU_TYPE, "_KPRCB", "CpuType")                                               \
	F(PRCB_CPU_MODEL, "_KPRCB", "CpuModel")                                             \
	F(PRCB_CPU_STEPPING, "_KPRCB", "CpuStepping")                                       \
	F(PRCB_VENDOR, "_KPRCB", "VendorString")                                            \
	F(PRCB_INTERRUPT_COUNT, "_KPRCB", "InterruptCount")                                 \
	F(PRCB_KERNEL_TIME, "_KPRCB", "KernelTime")                                         \
	F(PRCB_USER_TIME, "_KPRCB", "UserTime")                                             \
	F(PRCB_DPC_TIME, "_KPRCB", "DpcTime")                                               \
	F(PRCB_INTERRUPT_TIME, "_KPRCB", "InterruptTime")                                   \
	F(PRCB_READY_LISTS, "_KPRCB", "DispatcherReadyListHead")                            \
	F(PRCB_LOCK_QUEUE, "_KPRCB", "LockQueue")                                           \
	F(PRCB_SIGNATURE, "_KPRCB", "UpdateSignature")                                      \
	F(PRCB_FEATURES, "_KPRCB", "FeatureBits")                                           \
	F(SPIN_LOCK_QUEUE_LOCK, "_KSPIN_LOCK_QUEUE", "Lock")                                \
	F(PCR_PRCB, "_KPCR", "Prcb")                                                        \
	F(PCR_IRQL, "_KPCR", "Irql")                                                        \
	F(PCR_GDT, "_KPCR", "GdtBase")                                                      \
	F(PCR_IDT, "_KPCR", "IdtBase")                                                      \
	F(PCR_TSS, "_KPCR", "TssBase")                                                      \
	F(PCR_MAJOR_VERSION, "_KPCR", "MajorVersion")                                       \
	F(PCR_MINOR_VERSION, "_KPCR", "MinorVersion")                                       \
	F(THREAD_READY_LINKS, "_KTHREAD", "WaitListEntry")                                  \
	F(OBJECT_BODY, "_OBJECT_HEADER", "Body")                                            \
	F(OBJECT_POINTERS, "_OBJECT_HEADER", "PointerCount")                                \
	F(OBJECT_HANDLES, "_OBJECT_HEADER", "HandleCount")                                  \
	F(OBJECT_TYPE_INDEX, "_OBJECT_HEADER", "TypeIndex")                                 \
	F(OBJECT_INFO_MASK, "_OBJECT_HEADER", "InfoMask")                                   \
	F(OBJECT_TYPE_NAME, "_OBJECT_TYPE", "Name")                                         \
	F(OBJECT_NAME_DIRECTORY, "_OBJECT_HEADER_NAME_INFO", "Directory")                   \
	F(OBJECT_NAME, "_OBJECT_HEADER_NAME_INFO", "Name")                                  \
	F(DIRECTORY_BUCKETS, "_OBJECT_DIRECTORY", "HashBuckets")                            \
	F(DIRECTORY_CHAIN, "_OBJECT_DIRECTORY_ENTRY", "ChainLink")                          \
	F(DIRECTORY_OBJECT, "_OBJECT_DIRECTORY_ENTRY", "Object")                            \
	F(HANDLE_TABLE_CODE, "_HANDLE_TABLE", "TableCode")                                  \
	F(HANDLE_TABLE_LIMIT, "_HANDLE_TABLE", "NextHandleNeedingPool")                     \
	F(HANDLE_POINTER_BITS, "_HANDLE_TABLE_ENTRY", "ObjectPointerBits")                  \
	F(HANDLE_ACCESS, "_HANDLE_TABLE_ENTRY", "GrantedAccessBits|GrantedAccess")          \
	F(DRIVER_DEVICE, "_DRIVER_OBJECT", "DeviceObject")                                  \
	F(DRIVER_NAME, "_DRIVER_OBJECT", "DriverName")                                      \
	F(DRIVER_INIT, "_DRIVER_OBJECT", "DriverInit")                                      \
	F(DRIVER_START_IO, "_DRIVER_OBJECT", "DriverStartIo")                               \
	F(DRIVER_UNLOAD, "_DRIVER_OBJECT", "DriverUnload")                                  \
	F(DRIVER_EXTENSION, "_DRIVER_OBJECT", "DriverExtension")                            \
	F(DRIVER_ADD_DEVICE, "_DRIVER_EXTENSION", "AddDevice")                              \
	F(DRIVER_DISPATCH, "_DRIVER_OBJECT", "MajorFunction")                               \
	F(DEVICE_DRIVER, "_DEVICE_OBJECT", "DriverObject")                                  \
	F(DEVICE_NEXT, "_DEVICE_OBJECT", "NextDevice")                                      \
	F(DEVICE_ATTACHED, "_DEVICE_OBJECT", "AttachedDevice")                              \
	F(DEVICE_IRP, "_DEVICE_OBJECT", "CurrentIrp")                                       \
	F(DEVICE_REFERENCES, "_DEVICE_OBJECT", "ReferenceCount")                            \
	F(DEVICE_TYPE, "_DEVICE_OBJECT", "DeviceType")                                      \
	F(DEVICE_FLAGS, "_DEVICE_OBJECT", "Flags")                                          \
	F(DEVICE_CHARACTERISTICS, "_DEVICE_OBJECT", "Characteristics")                      \
	F(DEVICE_EXTENSION, "_DEVICE_OBJECT", "DeviceExtension")                            \
	F(DEVICE_OBJECT_EXTENSION, "_DEVICE_OBJECT", "DeviceObjectExtension")               \
	F(DEVICE_SECURITY, "_DEVICE_OBJECT", "SecurityDescriptor")                          \
	F(DEVICE_QUEUE_BUSY, "_DEVICE_OBJECT", "DeviceQueue.Busy")                          \
	F(DEVICE_ATTACHED_TO, "_DEVOBJ_EXTENSION", "AttachedTo")                            \
	F(THREAD_IRP_LIST, "_ETHREAD", "IrpList")                                           \
	F(IRP_TYPE, "_IRP", "Type")                                                         \
	F(IRP_SIZE, "_IRP", "Size")                                                         \
	F(IRP_MDL, "_IRP", "MdlAddress")                                                    \
	F(IRP_FLAGS, "_IRP", "Flags")                                                       \
	F(IRP_SYSTEM_BUFFER, "_IRP", "AssociatedIrp.SystemBuffer")                          \
	F(IRP_THREAD_LINKS, "_IRP", "ThreadListEntry")                                      \
	F(IRP_STATUS, "_IRP", "IoStatus.Status")                                            \
	F(IRP_INFORMATION, "_IRP", "IoStatus.Information")                                  \
	F(IRP_REQUESTOR_MODE, "_IRP", "RequestorMode")                                      \
	F(IRP_PENDING, "_IRP", "PendingReturned")                                           \
	F(IRP_STACK_COUNT, "_IRP", "StackCount")                                            \
	F(IRP_CURRENT_LOCATION, "_IRP", "CurrentLocation")                                  \
	F(IRP_CANCEL, "_IRP", "Cancel")                                                     \
	F(IRP_CANCEL_IRQL, "_IRP", "CancelIrql")                                            \
	F(IRP_APC_ENVIRONMENT, "_IRP", "ApcEnvironment")                                    \
	F(IRP_USER_IOSB, "_IRP", "UserIosb")                                                \
	F(IRP_USER_EVENT, "_IRP", "UserEvent")                                              \
	F(IRP_ALLOCATION_SIZE, "_IRP", "Overlay.AllocationSize")                            \
	F(IRP_CANCEL_ROUTINE, "_IRP", "CancelRoutine")                                      \
	F(IRP_USER_BUFFER, "_IRP", "UserBuffer")                                            \
	F(IRP_THREAD, "_IRP", "Tail.Overlay.Thread")                                        \
	F(IRP_AUXILIARY_BUFFER, "_IRP", "Tail.Overlay.AuxiliaryBuffer")                     \
	F(IRP_ORIGINAL_FILE, "_IRP", "Tail.Overlay.OriginalFileObject")                     \
	F(IO_STACK_MAJOR, "_IO_STACK_LOCATION", "MajorFunction")                            \
	F(IO_STACK_MINOR, "_IO_STACK_LOCATION", "MinorFunction")                            \
	F(IO_STACK_FLAGS, "_IO_STACK_LOCATION", "Flags")                                    \
	F(IO_STACK_CONTROL, "_IO_STACK_LOCATION", "Control")                                \
	F(IO_STACK_DEVICE, "_IO_STACK_LOCATION", "DeviceObject")                            \
	F(IO_STACK_FILE, "_IO_STACK_LOCATION", "FileObject")                                \
	F(IO_STACK_COMPLETION, "_IO_STACK_LOCATION", "CompletionRoutine")                   \
	F(IO_STACK_CONTEXT, "_IO_STACK_LOCATION", "Context")                                \
	F(IO_STACK_ARGUMENT1, "_IO_STACK_LOCATION", "Parameters.Others.Argument1")          \
	F(IO_STACK_ARGUMENT2, "_IO_STACK_LOCATION", "Parameters.Others.Argument2")          \
	F(IO_STACK_ARGUMENT3, "_IO_STACK_LOCATION", "Parameters.Others.Argument3")          \
	F(IO_STACK_ARGUMENT4, "_IO_STACK_LOCATION", "Parameters.Others.Argument4")          \
	F(THREAD_INITIAL_STACK, "_KTHREAD", "InitialStack")                                 \
	F(THREAD_IDEAL_PROCESSOR, "_KTHREAD", "IdealProcessor")                             \
	F(RESOURCE_LINKS, "_ERESOURCE", "SystemResourcesList")                              \
	F(RESOURCE_OWNERS, "_ERESOURCE", "OwnerTable")                                      \
	F(RESOURCE_OWNER, "_ERESOURCE", "OwnerEntry|OwnerThreads[0]")                       \
	F(RESOURCE_ACTIVE, "_ERESOURCE", "ActiveCount")                                     \
	F(RESOURCE_ENTRIES, "_ERESOURCE", "ActiveEntries|ActiveCount")                      \
	F(RESOURCE_FLAG, "_ERESOURCE", "Flag")                                              \
	F(RESOURCE_CONTENTION, "_ERESOURCE", "ContentionCount")                             \
	F(RESOURCE_SHARED_WAITERS, "_ERESOURCE", "NumberOfSharedWaiters")                   \
	F(RESOURCE_EXCLUSIVE_WAITERS, "_ERESOURCE", "NumberOfExclusiveWaiters")             \
	F(OWNER_THREAD, "_OWNER_ENTRY", "OwnerThread")                                      \
	F(OWNER_COUNT, "_OWNER_ENTRY", "OwnerCount")                                        \
	F(OWNER_TABLE_SIZE, "_OWNER_ENTRY", "TableSize")                                    \
	F(PRCB_TIMERS, "_KPRCB", "TimerTable.TimerEntries")                                 \
	F(TIMER_ENTRY_LIST, "_KTIMER_TABLE_ENTRY", "Entry")                                 \
	F(TIMER_DUE, "_KTIMER", "DueTime")                                                  \
	F(TIMER_LINKS, "_KTIMER", "TimerListEntry")                                         \
	F(TIMER_DPC, "_KTIMER", "Dpc")                                                      \
	F(TIMER_PERIOD, "_KTIMER", "Period")                                                \
	F(DPC_ROUTINE, "_KDPC", "DeferredRoutine")                                          \
	F(DPC_CONTEXT, "_KDPC", "DeferredContext")                                          \
	F(DPC_ARGUMENT1, "_KDPC", "SystemArgument1")                                        \
	F(DPC_ARGUMENT2, "_KDPC", "SystemArgument2")                                        \
	F(DPC_LINK, "_KDPC", "DpcListEntry")                                                \
	F(PRCB_DPCS, "_KPRCB", "DpcData")                                                   \
	F(DPC_QUEUE_FIRST, "_KDPC_DATA", "DpcList.ListHead|DpcListHead")                    \
	F(RESOURCE_SHARED_WAIT, "_ERESOURCE", "SharedWaiters")                              \
	F(RESOURCE_EXCLUSIVE_WAIT, "_ERESOURCE", "ExclusiveWaiters")                        \
	F(CHAIN_LINK, "_KWAIT_CHAIN_ENTRY", "ListEntry.Flink|ListEntry.Next")               \
	F(CHAIN_LINKS, "_KWAIT_CHAIN_ENTRY", "ListEntry")                                   \
	F(CHAIN_THREAD, "_KWAIT_CHAIN_ENTRY", "Thread")                                     \
	F(CHAIN_EVENT, "_KWAIT_CHAIN_ENTRY", "Event")                                       \
	F(POOL_PREVIOUS_SIZE, "_POOL_HEADER", "PreviousSize")                               \
	F(POOL_BLOCK_SIZE, "_POOL_HEADER", "BlockSize")                                     \
	F(POOL_TYPE, "_POOL_HEADER", "PoolType")                                            \
	F(POOL_TAG, "_POOL_HEADER", "PoolTag")                                              \
	F(BIG_POOL_ADDRESS, "_POOL_TRACKER_BIG_PAGES", "Va")                                \
	F(BIG_POOL_TAG, "_POOL_TRACKER_BIG_PAGES", "Key")                                   \
	F(BIG_POOL_BYTES, "_POOL_TRACKER_BIG_PAGES", "NumberOfBytes")                       \
	F(POOL_USE_TAG, "_POOL_TRACKER_TABLE", "Key")                                       \
	F(POOL_USE_NONPAGED_ALLOCS, "_POOL_TRACKER_TABLE", "NonPagedAllocs")                \
	F(POOL_USE_NONPAGED_FREES, "_POOL_TRACKER_TABLE", "NonPagedFrees")                  \
	F(POOL_USE_NONPAGED_BYTES, "_POOL_TRACKER_TABLE", "NonPagedBytes")                  \
	F(POOL_USE_PAGED_ALLOCS, "_POOL_TRACKER_TABLE", "PagedAllocs")                      \
	F(POOL_USE_PAGED_FREES, "_POOL_TRACKER_TABLE", "PagedFrees")                        \
	F(POOL_USE_PAGED_BYTES, "_POOL_TRACKER_TABLE", "PagedBytes")                        \
	F(SHARED_PHYSICAL_PAGES, "_KUSER_SHARED_DATA", "NumberOfPhysicalPages")             \
	F(PARTITION_PHYSICAL_PAGES, "_MI_PARTITION", "Vp.NumberOfPhysicalPages")            \
	F(PARTITION_AVAILABLE_PAGES, "_MI_PARTITION", "Vp.AvailablePages")                  \
	F(PARTITION_RESIDENT_AVAILABLE, "_MI_PARTITION", "Vp.ResidentAvailablePages")       \
	F(PARTITION_COMMITTED, "_MI_PARTITION", "Vp.TotalCommittedPages")                   \
	F(PARTITION_COMMIT_LIMIT, "_MI_PARTITION", "Vp.TotalCommitLimit")                   \
	F(PARTITION_COMMIT_PEAK, "_MI_PARTITION", "Commit.PeakCommitment")                  \
	F(PARTITION_PAGING_FILES, "_MI_PARTITION", "Vp.NumberOfPagingFiles")                \
	F(HIVE_LINKS, "_CMHIVE", "HiveList")                                                \
	F(HIVE_FILE, "_CMHIVE", "FileFullPath")                                             \
	F(HIVE_USER_NAME, "_CMHIVE", "FileUserName")                                        \
	F(HIVE_ROOT_PATH, "_CMHIVE", "HiveRootPath")                                        \
	F(HIVE_SIGNATURE, "_HHIVE", "Signature")                                            \
	F(HIVE_BASE_BLOCK, "_HHIVE", "BaseBlock")                                           \
	F(HIVE_STORAGE, "_HHIVE", "Storage")                                                \
	F(DUAL_LENGTH, "_DUAL", "Length")                                                   \
	F(DUAL_MAP, "_DUAL", "Map")                                                         \
	F(HMAP_DIRECTORY, "_HMAP_DIRECTORY", "Directory")                                   \
	F(HMAP_TABLE, "_HMAP_TABLE", "Table")                                               \
	F(HMAP_BLOCK_OFFSET, "_HMAP_ENTRY", "BlockOffset")                                  \
	F(HMAP_BIN, "_HMAP_ENTRY", "PermanentBinAddress")                                   \
	F(HMAP_BLOCK_ADDRESS, "_HMAP_ENTRY", "BlockAddress")                                \
	F(BASE_BLOCK_ROOT, "_HBASE_BLOCK", "RootCell")                                      \
	F(KEY_SIGNATURE, "_CM_KEY_NODE", "Signature")                                       \
	F(KEY_FLAGS, "_CM_KEY_NODE", "Flags")                                               \
	F(KEY_WRITE_TIME, "_CM_KEY_NODE", "LastWriteTime")                                  \
	F(KEY_PARENT, "_CM_KEY_NODE", "Parent")                                             \
	F(KEY_SUBKEY_COUNTS, "_CM_KEY_NODE", "SubKeyCounts")                                \
	F(KEY_SUBKEY_LISTS, "_CM_KEY_NODE", "SubKeyLists")                                  \
	F(KEY_VALUE_COUNT, "_CM_KEY_NODE", "ValueList.Count")                               \
	F(KEY_VALUES, "_CM_KEY_NODE", "ValueList.List")                                     \
	F(KEY_NAME_LENGTH, "_CM_KEY_NODE", "NameLength")                                    \
	F(KEY_NAME, "_CM_KEY_NODE", "Name")                                                 \
	F(KEY_INDEX_SIGNATURE, "_CM_KEY_INDEX", "Signature")                                \
	F(KEY_INDEX_COUNT, "_CM_KEY_INDEX", "Count")                                        \
	F(KEY_INDEX_LIST, "_CM_KEY_INDEX", "List")                                          \
	F(VALUE_SIGNATURE, "_CM_KEY_VALUE", "Signature")                                    \
	F(VALUE_NAME_LENGTH, "_CM_KEY_VALUE", "NameLength")                                 \
	F(VALUE_DATA_LENGTH, "_CM_KEY_VALUE", "DataLength")                                 \
	F(VALUE_DATA, "_CM_KEY_VALUE", "Data")                                              \
	F(VALUE_TYPE, "_CM_KEY_VALUE", "Type")                                              \
	F(VALUE_FLAGS, "_CM_KEY_VALUE", "Flags")                                            \
	F(VALUE_NAME, "_CM_KEY_VALUE", "Name")                                              \
	F(BIG_DATA_SIGNATURE, "_CM_BIG_DATA", "Signature")                                  \
	F(BIG_DATA_COUNT, "_CM_BIG_DATA", "Count")                                          \
	F(BIG_DATA_LIST, "_CM_BIG_DATA", "List")                                            \
	F(UNLOADED_NAME, "_UNLOADED_DRIVERS", "Name")                                       \
	F(UNLOADED_START, "_UNLOADED_DRIVERS", "StartAddress")                              \
	F(UNLOADED_END, "_UNLOADED_DRIVERS", "EndAddress")                                  \
	F(UNLOADED_TIME, "_UNLOADED_DRIVERS", "CurrentTime")                                \
	F(SHARED_TICK_COUNT, "_KUSER_SHARED_DATA", "TickCountQuad")                         \
	F(SHARED_MAJOR_VERSION, "_KUSER_SHARED_DATA", "NtMajorVersion")                     \
	F(SHARED_MINOR_VERSION, "_KUSER_SHARED_DATA", "NtMinorVersion")                     \
	F(SHARED_PRODUCT_TYPE, "_KUSER_SHARED_DATA", "NtProductType")                       \
	F(SHARED_SUITE_MASK, "_KUSER_SHARED_DATA", "SuiteMask")                             \
	F(SHARED_SYSTEM_TIME, "_KUSER_SHARED_DATA", "SystemTime")                           \
	F(SHARED_INTERRUPT_TIME, "_KUSER_SHARED_DATA", "InterruptTime")

enum imp_nt_field {
#define F(id, type, path) IMP_##id,
	IMP_NT_FIELDS(F)
#undef F
		IMP_NT_FIELD_COUNT
};

struct imp_kernel;

/* The handle of a field. Errors: NOT_FOUND, naming the field; the kernel has no symbols: as imp_kernel_need_symbols. */
struct imp_error *imp_nt_field(struct imp_kernel *kernel, enum imp_nt_field id, const struct imp_field **field);
/* Its offset; false when the symbols do not have it. */
bool imp_nt_offset(struct imp_kernel *kernel, enum imp_nt_field id, uint64_t *offset);
/* Reads the field of the structure at `base`, at most 8 bytes wide (a LARGE_INTEGER or EX_FAST_REF too). */
struct imp_error *imp_nt_read(struct imp_kernel *kernel, enum imp_nt_field id, uint64_t base, uint64_t *value);
/* As imp_nt_read for a column that may be missing: `otherwise` when it cannot be had, and the reason is kept once in the kernel's notes. */
uint64_t imp_nt_value(struct imp_kernel *kernel, enum imp_nt_field id, uint64_t base, uint64_t otherwise);
/* Size of a type by name; 0 when the symbols do not have it. */
uint64_t imp_nt_size(struct imp_kernel *kernel, const char *type);

/* Reads the UNICODE_STRING at `address` as UTF-8 into `text` (always terminated, cut to `size`). */
struct imp_error *imp_nt_string(struct imp_kernel *kernel, uint64_t address, char *text, size_t size);

/* Walks a doubly linked list: `visit` gets the address of each structure (entry minus `link_offset`) until it returns false. Ends, with the
 * error telling where and why, at a link that cannot be read, that does not point back, or after `limit` entries: what was visited stays valid,
 * and what can be reached from the other end is visited too.
 */
struct imp_error *imp_nt_list(struct imp_kernel *kernel, uint64_t head, uint64_t link_offset, size_t limit,
			      bool (*visit)(void *context, uint64_t address), void *context);

#endif
