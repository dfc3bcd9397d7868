/* The service control manager; see scm.h. The error codes are those that CreateService, StartService, ControlService and
 * DeleteService are documented to give.
 */

#include "scm.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "commands.h"
#include "driver_file.h"
#include "kept_symbols.h"
#include "ntstatus.h"
#include "volume.h"

#define QUERY_MS  5000
/* As long as Windows gives a service to start or stop. */
#define LOAD_MS   30000
/* Milliseconds that DriverUnload is waited for; the kernel goes on answering when it takes longer. */
#define UNLOAD_MS "5000"

static struct imp_scm_outcome outcome(const char *call, uint32_t error)
{
	return (struct imp_scm_outcome){ .error = error, .call = call };
}

__attribute__((format(printf, 3, 4))) static struct imp_scm_outcome failure(const char *call, uint32_t error, const char *format, ...)
{
	struct imp_scm_outcome result = outcome(call, error);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(result.detail, sizeof(result.detail), format, arguments);
	va_end(arguments);
	return result;
}

/* A failure of ours, under a Windows code that fits; takes over `err`. */
static struct imp_scm_outcome host_failure(const char *call, uint32_t error, struct imp_error *err)
{
	struct imp_scm_outcome result = failure(call, error, "%s", imp_error_message(err));

	imp_error_free(err);
	return result;
}

struct imp_scm_outcome imp_scm_open(struct imp_scm *scm)
{
	static const char call[] = "OpenSCManager";
	struct imp_error *err;

	*scm = (struct imp_scm){ .lab.folder.fd = -1, .services.lock = -1 };
	err = imp_lab_open_running(&scm->lab);
	if (!err)
		err = imp_services_open(&scm->lab.folder, &scm->services);
	return err ? host_failure(call, IMP_WIN_RPC_SERVER_UNAVAILABLE, err) : outcome(call, 0);
}

void imp_scm_close(struct imp_scm *scm)
{
	imp_services_close(&scm->services);
	imp_lab_close(&scm->lab);
}

/* What the kernel says of the service's driver. A driver that it does not know is stopped. */
static struct imp_error *live_state(struct imp_scm *scm, const char *name, enum imp_service_state *state)
{
	struct imp_control_pair pair = { "service", name };
	IMP_CLEANUP_REPLY struct imp_control_reply reply = { 0 };
	struct imp_error *err = imp_lab_ask(&scm->lab, QUERY_MS, "driver.query", &pair, 1, &reply);
	const char *word;

	*state = IMP_SERVICE_STOPPED;
	if (err)
		return err;
	if (!imp_ntstatus_ok(reply.status) && reply.status != IMP_STATUS_OBJECT_NAME_NOT_FOUND)
		return imp_error_new(IMP_ERROR_MISMATCH, "the kernel fails driver.query with NTSTATUS 0x%08X", reply.status);
	word = imp_control_text(json_array_get(reply.rows, 0), "state");
	if (strcmp(word, "running") == 0)
		*state = IMP_SERVICE_RUNNING;
	else if (strcmp(word, "unload_pending") == 0)
		*state = IMP_SERVICE_STOP_PENDING;
	return NULL;
}

/* Finds a service and its state, after removing it if it was only waiting for its driver to go. */
static struct imp_scm_outcome find(struct imp_scm *scm, const char *call, const char *name, struct imp_service *service,
				   struct imp_service_status *status)
{
	struct imp_error *err;

	if (!imp_services_find(&scm->services, name, service))
		return outcome(call, IMP_WIN_SERVICE_DOES_NOT_EXIST);
	err = live_state(scm, service->name, &status->state);
	if (err)
		return host_failure(call, IMP_WIN_RPC_SERVER_UNAVAILABLE, err);
	if (service->deleted && status->state == IMP_SERVICE_STOPPED) {
		err = imp_services_remove(&scm->services, &scm->lab.folder, name);
		return err ? host_failure(call, IMP_WIN_GEN_FAILURE, err) : outcome(call, IMP_WIN_SERVICE_DOES_NOT_EXIST);
	}
	status->exit_code = service->exit_code;
	status->stoppable = service->stoppable;
	return outcome(call, 0);
}

struct imp_scm_outcome imp_scm_query(struct imp_scm *scm, const char *name, struct imp_service_status *status)
{
	struct imp_service service;

	return find(scm, "EnumQueryServicesStatus:OpenService", name, &service, status);
}

/* The canonical path of the driver, copied into C: first if it is the host's. */
static struct imp_scm_outcome place_driver(struct imp_scm *scm, const char *binpath, struct imp_volume_path *path, char *copied, size_t size)
{
	static const char call[] = "CreateService";
	bool replaced = false;
	enum imp_winerror error;

