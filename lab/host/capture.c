/* Taking a crash dump of the machine; see capture.h. */

#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/newfile.h"
#include "base/span.h"
#include "units.h"

/* The beginning of a 64-bit crash dump, DUMP_HEADER64 (QEMU's include/qemu/win_dump_defs.h lists the same offsets). */
#define HEADER_SIZE                0x2000
#define HEADER_SIGNATURE           "PAGEDU64"
#define HEADER_BUGCHECK_CODE       0x38
#define HEADER_BUGCHECK_PARAMETERS 0x40
#define HEADER_REQUIRED_DUMP_SPACE 0xfa0

#define ANSWER_MS   10000
#define PROGRESS_MS 100
/* A dump that has not grown for this long is given up. */
#define STALL_MS    120000

static uint64_t free_space(int fd)
{
	struct statvfs info;

	if (fstatvfs(fd, &info) < 0)
		return UINT64_MAX;
	return (uint64_t)(geteuid() == 0 ? info.f_bfree : info.f_bavail) * info.f_frsize;
}

static struct imp_error *no_space(const struct imp_capture *capture, const char *reason)
{
	uint64_t needed = capture->memory + HEADER_SIZE, free = free_space(capture->folder);
	char needed_text[IMP_UNITS_SIZE], free_text[IMP_UNITS_SIZE];

	return imp_error_new(IMP_ERROR_IO, "%s: %s: the dump needs %s, %s is free there%s; nothing was kept of it", capture->shown, reason,
			     imp_units_bytes(needed, needed_text), imp_units_bytes(free, free_text),
			     free < needed ? "" : " (a limit on file sizes, or a quota?)");
}

/* The dump's size and what its header says, checked against each other. */
static struct imp_error *verify(const struct imp_capture *capture, int fd, struct imp_captured *captured)
{
	uint8_t bytes[HEADER_SIZE];
	struct stat info;
	ssize_t got;
	uint64_t required;
	struct imp_span header = { .data = bytes };

	if (fstat(fd, &info) < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot look at %s: %s", capture->shown, strerror(errno));
	got = pread(fd, bytes, sizeof(bytes), 0);
	header.size = got < 0 ? 0 : (size_t)got;
	if (header.size < HEADER_SIZE || memcmp(bytes, HEADER_SIGNATURE, strlen(HEADER_SIGNATURE)) != 0)
		return imp_error_new(IMP_ERROR_FORMAT, "QEMU wrote something that is no 64-bit crash dump (no " HEADER_SIGNATURE " header)");
	imp_span_u64(header, HEADER_REQUIRED_DUMP_SPACE, &required);
	if (required > (uint64_t)info.st_size && free_space(capture->folder) < required - (uint64_t)info.st_size)
		return no_space(capture, "the file came out short");
	if (required != (uint64_t)info.st_size)
		return imp_error_new(IMP_ERROR_FORMAT, "QEMU wrote a dump of %lld bytes whose header says %" PRIu64 "; nothing was kept of it",
				     (long long)info.st_size, required);
	captured->size = required;
	captured->bugcheck.happened = true;
	captured->bugcheck.dumped = true;
	imp_span_u32(header, HEADER_BUGCHECK_CODE, &captured->bugcheck.code);
	for (unsigned i = 0; i < 4; i++)
		imp_span_u64(header, HEADER_BUGCHECK_PARAMETERS + 8 * i, &captured->bugcheck.parameters[i]);
	return NULL;
}

/* What the event DUMP_COMPLETED says: NULL when the dump is whole. */
static struct imp_error *judge(const struct imp_capture *capture, const json_t *event, int fd)
{
	const json_t *data = json_object_get(event, "data");
	const char *problem = json_string_value(json_object_get(data, "error"));
	const char *status = json_string_value(json_object_get(json_object_get(data, "result"), "status"));
	struct stat info;

	if (!problem && status && strcmp(status, "completed") == 0)
		return NULL;
	/* QEMU does not always say why; a file that has begun and is short of its size has met the end of the space or a limit. */
	if (fstat(fd, &info) == 0 && info.st_size > 0 && (uint64_t)info.st_size < capture->memory && ftruncate(fd, 0) == 0)
		return no_space(capture, problem ? problem : "writing stopped");
	return imp_error_new(IMP_ERROR_IO, "QEMU could not take the dump: %s", problem ? problem : "no reason given");
}

struct dump_status {
	bool active;
	uint64_t total;
};

static struct imp_error *query(struct imp_qmp *qmp, int cancel_fd, struct dump_status *status)
{
	struct imp_wait wait = imp_wait_for(ANSWER_MS, cancel_fd);
	json_t *answer;
	const char *text;
	struct imp_error *err = imp_qmp_execute(qmp, &wait, "query-dump", NULL, -1, &answer);

