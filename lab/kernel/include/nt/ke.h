/* Dispatcher objects, wait blocks, timers, DPCs, APCs and the kernel's locks. Threads and processes are in ps.h. */

#pragma once

typedef struct _DISPATCHER_HEADER {
	union {
		LONG Lock;
		LONG LockNV;
		struct {
			UCHAR Type;
			UCHAR Signalling;
			UCHAR Size;
			UCHAR Reserved1;
		};
		struct {
			UCHAR TimerType;
			union {
				UCHAR TimerControlFlags;
				struct {
					UCHAR Absolute : 1;
					UCHAR Wake : 1;
					UCHAR EncodedTolerableDelay : 6;
				};
			};
			UCHAR Hand;
			union {
				UCHAR TimerMiscFlags;
				struct {
					UCHAR Index : 6;
					UCHAR Inserted : 1;
					UCHAR Expired : 1;
				};
			};
		};
		struct {
			UCHAR Timer2Type;
			union {
				UCHAR Timer2Flags;
				struct {
					UCHAR Timer2Inserted : 1;
					UCHAR Timer2Expiring : 1;
					UCHAR Timer2CancelPending : 1;
					UCHAR Timer2SetPending : 1;
					UCHAR Timer2Running : 1;
					UCHAR Timer2Disabled : 1;
					UCHAR Timer2ReservedFlags : 2;
				};
			};
			UCHAR Timer2ComponentId;
			UCHAR Timer2RelativeId;
		};
		struct {
			UCHAR QueueType;
			union {
				UCHAR QueueControlFlags;
				struct {
					UCHAR Abandoned : 1;
					UCHAR DisableIncrement : 1;
					UCHAR QueueReservedControlFlags : 6;
				};
			};
			UCHAR QueueSize;
			UCHAR QueueReserved;
		};
		struct {
			UCHAR ThreadType;
			UCHAR ThreadReserved;
			union {
				UCHAR ThreadControlFlags;
				struct {
					UCHAR CycleProfiling : 1;
					UCHAR CounterProfiling : 1;
					UCHAR GroupScheduling : 1;
					UCHAR AffinitySet : 1;
					UCHAR Tagged : 1;
					UCHAR EnergyProfiling : 1;
					UCHAR SchedulerAssist : 1;
					UCHAR ThreadReservedControlFlags : 1;
				};
			};
			union {
				UCHAR DebugActive;
				struct {
					UCHAR ActiveDR7 : 1;
					UCHAR Instrumented : 1;
					UCHAR Minimal : 1;
					UCHAR Reserved4 : 2;
					UCHAR AltSyscall : 1;
					UCHAR Emulation : 1;
					UCHAR Reserved5 : 1;
				};
			};
		};
		struct {
			UCHAR MutantType;
			UCHAR MutantSize;
			UCHAR DpcActive;
			UCHAR MutantReserved;
		};
	};
	LONG SignalState;
	LIST_ENTRY WaitListHead;
} DISPATCHER_HEADER, *PDISPATCHER_HEADER;

typedef struct _KEVENT {
	DISPATCHER_HEADER Header;
} KEVENT, *PKEVENT;

typedef struct _KSEMAPHORE {
	DISPATCHER_HEADER Header;
	LONG Limit;
} KSEMAPHORE, *PKSEMAPHORE;

typedef struct _KMUTANT {
	DISPATCHER_HEADER Header;
	LIST_ENTRY MutantListEntry;
	struct _KTHREAD *OwnerThread;
	union {
		UCHAR Abandoned : 1;
		UCHAR MutantFlags;
		struct {
			UCHAR Abandoned2 : 1;
			UCHAR Spare1 : 7;
		};
		struct {
			UCHAR : 1;
			UCHAR AbEnabled : 1;
			UCHAR Spare2 : 6;
		};
	};
	UCHAR ApcDisable;
} KMUTANT, *PKMUTANT;

typedef struct _KQUEUE {
	DISPATCHER_HEADER Header;
	LIST_ENTRY EntryListHead;
	ULONG CurrentCount;
	ULONG MaximumCount;
	LIST_ENTRY ThreadListHead;
} KQUEUE, *PKQUEUE;

typedef struct _KPRIQUEUE {
	DISPATCHER_HEADER Header;
	LIST_ENTRY EntryListHead[32];
	LONG CurrentCount[32];
	ULONG MaximumCount;
	LIST_ENTRY ThreadListHead;
} KPRIQUEUE, *PKPRIQUEUE;

typedef struct _KGATE {
	DISPATCHER_HEADER Header;
} KGATE, *PKGATE;

typedef struct _KWAIT_BLOCK {
	LIST_ENTRY WaitListEntry;
	UCHAR WaitType;
	UCHAR BlockState;
	USHORT WaitKey;
	LONG SpareLong;
	union {
		struct _KTHREAD *Thread;
		struct _KQUEUE *NotificationQueue;
		struct _KDPC *Dpc;
	};
	PVOID Object;
	PVOID SparePtr;
} KWAIT_BLOCK, *PKWAIT_BLOCK;

