/* The service database; see services.h. */

#include "services.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#define SERVICES_VERSION 1
#define LOCK_MS          10000

static json_t *list_of(const struct imp_services *services)
{
	return json_object_get(services->document, "services");
}

struct imp_error *imp_services_open(const struct imp_folder *folder, struct imp_services *services)
{
	struct imp_wait wait = imp_wait_for(LOCK_MS, -1);
	struct imp_error *err;

	*services = (struct imp_services){ .lock = -1 };
	err = imp_folder_lock(folder, IMP_FOLDER_SERVICES_LOCK, &wait, &services->lock);
	if (!err)
		err = imp_folder_read_json(folder, IMP_FOLDER_SERVICES, &services->document);
	if (err)
		return err;
	if (!services->document)
		services->document = json_pack("{s:i, s:[]}", "version", SERVICES_VERSION, "services");
	if (!json_is_array(list_of(services)))
		return imp_error_new(IMP_ERROR_FORMAT, "%s/" IMP_FOLDER_SERVICES " has no list of services", folder->path);
	return NULL;
}

void imp_services_close(struct imp_services *services)
{
	json_decref(services->document);
	services->document = NULL;
	if (services->lock >= 0)
		close(services->lock);
	services->lock = -1;
}

static char *text_of(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return (char *)(text ? text : "");
}

bool imp_services_at(const struct imp_services *services, size_t index, struct imp_service *service)
{
	json_t *record = json_array_get(list_of(services), index);

	if (!record)
		return false;
	*service = (struct imp_service){
		.name = text_of(record, "name"),
		.display = text_of(record, "display_name"),
		.image = text_of(record, "image"),
		.start = text_of(record, "start"),
		.error = text_of(record, "error"),
		.exit_code = (uint32_t)json_integer_value(json_object_get(record, "exit_code")),
		.stoppable = !json_is_false(json_object_get(record, "stoppable")),
		.deleted = json_is_true(json_object_get(record, "deleted")),
	};
	return true;
}

/* The index of the service `name`, or the number of services. */
static size_t index_of(const struct imp_services *services, const char *name)
{
	struct imp_service service;
	size_t index = 0;

	while (imp_services_at(services, index, &service) && strcasecmp(service.name, name) != 0)
		index++;
	return index;
}

bool imp_services_find(const struct imp_services *services, const char *name, struct imp_service *service)
{
	return imp_services_at(services, index_of(services, name), service);
}

struct imp_error *imp_services_put(struct imp_services *services, const struct imp_folder *folder, const struct imp_service *service)
{
	size_t index = index_of(services, service->name);
	json_t *record = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:b, s:b}", "name", service->name, "display_name", service->display, "image",
				   service->image, "start", service->start, "error", service->error, "exit_code", (json_int_t)service->exit_code,
				   "stoppable", service->stoppable, "deleted", service->deleted);

	if (!record)
		return imp_error_new(IMP_ERROR_USAGE, "the service cannot be recorded: a name or path that is not UTF-8");
	if (index < json_array_size(list_of(services)))
		json_array_set_new(list_of(services), index, record);
	else
		json_array_append_new(list_of(services), record);
	return imp_folder_write_json(folder, IMP_FOLDER_SERVICES, services->document);
}

struct imp_error *imp_services_remove(struct imp_services *services, const struct imp_folder *folder, const char *name)
{
	json_array_remove(list_of(services), index_of(services, name));
	return imp_folder_write_json(folder, IMP_FOLDER_SERVICES, services->document);
}
