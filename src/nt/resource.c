/* Executive resources: see resource.h. Source: wdm.h (ERESOURCE, OWNER_ENTRY and the bits of Flag); the first entry of OwnerTable holds its size.
 * Waiters: a semaphore and an event up to Windows 8.1, since Windows 10 two chains of KWAIT_CHAIN_ENTRY (the kernels' own symbols).
 */
#include "nt/resource.h"

#include <string.h>

enum { OWNED_EXCLUSIVE = 0x80, OWNER_POINTER_BITS = 3, MAX_RESOURCES = 1 << 18, MAX_OWNERS = 4096, MAX_WAITERS = 65536 };

/* A resource is on a list, and its neighbours know it. */
static struct imp_error *check_links(struct imp_kernel *kernel, uint64_t address)
{
	uint64_t link, next, back;
	struct imp_error *err;

	if (!imp_nt_offset(kernel, IMP_RESOURCE_LINKS, &link))
		return NULL;
	err = imp_nt_read(kernel, IMP_LIST_FLINK, address + link, &next);
	if (!err)
		err = imp_nt_read(kernel, IMP_LIST_BLINK, next, &back);
	if (!err && back != address + link)
		err = imp_error_new(IMP_ERROR_FORMAT, "the next one in its list (%016llx) points back to %016llx", (unsigned long long)next,
				    (unsigned long long)back);
	return imp_error_context(err, "no ERESOURCE at %016llx", (unsigned long long)address);
}

struct imp_error *imp_resource_read(struct imp_kernel *kernel, uint64_t address, struct imp_resource *resource)
{
	uint64_t active;
	struct imp_error *err = imp_nt_read(kernel, IMP_RESOURCE_ACTIVE, address, &active);

	memset(resource, 0, sizeof(*resource));
	resource->address = address;
	if (!err)
		err = check_links(kernel, address);
	if (err)
		return err;
	resource->active_count = (int16_t)active;
	resource->owner_count = imp_nt_value(kernel, IMP_RESOURCE_ENTRIES, address, active);
	resource->exclusive = imp_nt_value(kernel, IMP_RESOURCE_FLAG, address, 0) & OWNED_EXCLUSIVE;
	resource->owner_table = imp_nt_value(kernel, IMP_RESOURCE_OWNERS, address, 0);
	resource->contention_count = imp_nt_value(kernel, IMP_RESOURCE_CONTENTION, address, 0);
	resource->shared_waiters = imp_nt_value(kernel, IMP_RESOURCE_SHARED_WAITERS, address, 0);
	resource->exclusive_waiters = imp_nt_value(kernel, IMP_RESOURCE_EXCLUSIVE_WAITERS, address, 0);
	return NULL;
}

struct imp_error *imp_resource_each(struct imp_kernel *kernel, bool (*visit)(void *context, uint64_t resource), void *context)
{
	const struct imp_field *link;
	uint64_t head;
	struct imp_error *err = imp_kernel_symbol(kernel, "ExpSystemResourcesList", &head);

	if (!err)
		err = imp_nt_field(kernel, IMP_RESOURCE_LINKS, &link);
	if (err)
		return imp_error_context(err, "this kernel's list of resources cannot be found");
	return imp_error_context(imp_nt_list(kernel, head, link->offset, MAX_RESOURCES, visit, context), "resources");
}

/* Hands over one entry when it is in use; false when `visit` has had enough. */
static struct imp_error *visit_entry(struct imp_kernel *kernel, uint64_t entry, bool (*visit)(void *context, const struct imp_resource_owner *owner),
				     void *context, bool *go_on)
{
	struct imp_resource_owner owner;
	uint64_t thread;
	struct imp_error *err = imp_nt_read(kernel, IMP_OWNER_THREAD, entry, &thread);

	if (!err)
		err = imp_nt_read(kernel, IMP_OWNER_COUNT, entry, &owner.count);
	if (err || !thread)
		return err;
	owner.thread = thread & ~(uint64_t)OWNER_POINTER_BITS;
	owner.is_pointer = thread & OWNER_POINTER_BITS;
	*go_on = visit(context, &owner);
	return NULL;
}

