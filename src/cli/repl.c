/* The prompt: line editing, history and completion on a terminal; plain reading otherwise. */
#include "cli/cli.h"
#include "cli/history.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

enum { MOST_SHOWN = 200, DEFAULT_COLUMNS = 80 };

static char *show_prompt(EditLine *editor)
{
	struct imp_front *front;

	el_get(editor, EL_CLIENTDATA, &front);
	return front->prompt;
}

/* The candidates for a word: the first ones for the eye, and what all have in common. */
struct candidates {
	char *shown[MOST_SHOWN];
	size_t count, longest;
	char *common;
};

static bool add_candidate(void *context, const char *word)
{
	struct candidates *all = context;
	size_t length = strlen(word), same = 0;

	for (size_t i = 0; i < all->count && i < MOST_SHOWN; i++) {
		if (!strcmp(all->shown[i], word))
			return true;
	}
	if (!all->common && !(all->common = strdup(word)))
		return false;
	while (word[same] && word[same] == all->common[same])
		same++;
	all->common[same] = '\0';
	if (all->count < MOST_SHOWN) {
		all->shown[all->count] = strdup(word);
		if (!all->shown[all->count])
			return false;
		all->longest = length > all->longest ? length : all->longest;
	}
	all->count++;
	return true;
}

static void forget_candidates(struct candidates *all)
{
	for (size_t i = 0; i < all->count && i < MOST_SHOWN; i++)
		free(all->shown[i]);
	free(all->common);
}

static int compare_words(const void *left, const void *right)
{
	return strcasecmp(*(char *const *)left, *(char *const *)right);
}

static void list_candidates(struct candidates *all)
{
	struct winsize screen;
	unsigned columns = ioctl(STDOUT_FILENO, TIOCGWINSZ, &screen) < 0 || !screen.ws_col ? DEFAULT_COLUMNS : screen.ws_col;
	size_t shown = all->count < MOST_SHOWN ? all->count : MOST_SHOWN, width = all->longest + 2, across = columns / width ? columns / width : 1;
	size_t down = (shown + across - 1) / across;

	qsort(all->shown, shown, sizeof(*all->shown), compare_words);
	putchar('\n');
	for (size_t row = 0; row < down; row++) {
		for (size_t i = row; i < shown; i += down)
			printf("%-*s", i + down < shown ? (int)width : 0, all->shown[i]);
		putchar('\n');
	}
	if (all->count > shown)
		printf("... and %zu or more others\n", all->count - shown);
}

static unsigned char complete(EditLine *editor, int key)
{
	const LineInfo *line = el_line(editor);
	size_t length = (size_t)(line->cursor - line->buffer), from, typed;
	char *text = strndup(line->buffer, length);
	struct candidates all = { 0 };
	struct imp_front *front;
	unsigned char result = CC_ERROR;

	(void)key;
	el_get(editor, EL_CLIENTDATA, &front);
	if (!text)
		return CC_ERROR;
	from = imp_engine_complete(front->engine, text, add_candidate, &all);
	typed = length - from;
	/* What is common may be written in another case than what was typed. */
	if (all.common && (all.count == 1 || strlen(all.common) > typed || (strlen(all.common) == typed && strcmp(all.common, text + from) != 0))) {
		size_t size = strlen(all.common);

		el_deletestr(editor, (int)typed);
		el_insertstr(editor, all.common);
		if (all.count == 1 && size && all.common[size - 1] != '!')
			el_insertstr(editor, " ");
		result = CC_REFRESH;
	} else if (all.count) {
		list_candidates(&all);
		fflush(stdout);
		result = CC_REDISPLAY;
	}
	forget_candidates(&all);
	free(text);
	return result;
}

static volatile sig_atomic_t stopped_typing;

/* Where keys come from. Ctrl-C takes back the keys that were not read yet, also one that poll has just reported: reading must not wait for the next. So
 * this is an open file of our own, which does not wait; where the terminal cannot be opened again (after su), it is standard input.
 */
static int keys = STDIN_FILENO;

