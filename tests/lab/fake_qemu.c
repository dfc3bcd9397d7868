/* Stands in for QEMU in the tests that need no guest kernel: it makes the sockets that the command line names, speaks enough QMP and
 * enough of the control channel, and misbehaves as $FAKE_QEMU asks (words, separated by commas).
 *
 *   kvm-exit     with -accel kvm: writes a line and exits with 1        kvm-silent   with -accel kvm: never answers hello
 *   kvm-slow     answers hello after half a second                      panic-boot   reports a bugcheck instead of answering hello
 *   kvm-stuck    with -accel kvm: stops with an internal error instead of answering hello
 *   deaf         never answers anything but hello                       short-dump   the dump stops half way, with an error
 *   lying-dump   the dump's header gives another size                   no-header    dump-guest-memory is refused
 *   dies-slowly  hangs up instead of answering hello, and exits with 1 half a second later
 *   slow-wait    answers wait.blocked after 5.5 seconds
 *   stubborn     ignores quit and SIGTERM                               garbage      answers requests with lines that are none
 *   endless-dump the dump begins and is never complete
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONTROL  0
#define MONITORS 3

struct channel {
	const char *path;
	int listener;
	int peer;
	char buffer[65536];
	size_t used;
	int passed; /* descriptor received by getfd */
};

struct driver {
	char name[64];
	bool loaded;
};

static struct channel channels[1 + MONITORS];
static struct driver drivers[8];
static uint64_t memory;
static const char *accelerator;
static bool panicked;
static bool stuck;

static bool asked(const char *word)
{
	const char *words = getenv("FAKE_QEMU");
	size_t length = strlen(word);

	for (const char *at = words ? strstr(words, word) : NULL; at; at = strstr(at + 1, word)) {
		if ((at == words || at[-1] == ',') && (!at[length] || at[length] == ','))
			return true;
	}
	return false;
}

__attribute__((format(printf, 2, 3))) static void say(struct channel *channel, const char *format, ...)
{
	char text[8192];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (channel->peer >= 0 && send(channel->peer, text, (size_t)length, MSG_NOSIGNAL) < 0)
		fprintf(stderr, "fake qemu: send: %s\n", strerror(errno));
}

static void say_to_monitors(const char *text)
{
	for (size_t i = 1; i <= MONITORS; i++)
		say(&channels[i], "%s\r\n", text);
}

/* Writes a dump whose memory is zero: the header, and the rest as a hole. */
static const char *write_dump(int fd)
{
	uint8_t header[0x2000] = "PAGEDU64";
	uint64_t size = memory + sizeof(header);
	uint32_t code = panicked ? 0x7e : 0x161;
	uint64_t written = size;

	memcpy(header + 0x38, &code, sizeof(code));
	memset(header + 0x40, 0x11, 8);
	if (asked("lying-dump"))
		size += 4096;
	memcpy(header + 0xfa0, &size, sizeof(size));
	if (asked("short-dump"))
		written /= 2;
	if (write(fd, header, sizeof(header)) != sizeof(header) || ftruncate(fd, (off_t)written) < 0)
		return "win-dump: failed to save memory: File too large";
	return asked("short-dump") ? "win-dump: failed to save memory: No space left on device" : NULL;
}

static void dump(struct channel *channel, json_int_t id)
{
	const char *problem;

	if (asked("no-header")) {
		say(channel,
		    "{\"id\": %" JSON_INTEGER_FORMAT
		    ", \"error\": {\"class\": \"GenericError\", \"desc\": \"win-dump: invalid vmcoreinfo note size\"}}\r\n",
		    id);
		return;
	}
	say(channel, "{\"return\": {}, \"id\": %" JSON_INTEGER_FORMAT "}\r\n", id);
	if (asked("endless-dump"))
		return;
	problem = write_dump(channel->passed);
	close(channel->passed);
	channel->passed = -1;
	if (problem)
		say(channel,
		    "{\"event\": \"DUMP_COMPLETED\", \"data\": {\"result\": {\"status\": \"failed\", \"completed\": 0, \"total\": 0}, \"error\": "
		    "\"%s\"}}\r\n",
		    problem);
	else
		say(channel,
		    "{\"event\": \"DUMP_COMPLETED\", \"data\": {\"result\": {\"status\": \"completed\", \"completed\": 1, \"total\": 1}}}\r\n");
}

static void monitor_line(struct channel *channel, const char *line)
{
	json_t *request = json_loads(line, 0, NULL);
	const char *command = json_string_value(json_object_get(request, "execute"));
	json_int_t id = json_integer_value(json_object_get(request, "id"));

	if (!command)
		command = "";
	if (strcmp(command, "quit") == 0 && !asked("stubborn")) {
		say(channel, "{\"return\": {}, \"id\": %" JSON_INTEGER_FORMAT "}\r\n", id);
		exit(0);
	}
	if (strcmp(command, "dump-guest-memory") == 0)
		dump(channel, id);
	else if (strcmp(command, "query-status") == 0)
		say(channel, "{\"return\": {\"status\": \"%s\"}, \"id\": %" JSON_INTEGER_FORMAT "}\r\n",
		    stuck      ? "internal-error"
		    : panicked ? "guest-panicked"
			       : "running",
		    id);
	else if (strcmp(command, "query-dump") == 0)
		say(channel, "{\"return\": {\"status\": \"none\", \"completed\": 0, \"total\": 0}, \"id\": %" JSON_INTEGER_FORMAT "}\r\n", id);
	else
		say(channel, "{\"return\": {}, \"id\": %" JSON_INTEGER_FORMAT "}\r\n", id);
	json_decref(request);
}

