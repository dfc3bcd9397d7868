/* The wait graph: threads, the objects that they wait for, and who could end a wait. Each file of this folder adds to it: threads.c the nodes, owners.c who
 * holds what, ahead.c and roots.c which code would signal, closure.c who can never run again. What it says to people is answer.h's question.
 */
#ifndef IMP_HANG_GRAPH_H
#define IMP_HANG_GRAPH_H

#include "hang/flow.h"
#include "nt/stack.h"
#include "nt/thread.h"

enum { IMP_HANG_FRAMES = 12, IMP_HANG_HELD = 8, IMP_HANG_OBJECT_MODULES = 4 };
#define IMP_HANG_NONE SIZE_MAX

/* A frame of code outside the kernel. */
struct imp_hang_frame {
	uint64_t address;
	bool is_return, from_file;
	struct imp_registers registers;
};

/* What is known of a thread's future. */
enum imp_hang_fate {
	IMP_FATE_RUNS,       /* it runs, or is ready to */
	IMP_FATE_WAITS,      /* something is left that can end its wait */
	IMP_FATE_NOT_JUDGED, /* it waits for user mode, or in the kernel's own code */
	IMP_FATE_STUCK,      /* whoever could end its wait is stuck itself, or nobody could */
	IMP_FATE_PROBABLY,   /* the same, but not all could be seen */
	IMP_FATE_ENDED,
};

/* Why a wait may still end; a table in answer.c says it in words. */
enum imp_hang_hope {
	IMP_HOPE_NONE,
	IMP_HOPE_TIMER,     /* the wait has a time-out, or the object is a timer that is set */
	IMP_HOPE_WORK,      /* a worker without work waits for some */
	IMP_HOPE_USER,      /* user mode can end it */
	IMP_HOPE_KERNEL,    /* the kernel's own code waits, for what the kernel's code signals */
	IMP_HOPE_SIGNALLED, /* the object is signalled: it is about to run */
	IMP_HOPE_THREAD,    /* a thread that can still run may end it */
	IMP_HOPE_ROUTINE,   /* a routine that can still be called may end it */
	IMP_HOPE_IRP,       /* the completion of an IRP that another driver or a device has */
	IMP_HOPE_DPC,       /* a DPC that is queued, or whose timer is set */
};

/* How an object can be told who holds it. */
enum imp_hang_kind {
	IMP_HANG_DISPATCHER, /* what its header says, without an owner: event, semaphore, timer, queue */
	IMP_HANG_MUTEX,
	IMP_HANG_FAST_MUTEX,
	IMP_HANG_RESOURCE,
	IMP_HANG_PUSH_LOCK,
	IMP_HANG_THREAD,
	IMP_HANG_POLLED, /* memory that a processor reads again and again */
};

struct imp_hang_owner {
	uint64_t thread;
	bool exclusive;
	bool ended;     /* the thread is no more */
	bool inferred;  /* not recorded in the object: a frame of the thread is between acquiring and releasing it */
	uint64_t taken; /* the call that acquired it; 0: not known */
};

struct imp_hang_object {
	uint64_t address; /* what calls name: of a lock its own address, not that of the event inside */
	enum imp_hang_kind kind;
	struct imp_dispatcher_header header; /* of what is waited for */
	bool header_known;
	size_t *waiters; /* indices of threads */
	size_t waiter_count, waiter_capacity;
	struct imp_hang_owner owners[IMP_HANG_HELD];
	size_t owner_count;
	size_t first_act; /* of those on this very object; IMP_HANG_NONE: none */
	enum imp_hang_hope hope;
	uint64_t hope_at;    /* the thread, the call or the IRP behind it */
	uint64_t irp;        /* whose completion signals it; 0: none */
	uint64_t irp_device; /* that has it */
	unsigned gaps;       /* of its owner */
	bool live;
	size_t modules[IMP_HANG_OBJECT_MODULES]; /* whose code waits for it */
	size_t module_count;
};

/* What a thread did before it came to where it is: a lock that it took and did not give back, a wait that ended. */
struct imp_hang_done {
	uint64_t object, site;
	enum imp_deed deed;
};

struct imp_hang_thread {
	struct imp_thread thread;
	struct imp_hang_done done[IMP_HANG_HELD];
	size_t done_count;
	struct imp_hang_frame *frames; /* outside the kernel, innermost first */
	size_t frame_count;
	bool stack_incomplete;
	const struct imp_routine *callee; /* that the innermost frame outside the kernel called; NULL: none of the table */
	bool wait_all;
	bool asks_shared; /* of a lock: not exclusively */
	size_t *objects;  /* indices of what it waits for */
	size_t object_count;
	uint64_t wait_offset; /* what it waits for lies so far behind a pointer that its code uses; valid with wait_by_pointer */
	bool wait_by_pointer;
	uint64_t wait_site; /* the call that waits, outside the kernel; 0: none */
	const struct imp_routine *wait_routine;
	enum imp_hang_fate fate;
	enum imp_hang_hope hope;
	uint64_t hope_at;
	unsigned gaps;
	size_t finding; /* IMP_HANG_NONE: none */
	bool behind;    /* stuck only because others are */
};