typedef struct _KTIMER {
	DISPATCHER_HEADER Header;
	ULARGE_INTEGER DueTime;
	LIST_ENTRY TimerListEntry;
	struct _KDPC *Dpc;
	USHORT Processor;
	USHORT TimerType;
	ULONG Period;
} KTIMER, *PKTIMER;

typedef struct _KDPC {
	union {
		ULONG TargetInfoAsUlong;
		struct {
			UCHAR Type;
			UCHAR Importance;
			USHORT Number;
		};
	};
	SINGLE_LIST_ENTRY DpcListEntry;
	ULONGLONG ProcessorHistory;
	PKDEFERRED_ROUTINE DeferredRoutine;
	PVOID DeferredContext;
	PVOID SystemArgument1;
	PVOID SystemArgument2;
	PVOID DpcData;
} KDPC, *PKDPC;

typedef struct _KDPC_LIST {
	SINGLE_LIST_ENTRY ListHead;
	struct _SINGLE_LIST_ENTRY *LastEntry;
} KDPC_LIST, *PKDPC_LIST;

typedef struct _KDPC_DATA {
	KDPC_LIST DpcList;
	ULONGLONG DpcLock;
	LONG DpcQueueDepth;
	ULONG DpcCount;
	struct _KDPC *ActiveDpc;
	ULONG LongDpcPresent;
	ULONG Padding;
} KDPC_DATA, *PKDPC_DATA;

typedef struct _KAPC_STATE {
	LIST_ENTRY ApcListHead[2];
	struct _KPROCESS *Process;
	union {
		UCHAR InProgressFlags;
		struct {
			UCHAR KernelApcInProgress : 1;
			UCHAR SpecialApcInProgress : 1;
		};
	};
	UCHAR KernelApcPending;
	union {
		UCHAR UserApcPendingAll;
		struct {
			UCHAR SpecialUserApcPending : 1;
			UCHAR UserApcPending : 1;
		};
	};
} KAPC_STATE, *PKAPC_STATE;

typedef struct _KAPC {
	UCHAR Type;
	union {
		UCHAR AllFlags;
		struct {
			UCHAR CallbackDataContext : 1;
			UCHAR Unused : 7;
		};
	};
	UCHAR Size;
	UCHAR SpareByte1;
	ULONG SpareLong0;
	struct _KTHREAD *Thread;
	LIST_ENTRY ApcListEntry;
	union {
		struct {
			PKKERNEL_ROUTINE KernelRoutine;
			PKRUNDOWN_ROUTINE RundownRoutine;
			PKNORMAL_ROUTINE NormalRoutine;
		};
		PVOID Reserved[3];
	};
	PVOID NormalContext;
	PVOID SystemArgument1;
	PVOID SystemArgument2;
	CHAR ApcStateIndex;
	CHAR ApcMode;
	UCHAR Inserted;
} KAPC, *PKAPC;

typedef struct _KTIMER_TABLE_ENTRY {
	ULONGLONG Lock;
	LIST_ENTRY Entry;
	ULARGE_INTEGER Time;
} KTIMER_TABLE_ENTRY, *PKTIMER_TABLE_ENTRY;

typedef struct _KTIMER_TABLE_STATE {
	ULONGLONG LastTimerExpiration[2];
	ULONG LastTimerHand[2];
} KTIMER_TABLE_STATE, *PKTIMER_TABLE_STATE;

typedef struct _KTIMER_TABLE {
	struct _KTIMER *TimerExpiry[64];
	KTIMER_TABLE_ENTRY TimerEntries[2][256];
	KTIMER_TABLE_STATE TableState;
} KTIMER_TABLE, *PKTIMER_TABLE;

typedef struct _KSPIN_LOCK_QUEUE {
	struct _KSPIN_LOCK_QUEUE *Next;
	PULONGLONG Lock;
} KSPIN_LOCK_QUEUE, *PKSPIN_LOCK_QUEUE;

typedef struct _KLOCK_QUEUE_HANDLE {
	KSPIN_LOCK_QUEUE LockQueue;
	UCHAR OldIrql;
} KLOCK_QUEUE_HANDLE, *PKLOCK_QUEUE_HANDLE;

typedef struct _FAST_MUTEX {
	LONG Count;
	PVOID Owner;
	ULONG Contention;
	KEVENT Event;
	ULONG OldIrql;
} FAST_MUTEX, *PFAST_MUTEX;

typedef struct _KAFFINITY_EX {
	USHORT Count;
	USHORT Size;
	ULONG Reserved;
	union {
		ULONGLONG StaticBitmap[32];
		ULONGLONG Bitmap[1];
	};
} KAFFINITY_EX, *PKAFFINITY_EX;

typedef struct _GROUP_AFFINITY {
	ULONGLONG Mask;
	USHORT Group;
	USHORT Reserved[3];
} GROUP_AFFINITY, *PGROUP_AFFINITY;

/* KeIpiGenericCall's (wdm.h). */
typedef ULONG_PTR KIPI_BROADCAST_WORKER(ULONG_PTR Argument);
typedef KIPI_BROADCAST_WORKER *PKIPI_BROADCAST_WORKER;

