/* The conversation with the lab's kernel over the control channel (docs/lab.md): requests with sequence numbers, each answered
 * within a deadline. One conversation at a time, kept apart by a lock in the lab's folder. Not responsible for the verbs' meaning.
 */
#ifndef IMP_HOST_CONTROL_H
#define IMP_HOST_CONTROL_H

#include "control_line.h"
#include "folder.h"
#include "line.h"

/* NTSTATUS values that the channel itself gives (docs/lab.md). */
#define IMP_STATUS_SUCCESS           0x00000000u
#define IMP_STATUS_TIMEOUT           0x00000102u
#define IMP_STATUS_INVALID_PARAMETER 0xc000000du

struct imp_control {
	int fd;
	int lock;
	struct imp_line_reader reader;
	uint32_t sequence;
};

struct imp_control_reply {
	uint32_t status; /* NTSTATUS */
	json_t *rows;    /* array of objects of strings */
	json_t *result;  /* object of strings */
};

/* Connects to the kernel of the lab in `folder`. The caller closes `control` also after an error.
 * Errors: IMP_ERROR_NOT_FOUND when no QEMU listens, IMP_ERROR_IO, IMP_ERROR_INTERRUPTED.
 */
struct imp_error *imp_control_open(const struct imp_folder *folder, const struct imp_wait *wait, struct imp_control *control);
void imp_control_close(struct imp_control *control);

/* Asks and waits for the result. The caller frees `reply`. An NTSTATUS that is no success is not an error here.
 * Errors: IMP_ERROR_IO when the answer does not come in time, IMP_ERROR_FORMAT, IMP_ERROR_INTERRUPTED.
 */
struct imp_error *imp_control_request(struct imp_control *control, const struct imp_wait *wait, const char *verb,
				      const struct imp_control_pair *pairs, size_t count, struct imp_control_reply *reply);
void imp_control_reply_free(struct imp_control_reply *reply);

/* One request on a conversation of its own. */
struct imp_error *imp_control_ask(const struct imp_folder *folder, const struct imp_wait *wait, const char *verb,
				  const struct imp_control_pair *pairs, size_t count, struct imp_control_reply *reply);

/* A field's text, "" when it is missing; a field's number (0x hexadecimal or decimal), 0 when it is missing or no number. */
const char *imp_control_text(const json_t *fields, const char *key);
uint64_t imp_control_number(const json_t *fields, const char *key);

#define IMP_CLEANUP_CONTROL __attribute__((cleanup(imp_control_close)))
#define IMP_CLEANUP_REPLY   __attribute__((cleanup(imp_control_reply_free)))

#endif
