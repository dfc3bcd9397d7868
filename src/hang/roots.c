/* Which routines of a driver can still be called, and what they would signal: what its driver object names, what it has registered with the kernel, DPCs and
 * timers that are set. A routine that only a thread's start or DriverEntry leads to is none of them. Drivers that are no longer in memory have none.
 */
#include "hang/parts.h"

#include "nt/driver.h"
#include "nt/timer.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 8, MAX_ENTERED = 256, BUDGET = 200000 /* instructions of one driver */, MAX_ROOTS = 128, ARGUMENTS = 8 };

struct root {
	uint64_t routine;
	uint64_t rcx, rdx; /* what it is called with; 0: not known */
	bool prepared;     /* only when its DPC is queued */
	bool followed;
};

struct looking {
	struct imp_hang *hang;
	struct imp_module *module;
	struct root roots[MAX_ROOTS];
	size_t root_count, current;
	bool initializing; /* DriverEntry: what it registers counts, what it signals is past */
	bool queues_dpcs;
	unsigned depth, gaps;
	uint64_t unload, unload_end;
	uint64_t entered[MAX_ENTERED];
	size_t entered_count;
};

static bool is_inside(const struct imp_module *module, uint64_t address)
{
	return address - module->base < module->size;
}

static void add_root(struct looking *looking, const struct root *root)
{
	if (!is_inside(looking->module, root->routine))
		return;
	for (size_t i = 0; i < looking->root_count; i++) {
		struct root *known = &looking->roots[i];

		if (known->routine == root->routine && known->rcx == root->rcx && known->rdx == root->rdx) {
			known->prepared &= root->prepared;
			return;
		}
	}
	if (looking->root_count < MAX_ROOTS)
		looking->roots[looking->root_count++] = *root;
	else
		looking->gaps |= IMP_GAP_TOO_MUCH;
}

static bool argument(struct looking *looking, const struct imp_flow_call *call, unsigned number, uint64_t *value)
{
	uint64_t entry[16] = { 0 };

	if (!looking->initializing) {
		entry[IMP_RCX] = looking->roots[looking->current].rcx;
		entry[IMP_RDX] = looking->roots[looking->current].rdx;
	}
	return imp_flow_value_number(looking->hang->kernel, looking->hang->flow.values,
				     imp_flow_state_argument(looking->hang->flow.values, call->state, number), entry, value);
}

/* Code that is handed to the kernel is called by it some day, unless the call says when. */
static void look_for_registrations(struct looking *looking, const struct imp_flow_call *call)
{
	struct root root = { 0 };
	uint64_t item;

	if (call->routine && call->routine->deed == IMP_DEED_CREATES_THREAD)
		return; /* the threads are there, or gone */
	if (call->routine && call->routine->deed == IMP_DEED_QUEUES_WORK) {
		if (looking->initializing)
			return;
		if (call->routine->routine != IMP_NO_ARGUMENT) {
			argument(looking, call, call->routine->routine, &root.routine);
			argument(looking, call, call->routine->context, &root.rdx);
		} else if (argument(looking, call, 0, &item)) {
			root.routine = imp_nt_value(looking->hang->kernel, IMP_WORK_ITEM_ROUTINE, item, 0);
			root.rcx = imp_nt_value(looking->hang->kernel, IMP_WORK_ITEM_PARAMETER, item, 0);
		}
		add_root(looking, &root);
		return;
	}
	if (call->routine && call->routine->deed == IMP_DEED_PREPARES_DPC) {
		argument(looking, call, 0, &root.rcx);
		argument(looking, call, call->routine->context, &root.rdx);
		root.prepared = argument(looking, call, call->routine->routine, &root.routine);
		add_root(looking, &root);
		return;
	}
	for (unsigned i = 0; i < ARGUMENTS && !call->routine; i++) {
		root.routine = 0;
		if (imp_flow_state_passes(call->state, i) && argument(looking, call, i, &root.routine))
			add_root(looking, &root);
	}
}

static bool is_parameter(struct looking *looking, const struct imp_flow_call *call)
{
	struct imp_flow_value value = imp_flow_state_argument(looking->hang->flow.values, call->state, call->routine->object);

	return value.base >= IMP_VALUE_FIRST_BASE && imp_values_base(looking->hang->flow.values, value.base)->kind == IMP_ORIGIN_ENTRY;
}

