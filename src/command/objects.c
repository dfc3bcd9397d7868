/* !object: an object of the object manager, or a directory of them. */
#include "command/commands.h"
#include "nt/object.h"

#include <string.h>

struct listing {
	struct imp_session *session;
	struct imp_report *report;
	int last_bucket;
};

static bool add_entry(void *context, unsigned bucket, uint64_t address)
{
	struct listing *listing = context;
	struct imp_object object;
	struct imp_error *err = imp_object_read(listing->session->kernel, address, &object);

	imp_report_open_object(listing->report, NULL);
	if ((int)bucket == listing->last_bucket)
		imp_report_line(listing->report, "         %016llx %-25s %s", (unsigned long long)address, object.type_name, object.name);
	else
		imp_report_line(listing->report, "     %02u  %016llx %-25s %s", bucket, (unsigned long long)address, object.type_name, object.name);
	listing->last_bucket = (int)bucket;
	imp_report_value(listing->report, "bucket", imp_number(bucket));
	imp_report_value(listing->report, "address", imp_address(address));
	imp_report_value(listing->report, "type", *object.type_name ? imp_string(object.type_name) : imp_null());
	imp_report_value(listing->report, "name", object.has_name ? imp_string(object.name) : imp_null());
	imp_report_close(listing->report);
	imp_kernel_note_error(listing->session->kernel, err);
	return !imp_session_interrupted(listing->session);
}

IMP_COMMAND(object)
{
	struct listing listing = { .session = session, .report = report, .last_bucket = -1 };
	struct imp_object object;
	uint64_t address;
	struct imp_error *err = imp_argument_object(session, arguments, "the address or path (\\Driver\\X) of an object", &address);

	if (!err)
		err = imp_object_read(session->kernel, address, &object);
	if (err)
		return err;
	imp_report_line(report, "Object: %016llx  Type: (%016llx) %s", (unsigned long long)address, (unsigned long long)object.type,
			object.type_name);
	imp_report_line(report, "    ObjectHeader: %016llx (new version)", (unsigned long long)object.header);
	imp_report_line(report, "    HandleCount: %lld  PointerCount: %lld", (long long)object.handle_count, (long long)object.pointer_count);
	if (object.has_name)
		imp_report_line(report, "    Directory Object: %016llx  Name: %s", (unsigned long long)object.directory, object.name);
	imp_report_value(report, "address", imp_address(address));
	imp_report_value(report, "type", imp_string(object.type_name));
	imp_report_value(report, "type_address", imp_address(object.type));
	imp_report_value(report, "header", imp_address(object.header));
	imp_report_value(report, "handle_count", imp_signed(object.handle_count));
	imp_report_value(report, "pointer_count", imp_signed(object.pointer_count));
	imp_report_value(report, "name", object.has_name ? imp_string(object.name) : imp_null());
	imp_report_value(report, "directory", object.has_name && object.directory ? imp_address(object.directory) : imp_null());
	if (strcmp(object.type_name, "Directory"))
		return NULL;
	imp_report_line(report, "%s", "");
	imp_report_line(report, "    Hash Address          Type                      Name");
	imp_report_line(report, "    ---- -------          ----                      ----");
	imp_report_open_list(report, "entries");
	err = imp_object_directory_each(session->kernel, address, add_entry, &listing);
	imp_report_close(report);
	return err;
}
