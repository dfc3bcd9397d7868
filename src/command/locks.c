/* !locks: executive resources and who holds them. */
#include "command/commands.h"
#include "nt/resource.h"
#include "nt/symbolize.h"

#include <stdio.h>
#include <string.h>

struct listing {
	struct imp_session *session;
	struct imp_report *report;
	bool all; /* resources that nobody holds too */
	uint64_t total, held;
	size_t line_length; /* of the line of owners that is being written */
	char line[256];
};

static void flush_line(struct listing *list)
{
	if (list->line_length)
		imp_report_line(list->report, "     %s%s", "Threads:", list->line);
	list->line_length = 0;
	*list->line = '\0';
}

static bool add_owner(void *context, const struct imp_resource_owner *owner)
{
	struct listing *list = context;
	char text[64];
	int length = snprintf(text, sizeof(text), " %016llx-%02llu<*>%s", (unsigned long long)owner->thread, (unsigned long long)owner->count,
			      owner->is_pointer ? " (owner pointer)" : "");

	if (list->line_length + (size_t)length + 1 > 100)
		flush_line(list);
	memcpy(list->line + list->line_length, text, (size_t)length + 1);
	list->line_length += (size_t)length;
	imp_report_open_object(list->report, NULL);
	imp_report_value(list->report, owner->is_pointer ? "owner_pointer" : "thread", imp_address(owner->thread));
	imp_report_value(list->report, "count", imp_number(owner->count));
	imp_report_close(list->report);
	return !imp_session_interrupted(list->session);
}

static bool add_waiter(void *context, uint64_t thread)
{
	struct listing *list = context;

	imp_report_open_object(list->report, NULL);
	imp_report_pair(list->report, "thread", imp_address(thread), "              %016llx", (unsigned long long)thread);
	imp_report_close(list->report);
	return !imp_session_interrupted(list->session);
}

static void report_waiters(struct listing *list, const struct imp_resource *resource, bool exclusive)
{
	uint64_t count = exclusive ? resource->exclusive_waiters : resource->shared_waiters;

	imp_report_value(list->report, exclusive ? "exclusive_waiter_count" : "shared_waiter_count", imp_number(count));
	if (!count)
		return;
	imp_report_line(list->report, "     Threads Waiting On %s Access:", exclusive ? "Exclusive" : "Shared");
	imp_report_open_list(list->report, exclusive ? "exclusive_waiters" : "shared_waiters");
	imp_kernel_note_error(list->session->kernel, imp_resource_waiters(list->session->kernel, resource, exclusive, add_waiter, list));
	imp_report_close(list->report);
}

static void report_resource(struct listing *list, const struct imp_resource *resource)
{
	struct imp_name name;
	bool owned = resource->active_count != 0;

	imp_symbolize(list->session->kernel, resource->address, false, &name);
	imp_report_open_object(list->report, NULL);
	imp_report_line(list->report, "%s", "");
	if (!owned)
		snprintf(list->line, sizeof(list->line), "Available");
	else if (resource->exclusive)
		snprintf(list->line, sizeof(list->line), "Exclusively owned");
	else
		snprintf(list->line, sizeof(list->line), "Shared %llu owning threads", (unsigned long long)resource->owner_count);
	if (name.module)
		imp_report_line(list->report, "Resource @ %s (0x%016llx)    %s", name.text, (unsigned long long)resource->address, list->line);
	else
		imp_report_line(list->report, "Resource @ 0x%016llx    %s", (unsigned long long)resource->address, list->line);
	*list->line = '\0';
	imp_report_value(list->report, "address", imp_address(resource->address));
	imp_report_value(list->report, "symbol", name.module ? imp_string(name.text) : imp_null());
	imp_report_value(list->report, "active_count", imp_signed(resource->active_count));
	imp_report_value(list->report, "exclusive", imp_bool(resource->exclusive));
	imp_report_value(list->report, "contention_count", imp_number(resource->contention_count));
	if (resource->contention_count)
		imp_report_line(list->report, "    Contention Count = %llu", (unsigned long long)resource->contention_count);
	if (resource->shared_waiters)
		imp_report_line(list->report, "    NumberOfSharedWaiters = %llu", (unsigned long long)resource->shared_waiters);
	if (resource->exclusive_waiters)
		imp_report_line(list->report, "    NumberOfExclusiveWaiters = %llu", (unsigned long long)resource->exclusive_waiters);
	imp_report_open_list(list->report, "owners");
	if (owned)
		imp_kernel_note_error(list->session->kernel, imp_resource_owners(list->session->kernel, resource, add_owner, list));
	flush_line(list);
	imp_report_close(list->report);
	report_waiters(list, resource, false);
	report_waiters(list, resource, true);
	imp_report_close(list->report);
}

static bool visit_resource(void *context, uint64_t address)
{
	struct listing *list = context;
	struct imp_resource resource;
	struct imp_error *err = imp_resource_read(list->session->kernel, address, &resource);

	if (err) {
		imp_kernel_note_error(list->session->kernel, err);
		return true;
	}
	list->total++;
	list->held += resource.active_count != 0;
	if (list->all || resource.active_count)
		report_resource(list, &resource);
	return !imp_session_interrupted(list->session);
}

/* [-v] [ADDRESS] */
IMP_COMMAND(locks)
{
	struct listing list = { .session = session, .report = report };
	struct imp_resource resource;
	uint64_t address;
	struct imp_error *err;

	for (arguments = imp_skip_blanks(arguments); *arguments == '-'; arguments = imp_skip_blanks(arguments)) {
		char option[16];

		imp_next_word(&arguments, option, sizeof(option));
		if (strcmp(option, "-v"))
			return imp_error_new(IMP_ERROR_USAGE, "!locks knows the option -v, not '%s'", option);
		list.all = true;
	}
	err = imp_argument_last_or(session, &arguments, 0, &address);
	if (!err)
		err = imp_kernel_need_symbols(session->kernel);
	if (!err && address)
		err = imp_resource_read(session->kernel, address, &resource);
	if (err)
		return err;
	imp_report_open_list(report, "resources");
	if (address) {
		report_resource(&list, &resource);
		imp_report_close(report);
		return NULL;
	}
	imp_report_line(report, "**** DUMP OF ALL RESOURCE OBJECTS ****");
	err = imp_resource_each(session->kernel, visit_resource, &list);
	imp_report_close(report);
	if (err && !list.total)
		return err;
	imp_kernel_note_error(session->kernel, err);
	imp_report_line(report, "%s", "");
	imp_report_line(report, "%llu total locks, %llu locks currently held", (unsigned long long)list.total, (unsigned long long)list.held);
	imp_report_value(report, "total", imp_number(list.total));
	imp_report_value(report, "held", imp_number(list.held));
	return NULL;
}