static void panic(void)
{
	int console = open("console.log", O_WRONLY | O_CREAT | O_APPEND, 0600);

	panicked = true;
	dprintf(console, "*** STOP: 0x0000007E (0x1111111111111111,0x0,0x0,0x0)\n");
	close(console);
	say_to_monitors("{\"event\": \"GUEST_PANICKED\", \"data\": {\"action\": \"pause\"}}");
}

/* As a QEMU does that writes a core file: its sockets are gone before it is. */
static _Noreturn void die_slowly(void)
{
	for (size_t i = 0; i <= MONITORS; i++)
		close(channels[i].peer);
	nanosleep(&(struct timespec){ .tv_nsec = 500000000 }, NULL);
	fprintf(stderr, "fake qemu: assertion failed\n");
	exit(1);
}

static struct driver *find_driver(const char *name, bool loaded)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		if (drivers[i].loaded == loaded && (!loaded || strcmp(drivers[i].name, name) == 0))
			return &drivers[i];
	}
	return NULL;
}

/* Services whose names say how the kernel is to fail them. */
static const struct {
	const char *name;
	const char *result;
} failing[] = {
	{ "NoFile", "c0000034" },  { "NoPath", "c000003a" },
	{ "NoImage", "c000007b" }, { "NoImport", "c0000263\tmissing=KeFrobnicate\tmodule=ntoskrnl.exe" },
	{ "Unhappy", "c0000001" }, { "Already", "c000010e" },
};

static void load(struct channel *channel, const char *sequence, const char *name)
{
	struct driver *driver;

	for (size_t i = 0; i < sizeof(failing) / sizeof(failing[0]); i++) {
		if (strcmp(failing[i].name, name) == 0) {
			say(channel, "%s = %s\n", sequence, failing[i].result);
			return;
		}
	}
	if (strcmp(name, "Panics") == 0) {
		panic();
		return;
	}
	driver = find_driver(name, true);
	if (!driver) {
		driver = find_driver(name, false);
		driver->loaded = true;
		snprintf(driver->name, sizeof(driver->name), "%s", name);
	}
	say(channel, "%s = 00000000\tdriver_object=0xffff800000001000\tbase=0xfffff80000000000\tsize=0x6000\n", sequence);
}

/* Rows of a driver with many threads, as many as a kernel sends before they are read. */
static void many_threads(struct channel *channel, const char *sequence, unsigned *left)
{
	for (unsigned i = 0; i < 32 && *left; i++, --*left)
		say(channel, "%s +\tthread=0xffff800000002000\tpid=4\ttid=%u\tstate=Waiting\n", sequence, *left);
	say(channel, *left ? "%s >\n" : "%s = 00000000\n", sequence);
}

static void threads(struct channel *channel, const char *sequence)
{
	say(channel,
	    "%s +\tthread=0xffff800000002000\tpid=4\ttid=40\tstate=Waiting\twait_reason=Executive\tstart=0xfffff80000001000\t"
	    "driver=\\Driver\\Fake%%25\tobject=0xffff800000003000\ttimeout=0\tswitches=17\n",
	    sequence);
	say(channel, "%s = 00000000\n", sequence);
}

static void control_line(struct channel *channel, char *line)
{
	const char *sequence = strsep(&line, " ");
	const char *verb = strsep(&line, "\t");
	char name[64] = "";
	struct driver *driver;
	static unsigned left; /* rows of an answer that go out when those before have been read */

	if (line && strncmp(line, "service=", 8) == 0)
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(line + 8, "\t"), line + 8);
	driver = find_driver(name, true);
	if (strcmp(verb, "threads") == 0)
		left = 5000;
	if (strcmp(verb, "more") == 0) {
		many_threads(channel, sequence, &left);
	} else if (strcmp(verb, "hello") == 0) {
		if (asked("kvm-silent") && strcmp(accelerator, "kvm") == 0)
			return;
		if (asked("kvm-stuck") && strcmp(accelerator, "kvm") == 0) {
			stuck = true;
			say_to_monitors("{\"event\": \"STOP\"}");
			return;
		}
		if (asked("dies-slowly"))
			die_slowly();
		if (asked("panic-boot")) {
			panic();
			return;
		}
		if (asked("kvm-slow"))
			nanosleep(&(struct timespec){ .tv_nsec = 500000000 }, NULL);
		say(channel, "%s = 00000000\tversion=1\tkernel=22621.1.fake\tboot_us=1234\n", sequence);
	} else if (asked("deaf")) {
		return;
	} else if (asked("garbage")) {
		say(channel, "%s ? what\n", sequence);
	} else if (strcmp(verb, "driver.load") == 0) {
		load(channel, sequence, name);
	} else if (strcmp(verb, "driver.unload") == 0) {
		if (strcmp(name, "NoUnload") == 0) {
			say(channel, "%s = c0000010\n", sequence);
			return;
		}
		if (driver)
			driver->loaded = false;
		say(channel, "%s = %s\n", sequence, driver ? "00000000" : "c0000034");
	} else if (strcmp(verb, "driver.query") == 0) {
		if (driver)
			say(channel, "%s +\tservice=%s\tstate=running\n", sequence, name);
		say(channel, "%s = 00000000\n", sequence);
	} else if (strcmp(verb, "threads") == 0) {
		if (strcmp(name, "Many") == 0)
			many_threads(channel, sequence, &left);
		else
			threads(channel, sequence);
	} else if (strcmp(verb, "wait.blocked") == 0) {
		if (asked("slow-wait"))
			nanosleep(&(struct timespec){ .tv_sec = 5, .tv_nsec = 500000000 }, NULL);
		say(channel, "%s = %s\n", sequence,
		    strcmp(name, "Busy") == 0   ? "00000102"
		    : strcmp(name, "Gone") == 0 ? "c0000034"
						: "00000000\tthreads=1");
	} else if (strcmp(verb, "poweroff") == 0) {
		say(channel, "%s = 00000000\n", sequence);
	} else {
		say(channel, "%s = c0000002\n", sequence);
	}
}