static void add_act(struct looking *looking, const struct imp_flow_call *call)
{
	struct imp_hang *hang = looking->hang;
	struct imp_hang_act act = {
		.thread = IMP_HANG_NONE, .site = call->site, .routine = call->routine, .root = looking->roots[looking->current].routine
	};

	/* A dispatch routine that completes the IRP which it is called with completes another one than those that are pending. */
	if (call->routine->deed == IMP_DEED_COMPLETES && is_parameter(looking, call))
		return;
	if (!argument(looking, call, call->routine->object, &act.target))
		act.target = 0;
	for (size_t i = 0; i < hang->act_count; i++) {
		if (hang->acts[i].site == act.site && hang->acts[i].target == act.target && hang->acts[i].root == act.root)
			return;
	}
	imp_hang_add_act(hang, &act);
}

static bool enter(struct looking *looking, uint64_t function)
{
	for (size_t i = 0; i < looking->entered_count; i++) {
		if (looking->entered[i] == function)
			return false;
	}
	if (looking->entered_count == MAX_ENTERED || looking->depth == MAX_DEPTH) {
		looking->gaps |= IMP_GAP_TOO_MUCH;
		return false;
	}
	looking->entered[looking->entered_count++] = function;
	return true;
}

static bool look_at_call(void *context, const struct imp_flow_call *call)
{
	struct looking *looking = context;
	struct imp_flow_state inside;

	if (call->routine && !looking->initializing &&
	    (call->routine->deed == IMP_DEED_SIGNALS || call->routine->deed == IMP_DEED_PULSES || call->routine->deed == IMP_DEED_COMPLETES))
		add_act(looking, call);
	if (call->routine && !looking->initializing && call->routine->deed == IMP_DEED_QUEUES_DPC)
		looking->queues_dpcs = true;
	if (call->from_kernel) {
		look_for_registrations(looking, call);
		return true;
	}
	/* The same function may be called with other values: once for each place that calls it. */
	if (!call->target || !enter(looking, looking->depth ? call->site : call->target))
		return true;
	inside = *call->state;
	inside.registers[IMP_RSP].offset -= sizeof(uint64_t);
	looking->depth++;
	looking->gaps |= imp_flow_follow(&looking->hang->flow, call->target, &inside, look_at_call, looking);
	looking->depth--;
	return true;
}

static void follow_routine(struct looking *looking, uint64_t routine)
{
	struct imp_flow_state state;
	unsigned gaps;

	looking->entered_count = 0;
	imp_values_reset(looking->hang->flow.values);
	imp_flow_state_entry(looking->hang->flow.values, &state);
	gaps = imp_flow_follow(&looking->hang->flow, routine, &state, look_at_call, looking);
	looking->gaps |= gaps;
}

struct adding {
	struct looking *looking;
	uint64_t routine;
};

static bool add_for_device(void *context, uint64_t device)
{
	struct adding *adding = context;

	add_root(adding->looking, &(struct root){ .routine = adding->routine, .rcx = device });
	return true;
}

static uint64_t function_end(struct imp_kernel *kernel, struct imp_module *module, uint64_t routine)
{
	struct imp_runtime_function function;
	struct imp_pe *pe;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_module_pe(kernel, module, &pe);

	return !err && imp_pe_function(pe, (uint32_t)(routine - module->base), &function) ? module->base + function.end : 0;
}

/* A thread that is in the routine now: the kernel calls an unload routine once. */
static bool is_running(const struct imp_hang *hang, uint64_t routine, uint64_t end)
{
	for (size_t i = 0; i < hang->thread_count; i++) {
		for (size_t j = 0; j < hang->threads[i].frame_count; j++) {
			if (hang->threads[i].frames[j].address - routine - 1 < end - routine)
				return true;
		}
	}
	return false;
}

static void add_driver(struct looking *looking, const struct imp_driver *driver, uint64_t *entry)
{
	struct imp_kernel *kernel = looking->hang->kernel;

	if (is_inside(looking->module, driver->init))
		*entry = driver->init;
	for (uint64_t i = 0; i < driver->dispatch_count; i++) {
		struct adding adding = { .looking = looking };
		IMP_CLEANUP_ERROR struct imp_error *err = imp_memory_u64(kernel->memory, driver->dispatch + 8 * i, &adding.routine);

		if (!err && is_inside(looking->module, adding.routine))
			imp_kernel_note_error(kernel, imp_driver_devices(kernel, driver, add_for_device, &adding));
	}
	if (driver->start_io) {
		struct adding adding = { looking, driver->start_io };

		imp_kernel_note_error(kernel, imp_driver_devices(kernel, driver, add_for_device, &adding));
	}
	if (is_inside(looking->module, driver->unload)) {
		looking->unload = driver->unload;
		looking->unload_end = function_end(looking->hang->kernel, looking->module, driver->unload);
	}
	if (driver->unload && !(looking->unload_end && is_running(looking->hang, looking->unload, looking->unload_end)))
		add_root(looking, &(struct root){ .routine = driver->unload, .rcx = driver->address });
	if (driver->add_device)
		add_root(looking, &(struct root){ .routine = driver->add_device, .rcx = driver->address });
}

