/* `impasse sc`: sc.exe's words around the service control manager, or the same as JSON. Everything goes to standard output, as with sc.exe;
 * the blanks at the ends of lines are its own too.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "lab.h"
#include "scm.h"
#include "winerror.h"

/* A service as a command shows it. */
struct shown {
	char *name, *display; /* display NULL: not shown */
	struct imp_service_status status;
};

/* What a command has to show. */
struct result {
	struct imp_scm_outcome outcome;
	char copied[2 * 1024]; /* where a driver of the host went, or "" */
	struct shown *services;
	size_t count;
};

static void show(struct result *result, const char *name, const char *display, const struct imp_service_status *status)
{
	struct shown *services = reallocarray(result->services, result->count + 1, sizeof(*services));

	if (!services)
		return;
	result->services = services;
	services[result->count++] = (struct shown){ strdup(name), display ? strdup(display) : NULL, *status };
}

static void free_result(struct result *result)
{
	for (size_t i = 0; i < result->count; i++) {
		free(result->services[i].name);
		free(result->services[i].display);
	}
	free(result->services);
}

static void run_create(struct imp_scm *scm, const struct imp_sc_request *request, struct result *result)
{
	result->outcome = imp_scm_create(scm, request, result->copied, sizeof(result->copied));
}

static void run_delete(struct imp_scm *scm, const struct imp_sc_request *request, struct result *result)
{
	result->outcome = imp_scm_delete(scm, request->name);
}

/* For the verbs that show one service. */
static void run_on(struct imp_scm *scm, const struct imp_sc_request *request, struct result *result,
		   struct imp_scm_outcome (*call)(struct imp_scm *scm, const char *name, struct imp_service_status *status))
{
	struct imp_service_status status;

	result->outcome = call(scm, request->name, &status);
	if (!result->outcome.error)
		show(result, request->name, NULL, &status);
}

static void run_start(struct imp_scm *scm, const struct imp_sc_request *request, struct result *result)
{
	run_on(scm, request, result, imp_scm_start);
}

static void run_stop(struct imp_scm *scm, const struct imp_sc_request *request, struct result *result)
{
	run_on(scm, request, result, imp_scm_stop);
}

static bool listed(enum imp_sc_states states, enum imp_service_state state)
{
	return states == IMP_SC_ALL || (states == IMP_SC_ACTIVE) == (state != IMP_SERVICE_STOPPED);
}

static void query_all(struct imp_scm *scm, enum imp_sc_states states, struct result *result)
{
	struct imp_service service;

	for (size_t i = 0; imp_services_at(&scm->services, i, &service); i++) {
		char name[512], display[512];
		struct imp_service_status status;

		/* Asking may take a service that is marked for deletion off the list. */
		snprintf(name, sizeof(name), "%s", service.name);
		snprintf(display, sizeof(display), "%s", service.display);
		result->outcome = imp_scm_query(scm, name, &status);
		if (result->outcome.error == IMP_WIN_SERVICE_DOES_NOT_EXIST) {
			result->outcome.error = 0;
			i--;
			continue;
		}
		if (result->outcome.error)
			return;
		if (listed(states, status.state))
			show(result, name, display, &status);
	}
}

static void run_query(struct imp_scm *scm, const struct imp_sc_request *request, struct result *result)
{
	if (request->name)
		run_on(scm, request, result, imp_scm_query);
	else
		query_all(scm, request->states, result);
}

static const struct {
	void (*run)(struct imp_scm *scm, const struct imp_sc_request *request, struct result *result);
	const char *success; /* what sc.exe prints; NULL: the service's block says it */
} verbs[] = {
	[IMP_SC_CREATE] = { run_create, "[SC] CreateService SUCCESS" }, [IMP_SC_START] = { run_start, NULL }, [IMP_SC_STOP] = { run_stop, NULL },
	[IMP_SC_DELETE] = { run_delete, "[SC] DeleteService SUCCESS" }, [IMP_SC_QUERY] = { run_query, NULL },
};

static const char *state_name(enum imp_service_state state)
{
	switch (state) {
	case IMP_SERVICE_STOPPED:
		return "STOPPED";
	case IMP_SERVICE_STOP_PENDING:
		return "STOP_PENDING";
	case IMP_SERVICE_RUNNING:
		return "RUNNING";
	}
	return "";
}