struct imp_error *imp_resource_owners(struct imp_kernel *kernel, const struct imp_resource *resource,
				      bool (*visit)(void *context, const struct imp_resource_owner *owner), void *context)
{
	uint64_t size = imp_nt_size(kernel, "_OWNER_ENTRY"), count = 0;
	const struct imp_field *first;
	bool go_on = true;
	struct imp_error *err = imp_nt_field(kernel, IMP_RESOURCE_OWNER, &first);

	if (!err)
		err = visit_entry(kernel, resource->address + first->offset, visit, context, &go_on);
	if (!err && resource->owner_table)
		err = imp_nt_read(kernel, IMP_OWNER_TABLE_SIZE, resource->owner_table, &count);
	if (!err && count > MAX_OWNERS)
		err = imp_error_new(IMP_ERROR_FORMAT, "the owner table of resource %016llx would have %llu entries",
				    (unsigned long long)resource->address, (unsigned long long)count);
	for (uint64_t i = 1; !err && go_on && i < count; i++)
		err = visit_entry(kernel, resource->owner_table + i * size, visit, context, &go_on);
	return err;
}

/* Hands over who waits with the chain's `entry`: it names its thread, or else (Windows 10 1607) the event in it knows. */
static struct imp_error *visit_chained(struct imp_kernel *kernel, uint64_t entry, bool (*visit)(void *context, uint64_t thread), void *context,
				       bool *go_on)
{
	const struct imp_field *event, *named;
	struct imp_dispatcher_header header;
	uint64_t thread;
	struct imp_error *err = imp_nt_field(kernel, IMP_CHAIN_EVENT, &event);
	IMP_CLEANUP_ERROR struct imp_error *unnamed = imp_nt_field(kernel, IMP_CHAIN_THREAD, &named);

	if (!err)
		err = imp_dispatcher_read(kernel, entry + event->offset, &header);
	if (!err && (!header.structure || strcmp(header.structure, "_KEVENT") != 0 || !header.size_fits))
		err = imp_error_new(IMP_ERROR_FORMAT, "the chain of waiters leads to %016llx, where no event is waited for",
				    (unsigned long long)entry);
	if (err || unnamed)
		return err ? err : imp_waiters_each(kernel, &header, visit, context);
	err = imp_nt_read(kernel, IMP_CHAIN_THREAD, entry, &thread);
	if (!err)
		err = imp_dispatcher_expect(kernel, thread, "ThreadObject", "thread");
	if (!err)
		*go_on = visit(context, thread);
	return err;
}

/* The chain of KWAIT_CHAIN_ENTRYs, each on its waiter's stack, of which the first has its link at `head`. It ends where it leads back to that, or nowhere. */
static struct imp_error *chain_each(struct imp_kernel *kernel, uint64_t head, bool (*visit)(void *context, uint64_t thread), void *context)
{
	const struct imp_field *links;
	struct imp_error *err = imp_nt_field(kernel, IMP_CHAIN_LINKS, &links);
	uint64_t link = head;
	bool go_on = true;

	for (unsigned count = 0; !err && go_on; count++) {
		uint64_t entry = link - links->offset;

		if (count == MAX_WAITERS)
			return imp_error_new(IMP_ERROR_FORMAT, "the chain of waiters at %016llx does not end", (unsigned long long)head);
		err = visit_chained(kernel, entry, visit, context, &go_on);
		if (!err)
			err = imp_nt_read(kernel, IMP_CHAIN_LINK, entry, &link);
		if (!link || link == head)
			break;
	}
	return err;
}

/* Whether the field points to a dispatcher object that is waited for: a KSEMAPHORE or KEVENT, as before the chains. */
static struct imp_error *is_dispatcher(struct imp_kernel *kernel, enum imp_nt_field id, bool *dispatcher)
{
	const struct imp_field *field;
	struct imp_type target = { 0 };
	struct imp_error *err = imp_nt_field(kernel, id, &field);

	if (!err && field->type.kind == IMP_TYPE_POINTER)
		err = imp_type_at(field->type.pdb, field->type.element, &target);
	*dispatcher = target.kind == IMP_TYPE_STRUCT && target.name && (!strcmp(target.name, "_KEVENT") || !strcmp(target.name, "_KSEMAPHORE"));
	return err;
}

struct imp_error *imp_resource_waiters(struct imp_kernel *kernel, const struct imp_resource *resource, bool exclusive,
				       bool (*visit)(void *context, uint64_t thread), void *context)
{
	enum imp_nt_field id = exclusive ? IMP_RESOURCE_EXCLUSIVE_WAIT : IMP_RESOURCE_SHARED_WAIT;
	struct imp_dispatcher_header header;
	bool dispatcher;
	uint64_t object;
	struct imp_error *err = is_dispatcher(kernel, id, &dispatcher);

	if (!err)
		err = imp_nt_read(kernel, id, resource->address, &object);
	if (err || !object)
		return err;
	if (!dispatcher)
		return chain_each(kernel, object, visit, context);
	err = imp_dispatcher_read(kernel, object, &header);
	return err ? err : imp_waiters_each(kernel, &header, visit, context);
}