static void on_interrupt(int signal)
{
	(void)signal;
	stopped_typing = 1;
}

/* libedit's own reader would miss a Ctrl-C that comes between two of its reads, and wait for the next key. So SIGINT is only let in while we wait for
 * a key, and what came before is looked at first.
 */
static int wait_for_key(void)
{
	struct pollfd key = { .fd = keys, .events = POLLIN };
	sigset_t interrupt, before;
	int ready;

	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(SIG_BLOCK, &interrupt, &before);
	do
		ready = stopped_typing ? -1 : ppoll(&key, 1, NULL, &before);
	while (ready < 0 && errno == EINTR && !stopped_typing);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ready;
}

/* EL_GETCFN: 1 with a character, 0 at the end of the input, -1 on Ctrl-C and errors. Bytes that are no character are left out. */
static int read_character(EditLine *editor, wchar_t *character)
{
	mbstate_t state = { 0 };
	char byte;

	(void)editor;
	for (;;) {
		ssize_t got = wait_for_key() < 0 ? -1 : read(keys, &byte, 1);

		if (got < 0 && !stopped_typing && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0)
			return (int)got;
		switch (mbrtowc(character, &byte, 1, &state)) {
		case (size_t)-2: /* the next byte goes on with it */
			break;
		case (size_t)-1:
			memset(&state, 0, sizeof(state));
			break;
		default:
			return 1;
		}
	}
}

/* Reads a line with Ctrl-C giving up the line that is being typed. NULL at the end of the input. */
static const char *read_line(EditLine *editor)
{
	const char *line;
	int length;

	for (;;) {
		/* libedit shows the prompt first: what is typed at once would still be the terminal's to echo and, for Ctrl-D, to swallow. */
		el_set(editor, EL_PREP_TERM, 1);
		line = el_gets(editor, &length);
		if (line || !stopped_typing)
			break;
		stopped_typing = 0;
		puts("^C");
		el_reset(editor);
	}
	return line && length > 0 ? line : NULL;
}

static void edit_lines(struct imp_front *front)
{
	History *past = imp_history_new();
	EditLine *editor = el_init("impasse", stdin, stdout, stderr);
	/* Also between commands, where it must not end the session. Restarting: what is being written is not lost. */
	struct sigaction interrupt = { .sa_handler = on_interrupt, .sa_flags = SA_RESTART }, before;
	const char *line;

	if (!editor || !past) {
		fputs("impasse: the terminal cannot be used for editing\n", stderr);
		return;
	}
	setlocale(LC_CTYPE, ""); /* what is typed is in the terminal's encoding */
	keys = open("/proc/self/fd/0", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (keys < 0)
		keys = STDIN_FILENO;
	sigaction(SIGINT, &interrupt, &before);
	el_set(editor, EL_CLIENTDATA, front);
	el_set(editor, EL_GETCFN, read_character);
	el_set(editor, EL_PROMPT, show_prompt);
	el_set(editor, EL_EDITOR, "emacs");
	el_set(editor, EL_HIST, history, past);
	el_set(editor, EL_ADDFN, "complete", "Complete a word", complete);
	el_set(editor, EL_BIND, "^I", "complete", NULL);
	el_set(editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_source(editor, NULL);
	while (!front->quit && (line = read_line(editor))) {
		if (line[strspn(line, " \t\r\n;")])
			imp_history_add(past, line);
		imp_front_run(front, line, false);
	}
	if (!front->quit)
		putchar('\n');
	history_end(past);
	el_end(editor);
	sigaction(SIGINT, &before, NULL);
	if (keys != STDIN_FILENO)
		close(keys);
}

bool imp_repl(struct imp_front *front)
{
	char *line = NULL;
	size_t size = 0;
	bool ok = true;

	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !front->json) {
		edit_lines(front);
		return true; /* a mistake at the prompt has been seen; it is not the program's result */
	}
	while (!front->quit && !front->interrupted && getline(&line, &size, stdin) > 0)
		ok &= imp_front_run(front, line, false);
	free(line);
	return ok;
}