/* The block of QueryServiceStatus. `extended` adds what `sc start` shows. */
static void print_block(const struct shown *service, bool extended)
{
	const struct imp_service_status *status = &service->status;

	printf("\nSERVICE_NAME: %s \n", service->name);
	if (service->display)
		printf("DISPLAY_NAME: %s\n", service->display);
	printf("        TYPE               : 1  KERNEL_DRIVER  \n");
	printf("        STATE              : %d  %s \n", (int)status->state, state_name(status->state));
	if (status->state != IMP_SERVICE_STOPPED)
		printf("                                (%s, NOT_PAUSABLE, IGNORES_SHUTDOWN)\n", status->stoppable ? "STOPPABLE" : "NOT_STOPPABLE");
	printf("        WIN32_EXIT_CODE    : %" PRIu32 "  (0x%" PRIx32 ")\n", status->exit_code, status->exit_code);
	printf("        SERVICE_EXIT_CODE  : 0  (0x0)\n"
	       "        CHECKPOINT         : 0x0\n"
	       "        WAIT_HINT          : 0x0\n");
	/* A driver has no process of its own. */
	if (extended)
		printf("        PID                : 0\n"
		       "        FLAGS              : \n");
}

static void print_text(enum imp_sc_verb verb, const struct result *result)
{
	const struct imp_scm_outcome *outcome = &result->outcome;

	for (size_t i = 0; i < result->count; i++)
		print_block(&result->services[i], verb == IMP_SC_START);
	if (outcome->error) {
		printf("[SC] %s FAILED %" PRIu32 ":\n\n%s\n\n", outcome->call, outcome->error, imp_winerror_text(outcome->error));
		if (outcome->detail[0])
			printf("%s\n\n", outcome->detail);
		return;
	}
	if (result->copied[0])
		printf("%s\n", result->copied);
	if (verbs[verb].success)
		printf("%s\n", verbs[verb].success);
}

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

/* Its failure is that of the object: json_dumpf refuses NULL. */
static json_t *to_json(const struct result *result)
{
	const struct imp_scm_outcome *outcome = &result->outcome;
	json_t *services = json_array();

	for (size_t i = 0; i < result->count; i++) {
		const struct shown *service = &result->services[i];

		json_array_append_new(services, json_pack("{s:s?, s:o, s:s, s:b, s:I}", "name", service->name, "display_name",
							  text_or_null(service->display), "state", state_name(service->status.state), "stoppable",
							  (int)service->status.stoppable, "win32_exit_code", (json_int_t)service->status.exit_code));
	}
	return json_pack("{s:b, s:I, s:o, s:o, s:o, s:o, s:o}", "ok", !outcome->error, "error", (json_int_t)outcome->error, "call",
			 text_or_null(outcome->error ? outcome->call : NULL), "message",
			 text_or_null(outcome->error ? imp_winerror_text(outcome->error) : NULL), "detail", text_or_null(outcome->detail), "copied",
			 text_or_null(result->copied), "services", services);
}

int imp_sc_main(int argc, char **argv)
{
	struct imp_sc_request request;
	struct result result = { 0 };
	struct imp_scm scm;
	struct imp_error *err = imp_sc_parse(argc, argv, &request);

	if (err) {
		fprintf(stderr, "impasse sc: %s\n%s", imp_error_message(err), imp_sc_usage);
		imp_error_free(err);
		return 1;
	}
	if (request.verb == IMP_SC_HELP) {
		fputs(imp_sc_usage, stdout);
		return 0;
	}
	result.outcome = imp_scm_open(&scm);
	if (!result.outcome.error)
		verbs[request.verb].run(&scm, &request, &result);
	imp_scm_close(&scm);
	if (request.json)
		err = imp_lab_print_json(to_json(&result));
	else
		print_text(request.verb, &result);
	free_result(&result);
	if (fflush(stdout) == 0 && !err)
		return result.outcome.error ? 1 : 0;
	fprintf(stderr, "impasse sc: %s\n", err ? imp_error_message(err) : "the result cannot be written");
	imp_error_free(err);
	return 1;
}
