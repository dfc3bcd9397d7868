/* !handle: the handles of a process. */
#include "command/commands.h"
#include "nt/handle.h"
#include "nt/object.h"

enum { FLAG_OBJECTS = 1, FLAG_NAMES = 2 }; /* as documented for !handle */

struct listing {
	struct imp_session *session;
	struct imp_report *report;
	uint64_t wanted, flags; /* wanted: a handle, 0 for all */
	size_t count;
};

static void report_object(struct listing *listing, const struct imp_handle *handle)
{
	struct imp_report *report = listing->report;
	struct imp_object object;
	struct imp_error *err = imp_object_read(listing->session->kernel, handle->object, &object);

	if (err) {
		imp_kernel_note_error(listing->session->kernel, err);
		return;
	}
	imp_report_line(report, "Object: %016llx  Type: (%016llx) %s", (unsigned long long)object.address, (unsigned long long)object.type,
			object.type_name);
	imp_report_line(report, "    ObjectHeader: %016llx (new version)", (unsigned long long)object.header);
	imp_report_line(report, "        HandleCount: %lld  PointerCount: %lld", (long long)object.handle_count, (long long)object.pointer_count);
	if (listing->flags & FLAG_NAMES && object.has_name)
		imp_report_line(report, "        Directory Object: %016llx  Name: %s", (unsigned long long)object.directory, object.name);
	imp_report_line(report, "%s", "");
	imp_report_value(report, "type", imp_string(object.type_name));
	imp_report_value(report, "name", object.has_name ? imp_string(object.name) : imp_null());
	imp_report_value(report, "handle_count", imp_signed(object.handle_count));
	imp_report_value(report, "pointer_count", imp_signed(object.pointer_count));
}

static bool add_handle(void *context, const struct imp_handle *handle)
{
	struct listing *listing = context;

	if (listing->wanted && handle->value != listing->wanted)
		return !imp_session_interrupted(listing->session);
	listing->count++;
	imp_report_open_object(listing->report, NULL);
	imp_report_line(listing->report, "%04llx: Object: %016llx  GrantedAccess: %08llx Entry: %016llx", (unsigned long long)handle->value,
			(unsigned long long)handle->object, (unsigned long long)handle->access, (unsigned long long)handle->entry);
	imp_report_value(listing->report, "handle", imp_number(handle->value));
	imp_report_value(listing->report, "object", imp_address(handle->object));
	imp_report_value(listing->report, "access", imp_number(handle->access));
	imp_report_value(listing->report, "entry", imp_address(handle->entry));
	if (listing->flags)
		report_object(listing, handle);
	imp_report_close(listing->report);
	return !imp_session_interrupted(listing->session) && !listing->wanted;
}

IMP_COMMAND(handle)
{
	enum { KERNEL_HANDLE = 0x80000000, TAG_BITS = 3 }; /* kernel handles have the upper bits set; the two low bits are free for the user */
	struct listing listing = { .session = session, .report = report, .flags = FLAG_OBJECTS | FLAG_NAMES };
	struct imp_process process;
	uint64_t address;
	struct imp_error *err = imp_argument_or(session, &arguments, 0, &listing.wanted);

	if (!err)
		err = imp_argument_or(session, &arguments, listing.flags, &listing.flags);
	if (!err)
		err = imp_argument_process(session, &arguments, &address);
	if (!err)
		err = imp_arguments_end(arguments);
	if (!err)
		err = imp_process_read(session->kernel, address, &process);
	if (!err && !process.object_table)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "process %016llx has no handle table", (unsigned long long)address);
	if (err)
		return err;
	if (listing.wanted > UINT32_MAX)
		listing.wanted &= KERNEL_HANDLE - 1ull;
	listing.wanted &= ~(uint64_t)TAG_BITS;
	imp_report_line(report, "PROCESS %016llx  %s", (unsigned long long)address, process.name);
	imp_report_line(report, "Handle table at %016llx with %llu entries in use", (unsigned long long)process.object_table,
			(unsigned long long)process.handle_count);
	imp_report_line(report, "%s", "");
	imp_report_value(report, "process", imp_address(address));
	imp_report_value(report, "handle_table", imp_address(process.object_table));
	imp_report_open_list(report, "handles");
	err = imp_handle_each(session->kernel, process.object_table, add_handle, &listing);
	imp_report_close(report);
	if (!err && listing.wanted && !listing.count)
		err = imp_error_new(IMP_ERROR_NOT_FOUND, "%s has no handle 0x%llx", process.name, (unsigned long long)listing.wanted);
	return err;
}