	if (err)
		return err;
	text = json_string_value(json_object_get(answer, "status"));
	status->active = text && strcmp(text, "active") == 0;
	status->total = (uint64_t)json_integer_value(json_object_get(answer, "total"));
	json_decref(answer);
	return NULL;
}

/* Another dump may be under way (the supervisor's, of a bugcheck); QEMU takes one at a time. */
static struct imp_error *wait_idle(struct imp_qmp *qmp, int cancel_fd)
{
	struct imp_wait wait = imp_wait_for(STALL_MS, cancel_fd);
	struct dump_status status;
	struct imp_error *err = query(qmp, cancel_fd, &status);

	while (!err && status.active && imp_now_ms() < wait.deadline) {
		err = imp_wait_pause(&wait, PROGRESS_MS);
		if (!err)
			err = query(qmp, cancel_fd, &status);
	}
	return err;
}

/* Waits for DUMP_COMPLETED, telling the progress meanwhile. */
static struct imp_error *wait_completed(const struct imp_capture *capture, struct imp_qmp *qmp, int cancel_fd, int fd)
{
	int64_t moved = imp_now_ms();
	off_t written = 0;

	for (;;) {
		struct imp_wait slice = imp_wait_for(PROGRESS_MS, cancel_fd);
		struct dump_status status;
		struct stat info;
		bool completed;
		json_t *event;
		struct imp_error *err = imp_qmp_next_event(qmp, &slice, &event);

		completed = event && strcmp(imp_qmp_event_name(event), "DUMP_COMPLETED") == 0;
		if (!err && (completed || !event))
			err = query(qmp, cancel_fd, &status);
		/* While ours is active the event is of the dump before. */
		if (!err && completed && !status.active) {
			err = judge(capture, event, fd);
			json_decref(event);
			return err;
		}
		json_decref(event);
		if (err)
			return err;
		if (event)
			continue;
		/* QEMU counts a run of memory when all of it is written; the file grows page by page. */
		if (fstat(fd, &info) < 0)
			info.st_size = 0;
		if (capture->progress)
			capture->progress(capture->context, (uint64_t)info.st_size, status.total);
		if (info.st_size != written)
			moved = imp_now_ms();
		written = info.st_size;
		if (imp_now_ms() - moved > STALL_MS)
			return imp_error_new(IMP_ERROR_IO, "the dump has not grown for %d s", STALL_MS / 1000);
	}
}

/* Hands `fd` to QEMU and has it filled. */
static struct imp_error *fill(const struct imp_capture *capture, struct imp_qmp *qmp, int cancel_fd, int fd)
{
	struct imp_wait wait = imp_wait_for(ANSWER_MS, cancel_fd);
	struct imp_error *err = wait_idle(qmp, cancel_fd);

	if (!err)
		err = imp_qmp_execute(qmp, &wait, "getfd", json_pack("{s:s}", "fdname", "dump"), fd, NULL);
	if (!err)
		err = imp_qmp_execute(qmp, &wait, "dump-guest-memory",
				      json_pack("{s:b, s:s, s:b, s:s}", "paging", 0, "protocol", "fd:dump", "detach", 1, "format", "win-dmp"), -1,
				      NULL);
	return err ? err : wait_completed(capture, qmp, cancel_fd, fd);
}

struct imp_error *imp_capture_run(const struct imp_capture *capture, struct imp_qmp *qmp, int cancel_fd, struct imp_captured *captured)
{
	struct imp_new_file file;
	struct imp_error *err;

	*captured = (struct imp_captured){ 0 };
	if (free_space(capture->folder) < capture->memory + HEADER_SIZE)
		return no_space(capture, "not enough space");
	err = imp_new_file_make(capture->folder, capture->name, capture->shown, &file);
	if (!err)
		err = fill(capture, qmp, cancel_fd, file.fd);
	if (!err)
		err = verify(capture, file.fd, captured);
	if (!err)
		err = imp_new_file_keep(&file, true);
	imp_new_file_drop(&file);
	return err;
}
