/* What to say about commands that are not here: see missing.h. A row per reason; a name that gets its own command is found before this table is. */
#include "command/missing.h"

#include "command/arguments.h"
#include "command/command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 64 };

static const struct {
	const char *names; /* separated by blanks */
	const char *instead;
} missing[] = {
	{ "g gh gn gu gc pa pc pct ph pt ta tb tc tct th tt wt pr tr bp bu bm ba bl bc bd be br .restart .kill .attach .detach .create .reboot "
	  ".breakin",
	  "a dump cannot run; `t` shows a thread, `k` its stack, `u` code" },
	{ "eb ew ed eq ea eu ep ez f m !ed !eb", "a dump cannot be written to; `r $t0 = VALUE` keeps a value of one's own" },
	{ "!findstack findstack", "`us FILTER` shows the stacks that mention FILTER, `us -a FILTER` those of all processes" },
	{ "!uniqstack", "`us` shows identical stacks once" },
	{ "!deadlock", "Driver Verifier's records are not read; `us` and `t THREAD` show who waits, `obj -waiters OBJECT` for what" },
	{ "!qlocks", "`!running` shows each processor's queued spin locks, `!locks` the resources" },
	{ "!dml_proc", "`tl` lists the processes, `p PROCESS` shows one" },
	{ "!for_each_process", "`tl` lists the processes; `us -a` and `!process 0 7` look at all of them" },
	{ "!for_each_thread", "`us -a`, `!stacks 2` and `lt PROCESS` look at many threads" },
	{ "!for_each_module", "`lm v` shows all modules, `x *!PATTERN` symbols of all" },
	{ ".foreach .for .while .if .else .elsif .do .break .continue .block .catch .leave .printf $$> $< $>< $$>< $$>a< .script* as ad al",
	  "there is no command language; give several commands with `;`, filter with `| grep`, or take --json into a program" },
	{ "dx nt?? ?? .nvload .scriptload .scriptrun !js", "C++ and the data model are not evaluated; `? EXPRESSION` and `dt TYPE ADDRESS` are" },
	{ ".shell .shell*", "`COMMAND | SHELL COMMAND` hands a result to the shell" },
	{ ".load .loadby .chain .unload .unloadall .extpath",
	  "extensions cannot be loaded; the commands of kd's and MEX's that are here are built in" },
	{ ".symopt .srcpath .srcfix .lsrcpath", "`.sympath PATH` sets where symbols are looked for, `srv*CACHE*https://...` for a server" },
	{ ".exepath .imgpath", "`impasse -i PATH` sets where images are looked for" },
	{ ".dump .dumpcab", "`impasse convert IN OUT --type TYPE` writes a dump in another format" },
	{ ".opendump", "`impasse FILE` opens another dump" },
	{ ".trap", "`.ecxr` shows the registers of the crash, `.cxr ADDRESS` those of a context record" },
	{ ".frame dv", "local variables are not read; `kv` shows the words where arguments may be, `dps` the stack" },
	{ "lsa lsp l+ l- ls lse lsc", "sources are not shown; stacks and `ln ADDRESS` name file and line" },
	{ "n .formats .radix .enable_unicode", "numbers are hexadecimal, 0n marks decimal ones; `? EXPRESSION` shows both" },
	{ "!peb !teb !heap !dlls !gle !address", "kernel dumps hold little of the user half; `p PROCESS` shows where the PEB is" },
	{ "!wdfkd !ndiskd !storagekd !usbkd !net", "this extension is not here; `!drvobj`, `!devobj` and `dt` show a driver's objects" },
	{ "!sos !clrstack !dumpheap !dumpobj", ".NET is not read; `k` and `us` show native stacks" },
	{ "!verifier", "Driver Verifier's records are not read; `lm v` shows the drivers" },
	{ "!session !sessions", "`p PROCESS` and `!process` show the session that a process is in" },
	{ "!token !sid !acl !sd", "`p PROCESS` shows whose a process is; `dt nt!_TOKEN ADDRESS` shows a token" },
	{ "!sysinfo !smbios", "`di` shows maker, model and processor, `!cpuinfo` the processors" },
	{ "!vad !pfn !ca !ptov !memusage", "`!pte ADDRESS` and `!vtop` show how an address is mapped, `!vm` memory in brief" },
	{ "!idt !gdt !msr rdmsr wrmsr ib iw id ob ow od", "the processors' registers and tables are not read; `!pcr` and `r` show what there is" },
};

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to insert, delete or change to make `right` out of `left` (Levenshtein). */
static size_t distance(const char *left, const char *right)
{
	size_t row[NAME_SIZE], size = strlen(right);

	for (size_t i = 0; i <= size; i++)
		row[i] = i;
	for (size_t line = 1; *left; left++, line++) {
		size_t corner = row[0];

		row[0] = line;
		for (size_t i = 1; i <= size; i++) {
			size_t above = row[i];

			row[i] = least(least(row[i], row[i - 1]) + 1, corner + (tolower((unsigned char)*left) != right[i - 1]));
			corner = above;
		}
	}
	return row[size];
}

/* The command whose name is one letter off, or the same behind another mark ('!', '.'); NULL when there is none. */
static const char *nearest(const char *name, char *found, size_t size)
{
	size_t best = 2;

	for (size_t i = 0; i < imp_command_count; i++) {
		const char *names = imp_commands[i].names;
		char other[NAME_SIZE];

		while (imp_next_word(&names, other, sizeof(other))) {
			size_t away = distance(name, other);

			/* A short name is one letter off from everything. */
			if (away < best && strlen(name) > 2 && strlen(other) > 2) {
				best = away;
				snprintf(found, size, "%s", other);
			}
		}
	}
	return best < 2 ? found : NULL;
}

static const char *instead_of(const char *name)
{
	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
		const char *names = missing[i].names;
		char other[NAME_SIZE];

		while (imp_next_word(&names, other, sizeof(other))) {
			if (!strcasecmp(other, name))
				return missing[i].instead;
		}
	}
	return NULL;
}

struct imp_error *imp_command_missing(const char *text)
{
	char name[NAME_SIZE] = "", other[NAME_SIZE];
	const char *instead, *near;

	imp_next_word(&text, name, sizeof(name));
	instead = instead_of(name);
	if (instead)
		return imp_error_new(IMP_ERROR_USAGE, "there is no %s here: %s", name, instead);
	if (!strncasecmp(name, "!mex.", strlen("!mex.")))
		return imp_error_new(IMP_ERROR_USAGE, "no command of MEX here is named '%s'; there are di, tl, p, us, t, lt, evt and obj", name);
	near = nearest(name, other, sizeof(other));
	if (near)
		return imp_error_new(IMP_ERROR_USAGE, "no command is named '%s'; there is %s", name, near);
	return imp_error_new(IMP_ERROR_USAGE, "no command is named '%s'; .help lists them", name);
}
