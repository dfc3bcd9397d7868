/* The verdict in words: see words.h. */
#include "hang/words.h"

#include <stdio.h>
#include <string.h>

static const char *const hopes[] = {
	[IMP_HOPE_NONE] = "nothing",
	[IMP_HOPE_TIMER] = "a timer that is set will end the wait",
	[IMP_HOPE_WORK] = "a worker waits for work",
	[IMP_HOPE_USER] = "user mode can end the wait",
	[IMP_HOPE_KERNEL] = "the kernel's own code waits, for what the kernel signals",
	[IMP_HOPE_SIGNALLED] = "the object is signalled already",
	[IMP_HOPE_THREAD] = "a thread that can still run may end the wait",
	[IMP_HOPE_ROUTINE] = "a routine of the driver that can still be called may end the wait",
	[IMP_HOPE_IRP] = "the completion of an IRP ends the wait",
	[IMP_HOPE_DPC] = "a DPC that is queued may end the wait",
};

static const char *const fates[] = {
	[IMP_FATE_RUNS] = "running", [IMP_FATE_WAITS] = "waiting",           [IMP_FATE_NOT_JUDGED] = "not-judged",
	[IMP_FATE_STUCK] = "stuck",  [IMP_FATE_PROBABLY] = "probably-stuck", [IMP_FATE_ENDED] = "ended",
};

static const char *const gaps[IMP_GAP_COUNT] = {
	"some code is neither in the dump nor in an image file at hand (-i)",
	"a jump goes through a table that was not followed",
	"there is more code than is followed",
	"a call goes through a pointer whose value is not known",
	"who holds a lock could not be read",
	"a stack could not be walked to its end",
	"who writes to the memory that is polled is not followed",
	"whether the thread that holds the lock gets a processor some day",
};

/* How people call an object of that type. */
static const struct {
	const char *type, *text;
} types[] = {
	{ "NotificationEvent", "notification event" },
	{ "SynchronizationEvent", "synchronization event" },
	{ "Mutant", "mutex" },
	{ "Semaphore", "semaphore" },
	{ "NotificationTimer", "notification timer" },
	{ "SynchronizationTimer", "synchronization timer" },
	{ "Thread", "thread" },
	{ "Process", "process" },
	{ "Gate", "gate" },
	{ "Queue", "queue" },
};

static const char *const kinds[] = {
	[IMP_HANG_FAST_MUTEX] = "fast mutex",
	[IMP_HANG_RESOURCE] = "resource",
	[IMP_HANG_PUSH_LOCK] = "push lock",
	[IMP_HANG_POLLED] = "memory",
};

const char *imp_hang_hope_text(enum imp_hang_hope hope)
{
	return hopes[hope];
}

const char *imp_hang_fate_name(enum imp_hang_fate fate)
{
	return fates[fate];
}

const char *imp_hang_gap_text(unsigned bit)
{
	return gaps[bit];
}

static const char *kind_text(const struct imp_hang_object *object)
{
	if (object->kind < sizeof(kinds) / sizeof(kinds[0]) && kinds[object->kind])
		return kinds[object->kind];
	for (size_t i = 0; object->header_known && i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(types[i].type, object->header.type_name))
			return types[i].text;
	}
	return object->header_known ? "object" : "object (its memory was freed or overwritten)";
}

const char *imp_hang_object_text(const struct imp_hang *hang, size_t number, char *text, size_t size)
{
	const struct imp_hang_object *object = &hang->objects[number];

	snprintf(text, size, "%s %016llx", kind_text(object), (unsigned long long)object->address);
	return text;
}

const char *imp_hang_thread_text(const struct imp_hang *hang, size_t number, char *text, size_t size)
{
	const struct imp_thread *thread = &hang->threads[number].thread;

	snprintf(text, size, "thread %016llx (%llx.%llx)", (unsigned long long)thread->address, (unsigned long long)thread->pid,
		 (unsigned long long)thread->tid);
	return text;
}