	copied[0] = '\0';
	imp_volume_parse(binpath, path);
	if (path->kind == IMP_PATH_INVALID)
		return failure(call, path->error, "%s: not a path on C:, the only drive of the lab, nor a file of this host", binpath);
	if (path->kind == IMP_PATH_WINDOWS)
		return outcome(call, 0);
	error = imp_volume_copy_driver(scm->lab.state.c, binpath, path->nt, &replaced);
	if (error)
		return failure(call, error, "%s could not be copied to C:\\Windows\\System32\\drivers", binpath);
	/* Its PDB lies beside the original. */
	imp_keep_symbols(&scm->lab.folder, binpath);
	snprintf(copied, size, "%s copied to %s%s", binpath, path->nt + strlen("\\??\\"), replaced ? ", in place of the file that was there" : "");
	return outcome(call, 0);
}

struct imp_scm_outcome imp_scm_create(struct imp_scm *scm, const struct imp_sc_request *request, char *copied, size_t size)
{
	static const char call[] = "CreateService";
	const char *display = request->display ? request->display : request->name;
	struct imp_service_status status;
	struct imp_service service;
	struct imp_volume_path path;
	struct imp_scm_outcome result = find(scm, call, request->name, &service, &status);
	struct imp_error *err;

	if (!result.error)
		return outcome(call, service.deleted ? IMP_WIN_SERVICE_MARKED_FOR_DELETE : IMP_WIN_SERVICE_EXISTS);
	if (result.error != IMP_WIN_SERVICE_DOES_NOT_EXIST)
		return result;
	for (size_t i = 0; imp_services_at(&scm->services, i, &service); i++) {
		if (strcasecmp(service.display, display) == 0)
			return failure(call, IMP_WIN_DUPLICATE_SERVICE_NAME, "the service %s has that display name", service.name);
	}
	result = place_driver(scm, request->binpath, &path, copied, size);
	if (result.error)
		return result;
	service = (struct imp_service){
		.name = (char *)request->name,
		.display = (char *)display,
		.image = path.nt,
		.start = (char *)request->start,
		.error = (char *)request->error,
		.exit_code = IMP_WIN_SERVICE_NEVER_STARTED,
		.stoppable = true,
	};
	err = imp_services_put(&scm->services, &scm->lab.folder, &service);
	return err ? host_failure(call, IMP_WIN_GEN_FAILURE, err) : outcome(call, 0);
}

/* Why the kernel did not load a driver, beyond the code. */
static void explain_load(const struct imp_scm *scm, const struct imp_service *service, const struct imp_control_reply *reply,
			 struct imp_scm_outcome *result)
{
	const char *missing = imp_control_text(reply->result, "missing");
	const char *shown = service->image + strlen("\\??\\");
	IMP_CLEANUP_FD int fd = -1;
	enum imp_winerror error;

	if (*missing) {
		snprintf(result->detail, sizeof(result->detail), "%s imports %s from %s, which the lab's %s does not export.", shown, missing,
			 imp_control_text(reply->result, "module"), imp_control_text(reply->result, "module"));
		return;
	}
	error = imp_volume_open(scm->lab.state.c, service->image, &fd);
	if (error == IMP_WIN_FILE_NOT_FOUND || error == IMP_WIN_PATH_NOT_FOUND) {
		snprintf(result->detail, sizeof(result->detail), "There is no %s in %s.", shown, scm->lab.state.c);
	} else if (error) {
		snprintf(result->detail, sizeof(result->detail), "%s is not a regular file.", shown);
	} else if (result->error == IMP_WIN_BAD_EXE_FORMAT) {
		char why[256];

		imp_driver_file_explain(fd, why, sizeof(why));
		if (!*why)
			snprintf(why, sizeof(why), "its headers are damaged or of a kind the kernel does not load (NTSTATUS 0x%08X)", reply->status);
		snprintf(result->detail, sizeof(result->detail), "%s: %s", shown, why);
	} else if (reply->status == IMP_STATUS_IMAGE_ALREADY_LOADED_AS_DLL) {
		snprintf(result->detail, sizeof(result->detail),
			 "%s is a kernel or a HAL, to which drivers are bound, and no driver: one is running.", shown);
	} else if (reply->status != IMP_STATUS_IMAGE_ALREADY_LOADED) {
		snprintf(result->detail, sizeof(result->detail), "The driver was not started: NTSTATUS 0x%08X.", reply->status);
	}
}

/* Keeps the image that the kernel has just loaded. */
static void keep_symbols(const struct imp_scm *scm, const struct imp_service *service)
{
	char link[64], path[PATH_MAX];
	IMP_CLEANUP_FD int fd = -1;
	ssize_t length;

	if (imp_volume_open(scm->lab.state.c, service->image, &fd))
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		return;
	path[length] = '\0';
	imp_keep_symbols(&scm->lab.folder, path);
}

/* Records the exit code of a start or stop; a failure to write it is worth a line, no more. */
static void record(struct imp_scm *scm, struct imp_service *service, struct imp_scm_outcome *result)
{
	struct imp_error *err = imp_services_put(&scm->services, &scm->lab.folder, service);

	if (err && !result->detail[0])
		snprintf(result->detail, sizeof(result->detail), "%s", imp_error_message(err));
	imp_error_free(err);
}

