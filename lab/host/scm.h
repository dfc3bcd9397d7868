/* The service control manager: what create, start, stop, delete and query do, with Windows' error codes. Services live in services.json,
 * drivers in the lab's kernel. Not responsible for the command line or for what is printed.
 */
#ifndef IMP_HOST_SCM_H
#define IMP_HOST_SCM_H

#include "sc_grammar.h"
#include "services.h"
#include "state.h"
#include "volume.h"

enum imp_service_state { IMP_SERVICE_STOPPED = 1, IMP_SERVICE_STOP_PENDING = 3, IMP_SERVICE_RUNNING = 4 };

struct imp_scm {
	struct imp_lab lab;
	struct imp_services services;
};

/* How a call went: sc.exe's words for a failure are `[SC] CALL FAILED ERROR:`. */
struct imp_scm_outcome {
	uint32_t error;                         /* Windows error code, 0: done */
	const char *call;                       /* the call that failed, as sc.exe names it */
	char detail[IMP_VOLUME_PATH_MAX + 512]; /* a line of ours that says more, or "" */
};

/* What there is to show of a service. */
struct imp_service_status {
	enum imp_service_state state;
	uint32_t exit_code;
	bool stoppable;
};

/* Finds the lab and opens its services; the caller closes `scm` in any case. */
struct imp_scm_outcome imp_scm_open(struct imp_scm *scm);
void imp_scm_close(struct imp_scm *scm);

/* `copied` receives where a driver of the host was copied to (C:\...), or "". */
struct imp_scm_outcome imp_scm_create(struct imp_scm *scm, const struct imp_sc_request *request, char *copied, size_t size);
struct imp_scm_outcome imp_scm_start(struct imp_scm *scm, const char *name, struct imp_service_status *status);
struct imp_scm_outcome imp_scm_stop(struct imp_scm *scm, const char *name, struct imp_service_status *status);
struct imp_scm_outcome imp_scm_delete(struct imp_scm *scm, const char *name);
struct imp_scm_outcome imp_scm_query(struct imp_scm *scm, const char *name, struct imp_service_status *status);

#endif