const char *imp_hang_object_state(const struct imp_hang *hang, size_t number, char *text, size_t size)
{
	const struct imp_hang_object *object = &hang->objects[number];
	size_t length = 0;

	*text = '\0';
	for (size_t i = 0; i < object->owner_count && length < size; i++) {
		const struct imp_hang_owner *owner = &object->owners[i];
		size_t thread = imp_hang_find_thread(hang, owner->thread);
		char name[80];

		if (thread != IMP_HANG_NONE)
			imp_hang_thread_text(hang, thread, name, sizeof(name));
		else
			snprintf(name, sizeof(name), "%016llx, where no thread is any more", (unsigned long long)owner->thread);
		length += (size_t)snprintf(text + length, size - length, "%s%s%s%s%s", i ? ", " : "held ",
					   i                  ? ""
					   : owner->exclusive ? "by "
							      : "shared by ",
					   name, owner->ended && thread != IMP_HANG_NONE ? ", which has exited" : "",
					   owner->inferred ? " (seen from its code)" : "");
	}
	if (!object->owner_count && object->kind == IMP_HANG_DISPATCHER && object->header_known)
		snprintf(text, size, "%s", object->header.signal_state > 0 ? "signalled" : "non-signalled");
	else if (!object->owner_count && object->kind == IMP_HANG_POLLED)
		snprintf(text, size, "which does not change");
	else if (!object->owner_count && object->kind == IMP_HANG_DISPATCHER)
		snprintf(text, size, "state not known");
	else if (!object->owner_count)
		snprintf(text, size, "holder not known");
	return text;
}

const char *imp_hang_place_text(const struct imp_hang *hang, uint64_t address, bool is_return, char *text, size_t size)
{
	struct imp_name name;
	const char *file;

	imp_symbolize(hang->kernel, address, is_return, &name);
	file = strrchr(name.file, '/') ? strrchr(name.file, '/') + 1 : name.file;
	file = strrchr(file, '\\') ? strrchr(file, '\\') + 1 : file;
	if (*name.resolved)
		snprintf(text, size, "%s [unloaded]", name.resolved);
	else
		snprintf(text, size, "%s", name.text);
	if (*file)
		snprintf(text + strlen(text), size - strlen(text), " (%s @ %u)", file, name.line);
	return text;
}

uint64_t imp_hang_wait_place(const struct imp_hang_thread *thread, bool *is_return)
{
	*is_return = true;
	if (!thread->frame_count)
		return 0;
	*is_return = thread->frames[0].is_return;
	return thread->frames[0].address;
}

static const char *module_text(const struct imp_hang *hang, const struct imp_hang_finding *finding, char *text, size_t size)
{
	const struct imp_hang_thread *first = &hang->threads[finding->threads[0]];
	struct imp_module *module = first->frame_count ? imp_kernel_module_at(hang->kernel, first->frames[0].address) : NULL;

	snprintf(text, size, "%s%s", module ? module->name : "the kernel", module && module->unloaded ? " (unloaded)" : "");
	return text;
}

static bool is_one_object(const struct imp_hang *hang, const struct imp_hang_finding *finding)
{
	for (size_t i = 0; i < finding->core_count; i++) {
		const struct imp_hang_thread *thread = &hang->threads[finding->threads[i]];

		if (thread->object_count != 1 || thread->objects[0] != finding->object)
			return false;
	}
	return true;
}

const char *imp_hang_finding_text(const struct imp_hang *hang, const struct imp_hang_finding *finding, char *text, size_t size)
{
	char module[96], object[120] = "", state[IMP_HANG_TEXT] = "";
	const struct imp_hang_object *what = finding->object != IMP_HANG_NONE ? &hang->objects[finding->object] : NULL;
	bool one = finding->core_count == 1, same = is_one_object(hang, finding);

	module_text(hang, finding, module, sizeof(module));
	if (what) {
		imp_hang_object_text(hang, finding->object, object, sizeof(object));
		imp_hang_object_state(hang, finding->object, state, sizeof(state));
	}
	if (what && what->kind == IMP_HANG_POLLED)
		snprintf(text, size, "1 thread of %s keeps its processor in a loop until %s changes (%s)", module, object, finding->case_name);
	else if (!same && one)
		snprintf(text, size, "1 thread of %s waits for several objects, and nobody would signal any (%s)", module, finding->case_name);
	else if (!same)
		snprintf(text, size, "%zu thread%s of %s wait%s for each other (%s)", finding->core_count, one ? "" : "s", module, one ? "s" : "",
			 finding->case_name);
	else if (what && what->owner_count)
		snprintf(text, size, "%zu thread%s of %s wait%s for %s, %s (%s)", finding->core_count, one ? "" : "s", module, one ? "s" : "", object,
			 state, finding->case_name);
	else
		snprintf(text, size, "%zu thread%s of %s wait%s for the %s%s, and %s would signal it (%s)", finding->core_count, one ? "" : "s",
			 module, one ? "s" : "", one ? "" : "same ", object,
			 what && what->first_act != IMP_HANG_NONE
				 ? one ? "only that thread itself, behind its wait," : "only these threads, behind their waits,"
				 : "nobody",
			 finding->case_name);
	return text;
}