struct finding_drivers {
	struct looking *looking;
	uint64_t entry;
};

static bool look_at_driver(void *context, unsigned bucket, uint64_t object)
{
	struct finding_drivers *finding = context;
	struct imp_driver driver;
	struct imp_error *err = imp_driver_read(finding->looking->hang->kernel, object, &driver);

	(void)bucket;
	if (!err)
		add_driver(finding->looking, &driver, &finding->entry);
	imp_error_free(err); /* what is no driver is no root */
	return true;
}

static uint64_t read_driver_objects(struct looking *looking)
{
	static const char *const folders[] = { "\\Driver", "\\FileSystem" };
	struct finding_drivers finding = { .looking = looking };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		uint64_t directory;
		IMP_CLEANUP_ERROR struct imp_error *err = imp_object_find(looking->hang->kernel, folders[i], &directory);

		if (!err)
			err = imp_object_directory_each(looking->hang->kernel, directory, look_at_driver, &finding);
	}
	return finding.entry;
}

static bool look_at_dpc(void *context, const struct imp_dpc *dpc, bool threaded)
{
	(void)threaded;
	add_root(context, &(struct root){ .routine = dpc->routine, .rcx = dpc->address, .rdx = dpc->context });
	return true;
}

static bool look_at_timer(void *context, const struct imp_timer *timer)
{
	struct looking *looking = context;
	struct imp_dpc dpc;
	IMP_CLEANUP_ERROR struct imp_error *err = timer->dpc && !timer->dpc_encoded ? imp_dpc_read(looking->hang->kernel, timer->dpc, &dpc)
										    : imp_error_new(IMP_ERROR_NOT_FOUND, "no DPC");

	if (!err)
		look_at_dpc(looking, &dpc, false);
	else if (timer->dpc_encoded)
		looking->gaps |= IMP_GAP_UNKNOWN_CALL;
	return true;
}

static bool look_at_processor(void *context, const struct imp_processor *processor)
{
	struct looking *looking = context;
	struct imp_kernel *kernel = looking->hang->kernel;

	imp_kernel_note_error(kernel, imp_dpc_each(kernel, processor, look_at_dpc, looking));
	imp_kernel_note_error(kernel, imp_timer_each(kernel, processor, look_at_timer, looking));
	return true;
}

static void look_at_module(struct imp_hang *hang, struct imp_hang_module *driver)
{
	struct looking *looking = calloc(1, sizeof(*looking));
	uint64_t entry;

	if (!looking) {
		driver->gaps |= IMP_GAP_TOO_MUCH;
		return;
	}
	looking->hang = hang;
	looking->module = driver->module;
	hang->flow.budget = BUDGET;
	entry = read_driver_objects(looking);
	imp_kernel_note_error(hang->kernel, imp_processor_each(hang->kernel, look_at_processor, looking));
	looking->initializing = true;
	if (entry)
		follow_routine(looking, entry);
	else
		looking->gaps |= IMP_GAP_NO_CODE; /* no driver object: what it has registered is not known */
	looking->initializing = false;
	/* Routines come to the list while others are followed. */
	for (bool again = true; again;) {
		again = false;
		for (size_t i = 0; i < looking->root_count; i++) {
			if (looking->roots[i].followed || (looking->roots[i].prepared && !looking->queues_dpcs))
				continue;
			looking->current = i;
			follow_routine(looking, looking->roots[i].routine);
			looking->roots[i].followed = true;
			again = true;
		}
	}
	driver->gaps |= looking->gaps;
	driver->unload = looking->unload;
	driver->unload_end = looking->unload_end;
	for (size_t i = 0; i < looking->root_count; i++)
		driver->routines += looking->roots[i].followed;
	free(looking);
}

void imp_hang_find_roots(struct imp_hang *hang)
{
	for (size_t i = 0; i < hang->module_count; i++) {
		if (!hang->modules[i].module->unloaded)
			look_at_module(hang, &hang->modules[i]);
	}
}