typedef struct _PROCESSOR_NUMBER {
	USHORT Group;
	UCHAR Number;
	UCHAR Reserved;
} PROCESSOR_NUMBER, *PPROCESSOR_NUMBER;

typedef struct _KSYSTEM_TIME {
	ULONG LowPart;
	LONG High1Time;
	LONG High2Time;
} KSYSTEM_TIME, *PKSYSTEM_TIME;

typedef struct _KDEVICE_QUEUE_ENTRY {
	LIST_ENTRY DeviceListEntry;
	ULONG SortKey;
	UCHAR Inserted;
} KDEVICE_QUEUE_ENTRY, *PKDEVICE_QUEUE_ENTRY;

typedef struct _KDEVICE_QUEUE {
	SHORT Type;
	SHORT Size;
	LIST_ENTRY DeviceListHead;
	ULONGLONG Lock;
	union {
		UCHAR Busy;
		struct {
			LONGLONG Reserved : 8;
			LONGLONG Hint : 56;
		};
	};
} KDEVICE_QUEUE, *PKDEVICE_QUEUE;

typedef struct _ISRDPCSTATS_SEQUENCE {
	ULONG SequenceNumber;
	ULONGLONG IsrTime;
	ULONGLONG IsrCount;
	ULONGLONG DpcTime;
	ULONGLONG DpcCount;
} ISRDPCSTATS_SEQUENCE, *PISRDPCSTATS_SEQUENCE;

typedef struct _ISRDPCSTATS {
	ULONGLONG IsrTime;
	ULONGLONG IsrTimeStart;
	ULONGLONG IsrCount;
	ULONGLONG DpcTime;
	ULONGLONG DpcTimeStart;
	ULONGLONG DpcCount;
	UCHAR IsrActive;
	UCHAR Reserved[7];
	ISRDPCSTATS_SEQUENCE DpcWatchdog;
} ISRDPCSTATS, *PISRDPCSTATS;

typedef struct _KINTERRUPT {
	SHORT Type;
	SHORT Size;
	LIST_ENTRY InterruptListEntry;
	PKSERVICE_ROUTINE ServiceRoutine;
	VOID (*MessageServiceRoutine)(VOID);
	ULONG MessageIndex;
	PVOID ServiceContext;
	ULONGLONG SpinLock;
	ULONG TickCount;
	PULONGLONG ActualLock;
	VOID (*DispatchAddress)(VOID);
	ULONG Vector;
	UCHAR Irql;
	UCHAR SynchronizeIrql;
	UCHAR FloatingSave;
	UCHAR Connected;
	ULONG Number;
	UCHAR ShareVector;
	UCHAR EmulateActiveBoth;
	USHORT ActiveCount;
	LONG InternalState;
	enum _KINTERRUPT_MODE Mode;
	enum _KINTERRUPT_POLARITY Polarity;
	ULONG ServiceCount;
	ULONG DispatchCount;
	struct _KEVENT *PassiveEvent;
	struct _KTRAP_FRAME *TrapFrame;
	PVOID DisconnectData;
	struct _KTHREAD *ServiceThread;
	struct _INTERRUPT_CONNECTION_DATA *ConnectionData;
	PVOID IntTrackEntry;
	ISRDPCSTATS IsrDpcStats;
	PVOID RedirectObject;
	PVOID PhysicalDeviceObject;
} KINTERRUPT, *PKINTERRUPT;

typedef union _KWAIT_STATUS_REGISTER {
	UCHAR Flags;
	struct {
		UCHAR State : 3;
		UCHAR Affinity : 1;
		UCHAR Priority : 1;
		UCHAR Apc : 1;
		UCHAR UserApc : 1;
		UCHAR Alert : 1;
	};
} KWAIT_STATUS_REGISTER, *PKWAIT_STATUS_REGISTER;

typedef union _KERNEL_SHADOW_STACK_LIMIT {
	ULONGLONG AllFields;
	struct {
		ULONGLONG ShadowStackType : 3;
		ULONGLONG Unused : 9;
		ULONGLONG ShadowStackLimitPfn : 52;
	};
} KERNEL_SHADOW_STACK_LIMIT, *PKERNEL_SHADOW_STACK_LIMIT;

typedef struct _KWAIT_CHAIN {
	PVOID Head;
} KWAIT_CHAIN, *PKWAIT_CHAIN;

typedef union _KEXECUTE_OPTIONS {
	struct {
		UCHAR ExecuteDisable : 1;
		UCHAR ExecuteEnable : 1;
		UCHAR DisableThunkEmulation : 1;
		UCHAR Permanent : 1;
		UCHAR ExecuteDispatchEnable : 1;
		UCHAR ImageDispatchEnable : 1;
		UCHAR DisableExceptionChainValidation : 1;
		UCHAR Spare : 1;
	};
	UCHAR ExecuteOptions;
	UCHAR ExecuteOptionsNV;
} KEXECUTE_OPTIONS, *PKEXECUTE_OPTIONS;

typedef union _KSTACK_COUNT {
	LONG Value;
	struct {
		ULONG State : 3;
		ULONG StackCount : 29;
	};
} KSTACK_COUNT, *PKSTACK_COUNT;