struct imp_scm_outcome imp_scm_start(struct imp_scm *scm, const char *name, struct imp_service_status *status)
{
	static const char call[] = "StartService";
	IMP_CLEANUP_REPLY struct imp_control_reply reply = { 0 };
	struct imp_service service;
	struct imp_scm_outcome result = find(scm, "StartService: OpenService", name, &service, status);
	struct imp_error *err;

	if (result.error)
		return result;
	if (status->state != IMP_SERVICE_STOPPED)
		return outcome(call, IMP_WIN_SERVICE_ALREADY_RUNNING);
	if (strcmp(service.start, "disabled") == 0)
		return outcome(call, IMP_WIN_SERVICE_DISABLED);
	struct imp_control_pair pairs[] = { { "service", service.name }, { "image", service.image } };
	err = imp_lab_ask(&scm->lab, LOAD_MS, "driver.load", pairs, 2, &reply);
	if (err)
		return host_failure(call, IMP_WIN_SERVICE_REQUEST_TIMEOUT, err);
	result = outcome(call, imp_ntstatus_ok(reply.status) ? 0 : imp_ntstatus_to_win32(reply.status));
	if (result.error)
		explain_load(scm, &service, &reply, &result);
	else
		*status = (struct imp_service_status){ .state = IMP_SERVICE_RUNNING, .stoppable = true };
	if (!result.error)
		keep_symbols(scm, &service);
	if (result.error != IMP_WIN_SERVICE_ALREADY_RUNNING) {
		service.exit_code = result.error;
		service.stoppable = true;
		record(scm, &service, &result);
	}
	return result;
}

/* The kernel's refusal to unload as ControlService gives it. */
static struct imp_scm_outcome stop_failure(const struct imp_service *service, uint32_t status)
{
	static const char call[] = "ControlService";

	if (status == IMP_STATUS_INVALID_DEVICE_REQUEST)
		return failure(call, IMP_WIN_INVALID_SERVICE_CONTROL, "The driver of %s has no unload routine.", service->name);
	if (status == IMP_STATUS_OBJECT_NAME_NOT_FOUND)
		return outcome(call, IMP_WIN_SERVICE_NOT_ACTIVE);
	return failure(call, imp_ntstatus_to_win32(status), "The driver was not stopped: NTSTATUS 0x%08X.", status);
}

struct imp_scm_outcome imp_scm_stop(struct imp_scm *scm, const char *name, struct imp_service_status *status)
{
	static const char call[] = "ControlService";
	IMP_CLEANUP_REPLY struct imp_control_reply reply = { 0 };
	struct imp_service service;
	struct imp_scm_outcome result = find(scm, "OpenService", name, &service, status);
	struct imp_error *err;

	if (result.error)
		return result;
	if (status->state == IMP_SERVICE_STOPPED)
		return outcome(call, IMP_WIN_SERVICE_NOT_ACTIVE);
	if (status->state == IMP_SERVICE_STOP_PENDING)
		return outcome(call, IMP_WIN_SERVICE_CANNOT_ACCEPT_CTRL);
	struct imp_control_pair pairs[] = { { "service", service.name }, { "timeout_ms", UNLOAD_MS } };
	/* A DriverUnload that takes longer leaves the service in STOP_PENDING. */
	err = imp_lab_ask(&scm->lab, LOAD_MS, "driver.unload", pairs, 2, &reply);
	if (err)
		return host_failure(call, IMP_WIN_SERVICE_REQUEST_TIMEOUT, err);
	if (!imp_ntstatus_ok(reply.status)) {
		result = stop_failure(&service, reply.status);
		service.stoppable = result.error != IMP_WIN_INVALID_SERVICE_CONTROL;
		record(scm, &service, &result);
		return result;
	}
	err = live_state(scm, service.name, &status->state);
	if (err)
		return host_failure(call, IMP_WIN_SERVICE_REQUEST_TIMEOUT, err);
	status->exit_code = 0;
	service.exit_code = 0;
	record(scm, &service, &result);
	if (service.deleted && status->state == IMP_SERVICE_STOPPED)
		imp_error_free(imp_services_remove(&scm->services, &scm->lab.folder, name));
	return result;
}

struct imp_scm_outcome imp_scm_delete(struct imp_scm *scm, const char *name)
{
	static const char call[] = "DeleteService";
	struct imp_service_status status;
	struct imp_service service;
	struct imp_scm_outcome result = find(scm, "OpenService", name, &service, &status);
	struct imp_error *err;

	if (result.error)
		return result;
	if (service.deleted)
		return outcome(call, IMP_WIN_SERVICE_MARKED_FOR_DELETE);
	if (status.state == IMP_SERVICE_STOPPED) {
		err = imp_services_remove(&scm->services, &scm->lab.folder, name);
	} else {
		service.deleted = true;
		err = imp_services_put(&scm->services, &scm->lab.folder, &service);
	}
	return err ? host_failure(call, IMP_WIN_GEN_FAILURE, err) : outcome(call, 0);
}