static void listen_on(struct channel *channel, const char *argument, bool qmp)
{
	const char *path = strstr(argument, qmp ? "unix:" : "path=");
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	path += 5;
	snprintf(address.sun_path, sizeof(address.sun_path), "%.*s", (int)strcspn(path, ","), path);
	channel->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unlink(address.sun_path);
	if (bind(channel->listener, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(channel->listener, 1) < 0) {
		perror("fake qemu");
		exit(1);
	}
}

/* Reads what has come, with a descriptor that may come along, and handles every whole line. */
static void receive(struct channel *channel, bool control)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} extra;
	struct iovec part = { channel->buffer + channel->used, sizeof(channel->buffer) - channel->used - 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = extra.space, .msg_controllen = sizeof(extra.space) };
	ssize_t got = recvmsg(channel->peer, &message, 0);
	char *newline;

	if (got <= 0) {
		close(channel->peer);
		channel->peer = -1;
		channel->used = 0;
		return;
	}
	if (CMSG_FIRSTHDR(&message) && extra.header.cmsg_type == SCM_RIGHTS)
		memcpy(&channel->passed, CMSG_DATA(&extra.header), sizeof(int));
	channel->used += (size_t)got;
	channel->buffer[channel->used] = '\0';
	while (channel->peer >= 0 && (newline = strchr(channel->buffer, '\n'))) {
		size_t length = (size_t)(newline + 1 - channel->buffer);

		*newline = '\0';
		if (control)
			control_line(channel, channel->buffer);
		else
			monitor_line(channel, channel->buffer);
		memmove(channel->buffer, channel->buffer + length, channel->used - length + 1);
		channel->used -= length;
	}
}

int main(int argc, char **argv)
{
	size_t monitors = 0;

	for (int i = 1; i + 1 < argc; i++) {
		if (strcmp(argv[i], "-accel") == 0)
			accelerator = argv[i + 1];
		else if (strcmp(argv[i], "-m") == 0)
			memory = strtoull(argv[i + 1], NULL, 10) << 20;
	}
	if (asked("kvm-exit") && strcmp(accelerator, "kvm") == 0) {
		fprintf(stderr, "fake qemu: no hardware here\n");
		return 1;
	}
	if (asked("stubborn"))
		signal(SIGTERM, SIG_IGN);
	for (int i = 1; i + 1 < argc; i++) {
		if (strcmp(argv[i], "-chardev") == 0 && strstr(argv[i + 1], "id=control"))
			listen_on(&channels[CONTROL], argv[i + 1], false);
		else if (strcmp(argv[i], "-qmp") == 0 && monitors < MONITORS)
			listen_on(&channels[1 + monitors++], argv[i + 1], true);
	}
	close(open("console.log", O_WRONLY | O_CREAT | O_TRUNC, 0600));
	for (size_t i = 0; i <= MONITORS; i++)
		channels[i].peer = channels[i].passed = -1;
	for (;;) {
		struct pollfd fds[1 + MONITORS];

		for (size_t i = 0; i <= MONITORS; i++)
			fds[i] = (struct pollfd){ .fd = channels[i].peer >= 0 ? channels[i].peer : channels[i].listener, .events = POLLIN };
		if (poll(fds, 1 + MONITORS, -1) < 0)
			return 1;
		for (size_t i = 0; i <= MONITORS; i++) {
			if (!fds[i].revents)
				continue;
			if (channels[i].peer >= 0) {
				receive(&channels[i], i == CONTROL);
			} else {
				channels[i].peer = accept4(channels[i].listener, NULL, NULL, SOCK_CLOEXEC);
				if (i != CONTROL)
					say(&channels[i], "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n");
			}
		}
	}
}
