/* Splitting a line: see line.h. */
#include "command/line.h"

#include "command/arguments.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool is_blank(char c)
{
	return !c || c == ' ' || c == '\t';
}

/* Where a scan of a command stands. */
struct scan {
	bool in_shell; /* behind the bar */
	char quote;    /* inside this one; 0: none */
	int depth;     /* of parentheses and brackets */
	bool is_expression;
};

static struct scan start_scan(const char *command)
{
	return (struct scan){ .is_expression = *imp_skip_blanks(command) == '?' };
}

/* Takes the character `at` of `from`. Returns true when it is the bar. */
static bool advance(struct scan *scan, const char *from, const char *at)
{
	char c = *at;

	if (scan->quote) {
		if (c == scan->quote)
			scan->quote = 0;
		return false;
	}
	if (c == '"' || (c == '\'' && scan->in_shell)) {
		scan->quote = c;
		return false;
	}
	scan->depth += c == '(' || c == '[';
	scan->depth -= (c == ')' || c == ']') && scan->depth > 0;
	if (c != '|' || scan->in_shell || scan->depth || scan->is_expression || at == from || !is_blank(at[-1]) || !is_blank(at[1]))
		return false;
	scan->in_shell = true;
	return true;
}

const char *imp_command_next(const char *line, char *text, size_t size)
{
	struct scan scan;
	const char *from;
	size_t length = 0;

	/* Remarks: $$ up to the next ';', * up to the end. */
	for (; *line == ';' || isspace((unsigned char)*line) || !strncmp(line, "$$", 2); line++) {
		if (*line == '$')
			line += strcspn(line, ";") - 1;
	}
	if (!*line || *line == '*')
		return NULL;
	scan = start_scan(line);
	for (from = line; *line && (scan.quote || *line != ';'); line++) {
		advance(&scan, from, line);
		if (length + 1 < size)
			text[length++] = *line;
	}
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	text[length] = '\0';
	return line;
}

char *imp_command_bar(char *text)
{
	struct scan scan = start_scan(text);
	char *shell, *end;

	for (shell = text; *shell && !advance(&scan, text, shell); shell++)
		;
	if (!*shell)
		return NULL;
	for (end = shell; end > text && is_blank(end[-1]); end--)
		;
	*end = '\0';
	return shell + 1;
}
