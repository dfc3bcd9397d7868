/* Dispatcher objects: DISPATCHER_HEADER and its types. */
#include "nt/dispatcher.h"

#include <string.h>

enum { KOBJECT_LOCK_BIT = 0x80 }; /* of Type, while a processor holds the object's lock */

/* KOBJECTS by enumerator: a PDB may number them otherwise, `number` is for kernels whose PDB lacks the enumeration. */
static const struct {
	const char *enumerator, *name, *structure;
	uint8_t number;
} types[] = {
	{ "EventNotificationObject", "NotificationEvent", "_KEVENT", 0 },
	{ "EventSynchronizationObject", "SynchronizationEvent", "_KEVENT", 1 },
	{ "MutantObject", "Mutant", "_KMUTANT", 2 },
	{ "ProcessObject", "Process", "_KPROCESS", 3 },
	{ "QueueObject", "Queue", "_KQUEUE", 4 },
	{ "SemaphoreObject", "Semaphore", "_KSEMAPHORE", 5 },
	{ "ThreadObject", "Thread", "_KTHREAD", 6 },
	{ "GateObject", "Gate", "_KGATE", 7 },
	{ "TimerNotificationObject", "NotificationTimer", "_KTIMER", 8 },
	{ "TimerSynchronizationObject", "SynchronizationTimer", "_KTIMER", 9 },
	{ "PriQueueObject", "PriQueue", "_KPRIQUEUE", 21 },
	{ "Timer2NotificationObject", "NotificationTimer2", "_KTIMER2", 24 },
	{ "Timer2SynchronizationObject", "SynchronizationTimer2", "_KTIMER2", 25 },
};
enum { TYPE_COUNT = sizeof(types) / sizeof(types[0]) };

struct search {
	int64_t value;
	const char *enumerator;
	size_t found;
	bool by_value;
};

static bool look_at(void *context, const char *name, int64_t value)
{
	struct search *search = context;

	if (search->by_value ? value != search->value : strcmp(name, search->enumerator))
		return true;
	search->value = value;
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (!strcmp(types[i].enumerator, name))
			search->found = i;
	}
	return false;
}

/* The row of the table for a type's number; TYPE_COUNT when it is none. */
static size_t find_type(struct imp_kernel *kernel, uint8_t number)
{
	struct search search = { .value = number, .found = TYPE_COUNT, .by_value = true };
	struct imp_type objects;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_type_find(kernel->nt.pdb, "_KOBJECTS", &objects);

	if (!err) {
		err = imp_type_enumerators(&objects, look_at, &search);
		return search.found;
	}
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (types[i].number == number)
			return i;
	}
	return TYPE_COUNT;
}

/* An event's type may be 0, as freed memory is; KeInitializeEvent sets Size to the event's size in 32-bit words. */
static bool size_fits(struct imp_kernel *kernel, uint64_t address)
{
	uint64_t words, size = imp_nt_size(kernel, "_KEVENT");
	IMP_CLEANUP_ERROR struct imp_error *err = imp_nt_read(kernel, IMP_HEADER_SIZE, address, &words);

	return err || !size || words * sizeof(uint32_t) == size;
}

struct imp_error *imp_dispatcher_read(struct imp_kernel *kernel, uint64_t address, struct imp_dispatcher_header *header)
{
	uint64_t type = 0, state = 0;
	const struct imp_field *list;
	size_t row;
	struct imp_error *err = imp_nt_read(kernel, IMP_HEADER_TYPE, address, &type);

	memset(header, 0, sizeof(*header));
	if (!err)
		err = imp_nt_read(kernel, IMP_HEADER_SIGNAL_STATE, address, &state);
	if (!err)
		err = imp_nt_field(kernel, IMP_HEADER_WAIT_LIST, &list);
	if (err)
		return err;
	header->address = address;
	header->type = (uint8_t)type & (uint8_t)~KOBJECT_LOCK_BIT;
	header->signal_state = (int32_t)state;
	header->wait_list = address + list->offset;
	row = find_type(kernel, header->type);
	header->type_name = row < TYPE_COUNT ? types[row].name : "Unknown";
	header->structure = row < TYPE_COUNT ? types[row].structure : NULL;
	header->size_fits = !header->structure || strcmp(header->structure, "_KEVENT") || size_fits(kernel, address);
	return NULL;
}

struct imp_error *imp_dispatcher_expect(struct imp_kernel *kernel, uint64_t address, const char *enumerator, const char *what)
{
	struct imp_dispatcher_header header;
	struct imp_error *err = imp_dispatcher_read(kernel, address, &header);

	if (err)
		return imp_error_context(err, "no %s at %016llx", what, (unsigned long long)address);
	for (size_t i = 0; i < TYPE_COUNT; i++) {
		if (!strcmp(types[i].enumerator, enumerator) && !strcmp(types[i].name, header.type_name))
			return NULL;
	}
	return imp_error_new(IMP_ERROR_FORMAT, "no %s at %016llx: its dispatcher header has type 0x%x (%s)", what, (unsigned long long)address,
			     header.type, header.type_name);
}
