/* `impasse sc`: sc.exe's words around the service control manager. Everything goes to standard output, as with sc.exe; the blanks at
 * the ends of lines are its own too.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lab.h"
#include "scm.h"
#include "winerror.h"

static int print_failure(const struct imp_scm_outcome *outcome)
{
	printf("[SC] %s FAILED %" PRIu32 ":\n\n%s\n\n", outcome->call, outcome->error, imp_winerror_text(outcome->error));
	if (outcome->detail[0])
		printf("%s\n\n", outcome->detail);
	return 1;
}

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

/* The block of QueryServiceStatus. `display` NULL leaves out the display name; `extended` adds what `sc start` shows. */
static void print_block(const char *name, const char *display, const struct imp_service_status *status, bool extended)
{
	printf("\nSERVICE_NAME: %s \n", name);
	if (display)
		printf("DISPLAY_NAME: %s\n", display);
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

static int run_create(struct imp_scm *scm, const struct imp_sc_request *request)
{
	char copied[2 * 1024];
	struct imp_scm_outcome outcome = imp_scm_create(scm, request, copied, sizeof(copied));

	if (outcome.error)
		return print_failure(&outcome);
	if (copied[0])
		printf("%s\n", copied);
	printf("[SC] CreateService SUCCESS\n");
	return 0;
}

static int run_start(struct imp_scm *scm, const struct imp_sc_request *request)
{
	struct imp_service_status status;
	struct imp_scm_outcome outcome = imp_scm_start(scm, request->name, &status);

	if (outcome.error)
		return print_failure(&outcome);
	print_block(request->name, NULL, &status, true);
	return 0;
}

static int run_stop(struct imp_scm *scm, const struct imp_sc_request *request)
{
	struct imp_service_status status;
	struct imp_scm_outcome outcome = imp_scm_stop(scm, request->name, &status);

	if (outcome.error)
		return print_failure(&outcome);
	print_block(request->name, NULL, &status, false);
	return 0;
}

static int run_delete(struct imp_scm *scm, const struct imp_sc_request *request)
{
	struct imp_scm_outcome outcome = imp_scm_delete(scm, request->name);

	if (outcome.error)
		return print_failure(&outcome);
	printf("[SC] DeleteService SUCCESS\n");
	return 0;
}

static bool listed(enum imp_sc_states states, enum imp_service_state state)
{
	return states == IMP_SC_ALL || (states == IMP_SC_ACTIVE) == (state != IMP_SERVICE_STOPPED);
}

static int query_all(struct imp_scm *scm, enum imp_sc_states states)
{
	struct imp_service service;

	for (size_t i = 0; imp_services_at(&scm->services, i, &service); i++) {
		char name[512], display[512];
		struct imp_service_status status;
		struct imp_scm_outcome outcome;

		/* Asking may take a service that is marked for deletion off the list. */
		snprintf(name, sizeof(name), "%s", service.name);
		snprintf(display, sizeof(display), "%s", service.display);
		outcome = imp_scm_query(scm, name, &status);
		if (outcome.error == IMP_WIN_SERVICE_DOES_NOT_EXIST) {
			i--;
			continue;
		}
		if (outcome.error)
			return print_failure(&outcome);
		if (listed(states, status.state))
			print_block(name, display, &status, false);
	}
	return 0;
}

static int run_query(struct imp_scm *scm, const struct imp_sc_request *request)
{
	struct imp_service_status status;
	struct imp_scm_outcome outcome;

	if (!request->name)
		return query_all(scm, request->states);
	outcome = imp_scm_query(scm, request->name, &status);
	if (outcome.error)
		return print_failure(&outcome);
	print_block(request->name, NULL, &status, false);
	return 0;
}

static int (*const runners[])(struct imp_scm *scm, const struct imp_sc_request *request) = {
	[IMP_SC_CREATE] = run_create, [IMP_SC_START] = run_start, [IMP_SC_STOP] = run_stop, [IMP_SC_DELETE] = run_delete, [IMP_SC_QUERY] = run_query,
};

int imp_sc_main(int argc, char **argv)
{
	struct imp_sc_request request;
	struct imp_scm scm;
	struct imp_scm_outcome outcome;
	struct imp_error *err = imp_sc_parse(argc, argv, &request);
	int exit_code;

	if (err) {
		fprintf(stderr, "impasse sc: %s\n%s", imp_error_message(err), imp_sc_usage);
		imp_error_free(err);
		return 1;
	}
	if (request.verb == IMP_SC_HELP) {
		fputs(imp_sc_usage, stdout);
		return 0;
	}
	outcome = imp_scm_open(&scm);
	exit_code = outcome.error ? print_failure(&outcome) : runners[request.verb](&scm, &request);
	imp_scm_close(&scm);
	return exit_code;
}
