/* `impasse lab threads` and `impasse lab wait`: what the threads of the kernel, or of one driver, are doing. */

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "ntstatus.h"

#define ANSWER_MS          5000
/* `wait` asks in slices, so that other commands get a word in on the channel; between them it lets them go first. */
#define SLICE_MS           250
#define GAP_MS             10
#define TIMEOUT_DEFAULT_MS 60000
#define EXIT_TIMEOUT       3

struct question {
	const char *service; /* NULL: all */
	int64_t timeout_ms;
	bool json;
};

static struct imp_error *parse(int argc, char **argv, const struct option *options, struct question *question)
{
	int option;

	*question = (struct question){ .timeout_ms = TIMEOUT_DEFAULT_MS };
	optind = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		char *end;
		double seconds;

		if (option == 'j') {
			question->json = true;
			continue;
		}
		if (option != 't')
			return imp_lab_bad_option(argv);
		seconds = strtod(optarg, &end);
		if (end == optarg || *end || !(seconds >= 0 && seconds <= 1e6))
			return imp_error_new(IMP_ERROR_USAGE, "--timeout takes seconds, not %s", optarg);
		question->timeout_ms = (int64_t)(seconds * 1000);
	}
	if (optind < argc)
		question->service = argv[optind++];
	if (optind < argc)
		return imp_error_new(IMP_ERROR_USAGE, "one service at a time, not also %s", argv[optind]);
	return NULL;
}

static struct imp_error *failed(const char *verb, const char *service, uint32_t status)
{
	if (status == IMP_STATUS_OBJECT_NAME_NOT_FOUND && service)
		return imp_error_new(IMP_ERROR_NOT_FOUND, "no driver of a service %s is loaded", service);
	return imp_error_new(IMP_ERROR_MISMATCH, "the kernel fails %s with NTSTATUS 0x%08X", verb, status);
}

static struct imp_error *ask_threads(const struct imp_lab *lab, const char *service, struct imp_control_reply *reply)
{
	struct imp_control_pair pair = { "service", service };
	struct imp_error *err = imp_lab_ask(lab, ANSWER_MS, "threads", &pair, service ? 1 : 0, reply);

	if (err)
		return err;
	return reply->status == IMP_STATUS_SUCCESS ? NULL : failed("threads", service, reply->status);
}

/* The rows with numbers as numbers; addresses stay hexadecimal strings. */
static json_t *typed_rows(const json_t *rows)
{
	static const char *const numbers[] = { "pid", "tid", "switches" };
	json_t *typed = json_deep_copy(rows);
	json_t *row;
	size_t index;

	json_array_foreach(typed, index, row)
	{
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			if (json_object_get(row, numbers[i]))
				json_object_set_new(row, numbers[i], json_integer((json_int_t)imp_control_number(row, numbers[i])));
		}
		if (json_object_get(row, "timeout"))
			json_object_set_new(row, "timeout", json_boolean(imp_control_number(row, "timeout")));
	}
	return typed;
}

static void print_rows(const json_t *rows)
{
	json_t *row;
	size_t index;

	printf("%-18s %9s %-12s %-16s %-18s %7s %9s %s\n", "Thread", "PID.TID", "State", "Wait reason", "Object", "Timeout", "Switches",
	       "Driver (start address)");
	json_array_foreach(rows, index, row)
	{
		char id[48];

		snprintf(id, sizeof(id), "%" PRIx64 ".%" PRIx64, imp_control_number(row, "pid"), imp_control_number(row, "tid"));
		printf("%-18s %9s %-12s %-16s %-18s %7s %9" PRIu64 " %s (%s)\n", imp_control_text(row, "thread"), id, imp_control_text(row, "state"),
		       imp_control_text(row, "wait_reason"), imp_control_text(row, "object"), imp_control_number(row, "timeout") ? "yes" : "no",
		       imp_control_number(row, "switches"), imp_control_text(row, "driver"), imp_control_text(row, "start"));
	}
}