const char *imp_hang_conclusion(const struct imp_hang *hang, char *text, size_t size)
{
	const struct imp_hang_finding *first = hang->findings;
	size_t stuck = 0, waiting = 0, length;

	for (size_t i = 0; i < hang->thread_count; i++)
		waiting += hang->threads[i].fate == IMP_FATE_WAITS || hang->threads[i].fate == IMP_FATE_NOT_JUDGED;
	for (size_t i = 0; i < hang->finding_count; i++)
		stuck += hang->findings[i].thread_count;
	if (!hang->finding_count) {
		snprintf(text, size, "Nothing is stuck: for each of the %zu threads that wait something is left that can end its wait.", waiting);
		return text;
	}
	length = (size_t)snprintf(text, size, "%s: ", first->certain ? "Stuck for ever" : "Probably stuck");
	imp_hang_finding_text(hang, first, text + length, size - length);
	length = strlen(text);
	if (hang->finding_count > 1)
		snprintf(text + length, size - length, "; with %zu more below, %zu threads are stuck.", hang->finding_count - 1, stuck);
	else
		snprintf(text + length, size - length, ".");
	return text;
}

const char *imp_hang_cure(const struct imp_hang *hang, const struct imp_hang_finding *finding, char *text, size_t size)
{
	const struct imp_hang_object *object = finding->object != IMP_HANG_NONE ? &hang->objects[finding->object] : NULL;
	static const struct {
		const char *id, *text;
	} cures[] = {
		{ "spin-at-raised-irql",
		  "Do not wait for a DPC, or for a thread of the same processor, in a loop at raised IRQL: lower it first, or wait for an event." },
		{ "priority-inversion",
		  "Raise the priority of the thread that holds the lock while others wait for it, or do not compute at a priority above its." },
		{ "work-queue-starvation", "Do not wait in a work item for another item of the same queue; use a thread or a queue of your own." },
		{ "irp-never-completed", "Complete the IRP on every way, or give it a cancel routine." },
		{ "memory-freed", "Keep the memory of the object until no thread waits for it any more." },
		{ "reader-to-writer-upgrade", "Release the resource before acquiring it exclusively, or acquire it exclusively from the beginning." },
		{ "self-deadlock", "Release the lock before acquiring it again, or use one that its owner may acquire again (a mutex)." },
		{ "abandoned-lock", "Release the lock on every way out of the thread that acquires it." },
		{ "unload-wait", "Let the unload routine signal the thread to stop before it waits for it." },
		{ "semaphore-exhausted", "Take all permits that a thread needs at once, or release those it has before it waits for another." },
		{ "pulse-lost", "Set the event instead of pulsing it: a pulse wakes only those who wait at that moment." },
		{ "signal-taken",
		  "Give each waiter an event of its own, or use a notification event: a synchronization event wakes one waiter, whichever it is." },
		{ "driver-unloaded", "Let the unload routine end the threads and wait for them before it returns." },
	};

	for (size_t i = 0; i < sizeof(cures) / sizeof(cures[0]); i++) {
		if (!strcmp(cures[i].id, finding->case_id)) {
			snprintf(text, size, "%s", cures[i].text);
			return text;
		}
	}
	if (object && object->owner_count)
		snprintf(text, size, "Acquire the locks in the same order everywhere, and wait for nothing that needs a lock while holding it.");
	else if (object && object->first_act != IMP_HANG_NONE)
		snprintf(text, size,
			 "Signal the object before waiting for it on one of these ways, or let somebody who does not wait for it signal it.");
	else
		snprintf(text, size, "Let something that can still run signal the object.");
	return text;
}
