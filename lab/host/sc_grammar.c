/* Reading sc.exe's command line; see sc_grammar.h. */

#include "sc_grammar.h"

#include <string.h>
#include <strings.h>

#define NAME_MAX_LENGTH 256

const char imp_sc_usage[] = "usage:\n"
			    "  impasse sc create NAME type= kernel binPath= C:\\...\\DRIVER.sys [start= demand] [error= normal] [DisplayName= TEXT]\n"
			    "  impasse sc start NAME\n"
			    "  impasse sc stop NAME\n"
			    "  impasse sc delete NAME\n"
			    "  impasse sc query [NAME] [state= active|inactive|all]\n"
			    "A binPath of this host is copied to C:\\Windows\\System32\\drivers. With --json the result is an object.\n";

static const struct verb {
	const char *word;
	enum imp_sc_verb verb;
	bool needs_name;
	bool takes_more; /* what follows is not ours: `start` hands it to a service program, a driver never sees it */
} verbs[] = {
	{ "create", IMP_SC_CREATE, true, false }, { "start", IMP_SC_START, true, true },   { "stop", IMP_SC_STOP, true, false },
	{ "delete", IMP_SC_DELETE, true, false }, { "query", IMP_SC_QUERY, false, false }, { "help", IMP_SC_HELP, false, true },
	{ "--help", IMP_SC_HELP, false, true },   { "/?", IMP_SC_HELP, false, true },
};

enum option_id { OPTION_TYPE, OPTION_START, OPTION_ERROR, OPTION_BINPATH, OPTION_DISPLAY, OPTION_STATE, OPTION_QUERY_TYPE, OPTION_OTHER };

/* Options by verb. What sc.exe knows and a driver in the lab has no use for is refused in words rather than dropped. */
static const struct option {
	enum imp_sc_verb verb;
	const char *key;
	enum option_id id;
	const char *values; /* words it may have, separated by blanks; NULL: any text */
} options[] = {
	{ IMP_SC_CREATE, "type", OPTION_TYPE, "kernel" },
	{ IMP_SC_CREATE, "start", OPTION_START, "boot system auto demand disabled" },
	{ IMP_SC_CREATE, "error", OPTION_ERROR, "normal severe critical ignore" },
	{ IMP_SC_CREATE, "binpath", OPTION_BINPATH, NULL },
	{ IMP_SC_CREATE, "displayname", OPTION_DISPLAY, NULL },
	{ IMP_SC_CREATE, "group", OPTION_OTHER, NULL },
	{ IMP_SC_CREATE, "tag", OPTION_OTHER, NULL },
	{ IMP_SC_CREATE, "depend", OPTION_OTHER, NULL },
	{ IMP_SC_CREATE, "obj", OPTION_OTHER, NULL },
	{ IMP_SC_CREATE, "password", OPTION_OTHER, NULL },
	{ IMP_SC_QUERY, "state", OPTION_STATE, "active inactive all" },
	{ IMP_SC_QUERY, "type", OPTION_QUERY_TYPE, "driver kernel all" },
};

/* The word of the blank-separated `values` that equals `text` without case, as a constant; NULL when none does. */
static const char *canonical(const char *values, const char *text)
{
	static const char *const words[] = { "kernel", "boot",     "system", "auto",   "demand",   "disabled", "normal",
					     "severe", "critical", "ignore", "active", "inactive", "all",      "driver" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *at = strcasecmp(words[i], text) == 0 ? strstr(values, words[i]) : NULL;
		size_t length = strlen(words[i]);

		/* "active" also ends "inactive". */
		while (at && !((at == values || at[-1] == ' ') && (at[length] == ' ' || !at[length])))
			at = strstr(at + 1, words[i]);
		if (at)
			return words[i];
	}
	return NULL;
}

static struct imp_error *set(struct imp_sc_request *request, const struct option *option, const char *value, bool *typed)
{
	const char *word = option->values ? canonical(option->values, value) : value;

