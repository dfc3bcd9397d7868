/* Who waits in a dump, and for how long? An example for libimpasse: processes and their threads, a field by name, and a command's result as JSON.
 *
 * cc -o waiters waiters.c $(pkg-config --cflags --libs impasse)
 * ./waiters MEMORY.DMP [SYMBOLPATH [IMAGEPATH]]
 */
#include <impasse/impasse.h>

#include <stdio.h>

struct place {
	struct impasse_dump *dump;
	const char *process;
	struct impasse_field kernel_stack;
	unsigned waiting;
};

static int fail(struct impasse_error *error)
{
	fprintf(stderr, "waiters: %s\n", impasse_error_message(error));
	impasse_error_free(error);
	return 1;
}

static bool show_thread(void *context, const struct impasse_thread *thread)
{
	struct place *place = context;
	uint64_t stack = 0;
	struct impasse_error *error;

	if (!thread->wait_reason)
		return true;
	place->waiting++;
	/* A field of the thread, where this very kernel has it. */
	error = impasse_read(place->dump, thread->address + place->kernel_stack.offset, &stack, sizeof(stack));
	impasse_error_free(error);
	printf("%-16s %016llx  %-16s %8llu ms  stack at %016llx\n", place->process, (unsigned long long)thread->address, thread->wait_reason,
	       (unsigned long long)thread->state_ms, (unsigned long long)stack);
	return true;
}

static bool show_process(void *context, const struct impasse_process *process)
{
	struct place *place = context;
	struct impasse_error *error;

	place->process = process->name;
	error = impasse_threads(place->dump, process->address, show_thread, place);
	if (error)
		fail(error); /* a damaged list: what could be reached has been shown */
	return true;
}

int main(int argc, char **argv)
{
	struct place place = { 0 };
	struct impasse_error *error;
	char *json;

	if (argc < 2) {
		fputs("usage: waiters MEMORY.DMP [SYMBOLPATH [IMAGEPATH]]\n", stderr);
		return 1;
	}
	error = impasse_open(argv[1], argc > 2 ? argv[2] : NULL, argc > 3 ? argv[3] : NULL, &place.dump);
	if (error)
		return fail(error);
	error = impasse_field(place.dump, "nt!_KTHREAD", "KernelStack", &place.kernel_stack);
	if (!error)
		error = impasse_processes(place.dump, show_process, &place);
	if (!error) {
		printf("%u threads wait\n", place.waiting);
		error = impasse_run(place.dump, "us", IMPASSE_JSON, &json, NULL);
		fputs(json ? json : "", stdout);
		impasse_result_free(json);
	}
	impasse_close(place.dump);
	return error ? fail(error) : 0;
}