struct imp_error *imp_lab_threads(int argc, char **argv, int *exit_code)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { 0 } };
	IMP_CLEANUP_LAB struct imp_lab lab = { .folder.fd = -1 };
	IMP_CLEANUP_REPLY struct imp_control_reply reply = { 0 };
	struct question question;
	struct imp_error *err = parse(argc, argv, options, &question);

	(void)exit_code;
	if (!err)
		err = imp_lab_open_running(&lab);
	if (!err)
		err = ask_threads(&lab, question.service, &reply);
	if (err)
		return err;
	if (question.json)
		return imp_lab_print_json(typed_rows(reply.rows));
	print_rows(reply.rows);
	return NULL;
}

/* Asks until every thread is blocked, none is left, or the time is over; `status` then tells which, `threads` how many. */
static struct imp_error *wait_blocked(const struct imp_lab *lab, const struct question *question, uint32_t *status, uint64_t *threads)
{
	int64_t deadline = imp_now_ms() + question->timeout_ms;

	for (;;) {
		IMP_CLEANUP_REPLY struct imp_control_reply reply = { 0 };
		int64_t now = imp_now_ms();
		int64_t left = now < deadline ? deadline - now : 0;
		int64_t slice = left < SLICE_MS ? left : SLICE_MS;
		struct imp_wait gap;
		char timeout[24];
		struct imp_control_pair pairs[] = { { "service", question->service }, { "timeout_ms", timeout } };
		struct imp_error *err;

		snprintf(timeout, sizeof(timeout), "%" PRId64, slice);
		/* A kernel that is slow to answer is still waited for; that of a machine which has ended or stopped is not. */
		err = imp_lab_ask(lab, left + ANSWER_MS, "wait.blocked", pairs, 2, &reply);
		if (err)
			return err;
		*status = reply.status;
		*threads = imp_control_number(reply.result, "threads");
		if (reply.status == IMP_STATUS_SUCCESS)
			return NULL;
		if (reply.status != IMP_STATUS_TIMEOUT)
			return failed("wait.blocked", question->service, reply.status);
		if (imp_now_ms() >= deadline)
			return NULL;
		gap = imp_wait_for(GAP_MS, -1);
		imp_error_free(imp_wait_pause(&gap, GAP_MS));
	}
}

struct imp_error *imp_lab_wait(int argc, char **argv, int *exit_code)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { "timeout", required_argument, NULL, 't' }, { 0 } };
	IMP_CLEANUP_LAB struct imp_lab lab = { .folder.fd = -1 };
	IMP_CLEANUP_REPLY struct imp_control_reply reply = { 0 };
	struct question question;
	uint64_t threads = 0;
	uint32_t status = 0;
	const char *result;
	struct imp_error *err = parse(argc, argv, options, &question);

	if (!err && !question.service)
		err = imp_error_new(IMP_ERROR_USAGE, "wait needs the name of a service");
	if (!err)
		err = imp_lab_open_running(&lab);
	if (!err)
		err = wait_blocked(&lab, &question, &status, &threads);
	if (!err)
		err = ask_threads(&lab, question.service, &reply);
	if (err)
		return err;
	result = status == IMP_STATUS_TIMEOUT ? "timeout" : threads ? "blocked" : "no_threads";
	*exit_code = status == IMP_STATUS_TIMEOUT ? EXIT_TIMEOUT : 0;
	if (question.json)
		return imp_lab_print_json(
			json_pack("{s:s, s:s, s:o}", "service", question.service, "result", result, "threads", typed_rows(reply.rows)));
	if (status == IMP_STATUS_TIMEOUT)
		printf("Timed out: not every thread of %s is blocked.\n", question.service);
	else if (threads)
		printf("Blocked: %" PRIu64 " thread%s of %s, each in a wait without a time limit.\n", threads, threads == 1 ? "" : "s",
		       question.service);
	else
		printf("No thread of %s is left.\n", question.service);
	if (threads || status == IMP_STATUS_TIMEOUT)
		print_rows(reply.rows);
	return NULL;
}