	if (!word && option->id == OPTION_TYPE)
		return imp_error_new(IMP_ERROR_USAGE, "type= %s: the lab runs kernel drivers only (type= kernel)", value);
	if (!word)
		return imp_error_new(IMP_ERROR_USAGE, "%s= takes one of: %s; not %s", option->key, option->values, value);
	switch (option->id) {
	case OPTION_TYPE:
		*typed = true;
		break;
	case OPTION_START:
		request->start = word;
		break;
	case OPTION_ERROR:
		request->error = word;
		break;
	case OPTION_BINPATH:
		request->binpath = word;
		break;
	case OPTION_DISPLAY:
		request->display = word;
		break;
	case OPTION_STATE:
		request->states = word[0] == 'i' ? IMP_SC_INACTIVE : strcmp(word, "all") == 0 ? IMP_SC_ALL : IMP_SC_ACTIVE;
		break;
	case OPTION_QUERY_TYPE:
		break; /* every service of the lab is a kernel driver */
	case OPTION_OTHER:
		return imp_error_new(IMP_ERROR_USAGE, "%s= is not known to the lab, whose services are single kernel drivers", option->key);
	}
	return NULL;
}

static const struct option *find_option(enum imp_sc_verb verb, const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (options[i].verb == verb && strlen(options[i].key) == length && strncasecmp(options[i].key, text, length) == 0)
			return &options[i];
	}
	return NULL;
}

/* Reads `key= value` and `key=value` pairs. */
static struct imp_error *parse_options(int argc, char **argv, int at, struct imp_sc_request *request, bool *typed)
{
	while (at < argc) {
		const char *equals = strchr(argv[at], '=');
		const struct option *option = equals ? find_option(request->verb, argv[at], (size_t)(equals - argv[at])) : NULL;
		const char *value;
		struct imp_error *err;

		if (!option)
			return imp_error_new(IMP_ERROR_USAGE, "%s is no option here%s", argv[at], equals ? "" : " (an option is `key= value`)");
		/* `binPath= C:\...` may come as one argument or as two. */
		value = equals + 1 + strspn(equals + 1, " ");
		if (!*value)
			value = ++at < argc ? argv[at] : NULL;
		if (!value)
			return imp_error_new(IMP_ERROR_USAGE, "%s= needs a value", option->key);
		err = set(request, option, value, typed);
		if (err)
			return err;
		at++;
	}
	return NULL;
}

static struct imp_error *check_create(const struct imp_sc_request *request, bool typed)
{
	if (!request->binpath || !*request->binpath)
		return imp_error_new(IMP_ERROR_USAGE, "create needs binPath= and the path of the driver");
	if (!typed)
		return imp_error_new(IMP_ERROR_USAGE, "create needs type= kernel: without it sc creates a service program, which the lab cannot run");
	if (strlen(request->name) > NAME_MAX_LENGTH || !*request->name || strpbrk(request->name, "/\\"))
		return imp_error_new(IMP_ERROR_USAGE, "a service name has 1 to %d characters and no slash or backslash", NAME_MAX_LENGTH);
	return NULL;
}

/* Takes `--json` out of argv, unless it is the value of an option. */
static bool take_json(int *argc, char **argv)
{
	bool found = false;
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		bool is_value = i > 1 && argv[i - 1][0] && argv[i - 1][strlen(argv[i - 1]) - 1] == '=';

		if (!is_value && strcmp(argv[i], "--json") == 0)
			found = true;
		else
			argv[kept++] = argv[i];
	}
	*argc = kept;
	return found;
}

struct imp_error *imp_sc_parse(int argc, char **argv, struct imp_sc_request *request)
{
	const struct verb *verb = NULL;
	bool typed = false;
	struct imp_error *err;
	int at = 2;

	*request = (struct imp_sc_request){ .verb = IMP_SC_HELP, .start = "demand", .error = "normal", .json = take_json(&argc, argv) };
	if (argc < 2)
		return imp_error_new(IMP_ERROR_USAGE, "a command is missing");
	if (strncmp(argv[1], "\\\\", 2) == 0)
		return imp_error_new(IMP_ERROR_USAGE, "%s: other machines cannot be reached; without it sc speaks to the lab", argv[1]);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcasecmp(argv[1], verbs[i].word) == 0)
			verb = &verbs[i];
	}
	if (!verb)
		return imp_error_new(IMP_ERROR_USAGE, "%s is no command of sc that the lab knows", argv[1]);
	request->verb = verb->verb;
	if (at < argc && (verb->needs_name || !strchr(argv[at], '=')))
		request->name = argv[at++];
	if (verb->needs_name && !request->name)
		return imp_error_new(IMP_ERROR_USAGE, "%s needs the name of a service", verb->word);
	if (verb->takes_more)
		return NULL;
	err = parse_options(argc, argv, at, request, &typed);
	if (!err && request->verb == IMP_SC_CREATE)
		err = check_create(request, typed);
	return err;
}