/* A driver whose code waits for something. */
struct imp_hang_module {
	struct imp_module *module;
	uint64_t unload, unload_end; /* its unload routine; 0: none */
	size_t routines;             /* that can still be called, and were followed */
	unsigned gaps;               /* what could not be seen of its code that can still run */
	bool any_completion;         /* the same of an IRP that is not known */
	bool any_signal;             /* code of it that can still run signals something that is not known */
	struct imp_hang_call *calls; /* see calls.c */
	size_t call_count, call_capacity;
	bool calls_read;
	enum imp_hang_hope hope; /* who runs that, */
	uint64_t hope_at;        /* and which thread or routine it is */
};

/* A call that would signal, ahead of a thread or in a routine that can still be called. */
struct imp_hang_act {
	size_t thread; /* whose code it is ahead of; IMP_HANG_NONE: a routine's */
	uint64_t site;
	const struct imp_routine *routine;
	uint64_t target; /* the object; 0: not known */
	uint64_t offset; /* with target 0 and has_offset: from an unknown pointer */
	bool has_offset;
	uint64_t item; /* the routine of a work item that is queued; 0: none */
	uint64_t root; /* the routine that can be called; 0: none */
	size_t next;   /* act on the same object */
};

/* A call in a driver's code, whether or not anybody can come to it any more. */
struct imp_hang_call {
	uint64_t site, function;
	const struct imp_routine *routine;
	uint64_t object; /* 0: not known */
	uint64_t offset; /* with object 0 and has_offset: from a pointer that is not known */
	bool has_offset;
};

/* Threads that are stuck together. */
struct imp_hang_finding {
	size_t *threads; /* the ones that keep each other; then those behind them */
	size_t core_count, thread_count;
	size_t object; /* that the first of them waits for */
	bool certain;
	bool known;                      /* what the object is */
	const char *case_id, *case_name; /* of cases.c's table */
	uint64_t longest_ms;
};

struct imp_hang {
	struct imp_kernel *kernel;
	struct imp_flow flow;
	struct imp_hang_thread *threads;
	size_t thread_count, thread_capacity;
	struct imp_hang_object *objects;
	size_t object_count, object_capacity;
	struct imp_hang_act *acts;
	size_t act_count, act_capacity;
	struct imp_hang_module *modules;
	size_t module_count, module_capacity;
	struct imp_hang_finding *findings;
	size_t finding_count;
	struct imp_hang_index *thread_index, *object_index, *freed_index, *timer_index;
};

/* Adds; the index, or IMP_HANG_NONE without memory. */
size_t imp_hang_add_thread(struct imp_hang *hang, const struct imp_thread *thread);
size_t imp_hang_add_object(struct imp_hang *hang, uint64_t address, enum imp_hang_kind kind);
/* What was at the address when the wait began. Another object may be there by now, which does not know the waiter; no call finds the old one. */
size_t imp_hang_add_freed(struct imp_hang *hang, uint64_t address);
/* Signalling `alias` is signalling the object. */
bool imp_hang_add_alias(struct imp_hang *hang, uint64_t alias, size_t object);
size_t imp_hang_add_module(struct imp_hang *hang, struct imp_module *module);
/* An act is hung on its object when that is in the graph. */
size_t imp_hang_add_act(struct imp_hang *hang, const struct imp_hang_act *act);
bool imp_hang_add_call(struct imp_hang_module *module, const struct imp_hang_call *call);
bool imp_hang_add_wait(struct imp_hang *hang, size_t thread, size_t object);
void imp_hang_add_owner(struct imp_hang *hang, size_t object, const struct imp_hang_owner *owner);
/* By address; IMP_HANG_NONE when it is not there. */
size_t imp_hang_find_thread(const struct imp_hang *hang, uint64_t address);
size_t imp_hang_find_object(const struct imp_hang *hang, uint64_t address);
/* What was waited for at the object's address is no more. */
bool imp_hang_is_freed(const struct imp_hang_object *object);
/* Timers that are set. */
bool imp_hang_add_timer(struct imp_hang *hang, uint64_t address);
bool imp_hang_timer_is_set(const struct imp_hang *hang, uint64_t address);
void imp_hang_graph_free(struct imp_hang *hang);

#endif
