/* The table of commands, and running a line of them. */
#include "command/commands.h"
#include "command/missing.h"
#include "symbols/path_elements.h"

#include <string.h>

/* A heading of .help: the rows below it are of this family. */
#define IMP_FAMILY(title) { "", title, "", "", NULL }

const struct imp_command imp_commands[] = {
	IMP_FAMILY("The dump and its system"),
	{ "di", "di", "which machine and system the dump is of",
	  "Dump information: system, build, kernel base, times (in the time zone of TZ), machine, bugcheck. What the dump does not hold is 'Not "
	  "Found'.",
	  imp_command_di },
	{ "vertarget", "vertarget", "the system in brief: version, build, times", "", imp_command_vertarget },
	{ "version", "version", "this program and its libraries, and what it is allowed to do", "", imp_command_version },
	{ ".time", ".time", "when the dump was taken, and how long the system had run", "In the time zone of TZ.", imp_command_time },
	{ ".lastevent", ".lastevent", "what stopped the system: its bugcheck", "", imp_command_lastevent },
	{ ".effmach", ".effmach", "the kind of processor", "Only x64 dumps are read.", imp_command_effmach },
	IMP_FAMILY("Processes, threads and stacks"),
	{ "tl", "tl [FILTER]", "list processes",
	  "FILTER is part of a name, a pattern with * and ?, or a PID (hexadecimal, or 0n decimal). Processes that have ended but are still "
	  "referenced"
	  " (zombies) are counted, not shown.",
	  imp_command_tl },
	{ "p", "p [PROCESS]", "one process: identity, times, memory",
	  "PROCESS is the address of an EPROCESS or a process ID; the current process without it.", imp_command_p },
	{ "us uniqstack", "us [-a] [FILTER]", "stacks of the current process's threads, identical ones together",
	  "FILTER is part of any frame's text (module, function, source file), in any case, or a pattern with * and ?. -a looks at all processes.\n"
	  "A frame <Unloaded_X.sys>+0x.. is in a driver that is no longer in memory. When the driver's image file is found by name and size in the "
	  "image"
	  " path (-i), the stack goes on through it and the frame is marked [X!Function+0x.. from file]; otherwise it ends there.",
	  imp_command_us },
	{ "t", "t [THREAD]", "one thread: times, what it waits for, priorities, stack",
	  "THREAD is the address of an ETHREAD; the current thread without it. The source line of a frame is that of the call it is in.",
	  imp_command_t },
	{ "lt listthreads", "lt [PROCESS]", "the threads of a process: times, state, where they wait",
	  "PROCESS is the address of an EPROCESS; the current process without it. Wait Function is explained in .help obj.", imp_command_lt },
	{ "evt", "evt EVENT", "an event (KEVENT) with its fields, state and number of waiters", "EVENT is the address of a KEVENT.",
	  imp_command_evt },
	{ "obj", "obj [-waiters] OBJECT", "a dispatcher object; the threads that wait for it",
	  "Wait Function is the frame that asked for the wait: the first one outside the kernel's own wait routines.", imp_command_obj },
	{ "k kn kp kP", "k [THREAD] [COUNT]", "the stack of a thread",
	  "THREAD is the address of an ETHREAD; the current thread without it. COUNT is the number of frames to show.", imp_command_k },
	{ "kb", "kb [THREAD] [COUNT]", "a stack with the words where arguments may have been stored",
	  "Args to Child are the four words above a frame's return address: the first four arguments only if the function has stored them there.",
	  imp_command_kb },
	{ "kv", "kv [THREAD] [COUNT]", "as kb, with the stack pointers", "See .help kb.", imp_command_kv },
	{ "kL knL", "kL [THREAD] [COUNT]", "a stack without source lines", "", imp_command_kL },
	{ "kf knf", "kf [THREAD] [COUNT]", "a stack with the bytes that each frame takes", "", imp_command_kf },
	{ "kc", "kc [THREAD] [COUNT]", "the call sites of a stack", "", imp_command_kc },
	{ "r", "r [REGISTER[, ...]] | r $tN [= EXPRESSION]", "the registers of the current thread; the user's own, $t0 to $t19",
	  "Of a thread that does not run, only what its last switch saved is known: rip, rsp and rbp.", imp_command_r },
	{ "~", "~Ns | ~N COMMAND | ~* COMMAND", "choose processor N, with the thread that it runs; run a command for one or all",
	  "~*k shows the stacks of the threads that the processors run.", imp_command_choose_processor },
	IMP_FAMILY("The crash"),
	{ "!analyze", "!analyze [-v] | -show CODE [P1 P2 P3 P4]", "the bug check, what its parameters mean, and whose code it was",
	  "-v shows the exception, its registers and the stack too. -show explains a code with its parameters. The conclusion names the module of "
	  "the "
	  "instruction that went wrong, or the first one on the stack that is not the kernel's: where to look first, not a proof.",
	  imp_command_analyze },
	{ ".bugcheck", ".bugcheck", "the code and the parameters of the bug check", "", imp_command_bugcheck },
	{ ".exr", ".exr ADDRESS | -1", "an exception record; -1 is that of the crash", "", imp_command_exr },
	{ ".cxr", ".cxr [ADDRESS]", "make a context record the one that r, k and @rip speak of",
	  "Without ADDRESS the thread's own registers count again, as they do after .thread and ~Ns.", imp_command_cxr },
	{ ".ecxr", ".ecxr", "as .cxr, with the context record of the crash", "", imp_command_ecxr },
	{ ".enumtag", ".enumtag [-a]", "the secondary data behind the dump's memory",
	  "Each piece has a GUID, which its writer knows (a driver, for its bug check callback). -a shows all of its bytes, not only the first 64.",
	  imp_command_enumtag },
	IMP_FAMILY("Modules, symbols, types"),
	{ "lm", "lm [v|f|n|t|o] [m PATTERN]", "loaded and unloaded modules",
	  "PATTERN matches names (* and ?). v opens each module's symbols and shows more of it; without it only symbols in use are shown as loaded. "
	  "f shows the images' paths instead of that, n their names, t their time stamps (of a reproducible build a hash); o leaves out what was "
	  "unloaded.",
	  imp_command_lm },
	{ "!lmi", "!lmi MODULE | ADDRESS", "one module: its image, the PDB that it names, and where its symbols come from", "", imp_command_lmi },
	{ ".sympath", ".sympath[+] [PATH]", "show, set or add to the symbol path",
	  "PATH is folders, stores and servers separated by ';': srv*STORE*SERVER asks SERVER and keeps what it has in STORE, cache*STORE keeps what "
	  "the "
	  "elements behind it find, srv* alone is Microsoft's server with the default store ($XDG_CACHE_HOME/impasse/symbols). Nothing goes over the "
	  "network unless a path names a server. See docs/symbols.md.",
	  imp_command_sympath },
	{ ".symfix", ".symfix[+] [STORE]", "take symbols from Microsoft's public server",
	  "The path becomes (with +, gets) srv*STORE*" IMP_MICROSOFT_SERVER "; without STORE the default store is used. .reload then loads symbols.",
	  imp_command_symfix },
	{ ".reload", ".reload [/f] [MODULE]", "look for symbols again",
	  "Without /f symbols are loaded when they are needed. /f loads those of all modules, or of MODULE (* and ? allowed), now, and asks servers "
	  "again "
	  "for what they did not have before.",
	  imp_command_reload },
	{ "!sym", "!sym [noisy|quiet]", "whether commands show where symbols were looked for", "", imp_command_sym },
	{ "dt", "dt [-rN | -b] [-a] [-v] [MODULE!]TYPE [FIELD ...] [ADDRESS] [-l FIELD]", "a type, a variable, or the value of either",
	  "TYPE with * or ? lists matching types; a variable's name shows it. Each FIELD (* and ? allowed, -y FIELD: a name's beginning) is shown, "
	  "with "
	  "dots or -> and [N] what is below it: Header.SignalState, WaitBlock[1].Thread; a dot at its end shows all of its own fields. -rN goes N "
	  "levels "
	  "down, through pointers, -b into nested structures only; -a shows each element of arrays, -v kinds and sizes. -l follows the list that "
	  "FIELD links.",
	  imp_command_dt },
	{ "x", "x [MODULE!]PATTERN", "symbols whose names match", "* and ? stand for any characters, in the module's name too. Without MODULE: nt.",
	  imp_command_x },
	{ "ln", "ln ADDRESS", "the symbol and source line at an address", "", imp_command_ln },
	{ "?", "? EXPRESSION", "evaluate",
	  "Numbers are hexadecimal; 0n is decimal, 0t octal, 0y binary; ` may stand between digits. Symbols (nt!Name), registers of the current "
	  "thread (@rsp, @rip, ...), $t0 to $t19, poi(), qwo(), dwo(), wo(), by(), @$proc, @$thread, * / % + - << >> & ^ | ~ (mod, and, xor, or, "
	  "not), "
	  "parentheses, and casts in C's writing to integers and pointers: (unsigned char)x, (ULONG)x, (nt!_EVENT*)x.",
	  imp_command_evaluate },
	IMP_FAMILY("Memory"),
	{ "db", "db [ADDRESS] [L COUNT]", "memory as bytes and text", "", imp_command_db },
	{ "dw", "dw [ADDRESS] [L COUNT]", "memory as 16-bit words", "", imp_command_dw },
	{ "dd", "dd [ADDRESS] [L COUNT]", "memory as 32-bit words", "", imp_command_dd },
	{ "dq dp", "dq [ADDRESS] [L COUNT]", "memory as 64-bit words", "", imp_command_dq },
	{ "dps dqs", "dps [ADDRESS] [L COUNT]", "memory as addresses with their symbols", "", imp_command_dps },
	{ "dds", "dds [ADDRESS] [L COUNT]", "32-bit words as addresses with their symbols", "", imp_command_dds },
	{ "dpp dqp", "dpp [ADDRESS] [L COUNT]", "pointers, and the words that they point to", "ddp takes 32-bit pointers.", imp_command_dpp },
	{ "ddp", "ddp [ADDRESS] [L COUNT]", "32-bit pointers, and the words that they point to", "", imp_command_ddp },
	{ "dpa dqa", "dpa [ADDRESS] [L COUNT]", "pointers to strings of 8-bit characters", "dda takes 32-bit pointers.", imp_command_dpa },
	{ "dda", "dda [ADDRESS] [L COUNT]", "32-bit pointers to strings of 8-bit characters", "", imp_command_dda },
	{ "dpu dqu", "dpu [ADDRESS] [L COUNT]", "pointers to strings of 16-bit characters", "ddu takes 32-bit pointers.", imp_command_dpu },
	{ "ddu", "ddu [ADDRESS] [L COUNT]", "32-bit pointers to strings of 16-bit characters", "", imp_command_ddu },
	{ "ds", "ds ADDRESS", "a counted string: STRING or ANSI_STRING", "Case tells ds and dS apart.", imp_command_ds },
	{ "dS", "dS ADDRESS", "a counted string: UNICODE_STRING", "Case tells ds and dS apart.", imp_command_dS },
	{ "da", "da ADDRESS", "a string of 8-bit characters", "", imp_command_da },
	{ "du", "du ADDRESS", "a string of 16-bit characters", "", imp_command_du },
	{ "s", "s [-b|-w|-d|-q] ADDRESS (L COUNT | END) VALUES | -a|-u ADDRESS (L COUNT | END) TEXT", "search memory",
	  "For a sequence of bytes (-b, also without an option), of 16-, 32- or 64-bit values, or for TEXT in 8-bit (-a) or 16-bit (-u) characters. "
	  "COUNT "
	  "is in elements. What the dump does not hold is passed over. L?COUNT allows more than 256 MiB.",
	  imp_command_search },
	{ "dl", "dl ADDRESS [COUNT [SIZE]]", "a linked list: SIZE words of each entry",
	  "COUNT is 20 (hexadecimal) and SIZE 2 without them; the list ends where it leads back to its head or to 0.", imp_command_dl },
	{ "dlb", "dlb ADDRESS [COUNT [SIZE]]", "a linked list backward", "As dl, along the second word of each entry.", imp_command_dlb },
	{ "!list", "!list [-t nt!TYPE.FIELD] [-x \"COMMAND\"] [-a \"ARGUMENTS\"] [-m LIMIT] ADDRESS", "run a command for each element of a list",
	  "FIELD is the pointer that leads on: a LIST_ENTRY's Flink, or a pointer to the next element; without -t the first word. ADDRESS is the "
	  "first "
	  "element, not the list's head. @$extret in COMMAND is the element's address; without it the address is put behind COMMAND, ARGUMENTS after "
	  "it. "
	  "The list ends at 0, where it leads back to ADDRESS, or after LIMIT elements.",
	  imp_command_list },
	IMP_FAMILY("Code"),
	{ "u", "u [ADDRESS] [L COUNT | END]", "code as instructions",
	  "COUNT is a number of instructions (8 without it). Without ADDRESS it goes on where the last u ended, at first at @rip. Code that the dump "
	  "lacks is read from the module's image file when one of its name, time stamp and size is in the image path (-i).",
	  imp_command_u },
	{ "ub", "ub [ADDRESS] [L COUNT]", "the instructions before an address",
	  "They are found by decoding from the start of the function, or by trying starts where no function is known.", imp_command_ub },
	{ "uf", "uf [/c] [ADDRESS]", "the whole function that covers an address, block by block",
	  "The function is what .pdata and its symbol say, with the parts that lie elsewhere. /c shows only its calls.", imp_command_uf },
	IMP_FAMILY("The kernel's lists"),
	{ "!process", "!process [ADDRESS [FLAGS [IMAGE]]]", "processes and their threads",
	  "ADDRESS may be a process ID; 0 means all, -1 the current one. FLAGS: 2 threads, 4 their stacks; 7 is everything.", imp_command_process },
	{ "!thread", "!thread [THREAD [FLAGS]]", "one thread, as WinDbg shows it: what it waits for, its IRPs, owner, times, stack",
	  "THREAD is the address of an ETHREAD; the current thread without it or with -1. FLAGS: 2 what it waits for, 4 everything (6 without "
	  "FLAGS).",
	  imp_command_thread },
	{ "!running", "!running [-i] [-t]", "what each processor runs",
	  "-i shows idle processors too, -t the stacks. The letters are the queued spin locks: O owned, W waited for.", imp_command_running },
	{ "!ready", "!ready", "the threads that are ready to run, by processor and priority", "", imp_command_ready },
	{ "!stacks", "!stacks [0|2] [FILTER]", "all threads and what they are blocked in",
	  "2 shows their stacks. FILTER is part of a frame's text, or a pattern with * and ?.", imp_command_stacks },
	IMP_FAMILY("Processors"),
	{ "!prcb", "!prcb [N]", "the processor control block of processor N (decimal)", "The current processor without N.", imp_command_prcb },
	{ "!pcr", "!pcr [N]", "the processor control region of processor N (decimal)", "The current processor without N.", imp_command_pcr },
	{ "!irql", "!irql [N]", "the interrupt request level of processor N (decimal) when the machine was stopped",
	  "The current processor without N.", imp_command_irql },
	{ "!cpuinfo", "!cpuinfo [N]", "the processors: family, model, stepping, maker, clock", "", imp_command_cpuinfo },
	IMP_FAMILY("Objects, drivers, handles"),
	{ "!object", "!object ADDRESS | PATH", "an object: type, counts, name; a directory with what is in it",
	  "PATH is a name in the object manager's name space, as in !object \\Driver. Links are not followed.", imp_command_object },
	{ "!handle", "!handle [HANDLE [FLAGS [PROCESS]]]", "the handles of a process",
	  "HANDLE 0 means all, as without it. FLAGS: 1 objects' counts and types, 2 names (3 without FLAGS). PROCESS is the address of an EPROCESS "
	  "or a "
	  "process ID; the current process without it.",
	  imp_command_handle },
	{ "!drvobj", "!drvobj NAME | ADDRESS [FLAGS]", "a driver object: its devices and routines",
	  "NAME is a path or a name in \\Driver or \\FileSystem. FLAGS: 1 devices (so without FLAGS), 2 entry points and dispatch routines, 4 the "
	  "devices in detail; 7 is everything.",
	  imp_command_drvobj },
	{ "!devobj", "!devobj PATH | ADDRESS", "a device object", "PATH is a name in the object manager's name space, as in \\Device\\X.",
	  imp_command_devobj },
	{ "!irp", "!irp ADDRESS [DETAIL]", "an I/O request packet: its stack locations, where it is, what is pending",
	  "The location marked > is the current one: the driver that has the packet now. DETAIL 1 shows the packet's own fields. !irpfind lists "
	  "packets.",
	  imp_command_irp },
	{ "!irpfind", "!irpfind", "the IRPs on the lists of threads",
	  "Packets that no thread has on its IrpList (of drivers of their own) are not found so.", imp_command_irpfind },
	{ "!hang hang", "!hang [--max-wait SECONDS] [--dot]",
	  "the verdict: which threads can never run again, why, and which source lines to look at",
	  "Builds the graph of who waits for what and who could end it: owners from locks, and for objects without one the calls in code that would "
	  "signal them, "
	  "ahead of each thread and in the routines of drivers that can still be called. A thread is stuck when everybody who could end its wait is "
	  "stuck "
	  "himself.\n"
	  "--dot writes the graph of what is stuck for Graphviz. --max-wait also lists waits that are longer and not proven to be stuck. impasse "
	  "hang FILE does the same from a shell: exit code 0 nothing "
	  "is stuck, 2 "
	  "something is, 1 error.",
	  imp_command_hang },
	{ "!locks", "!locks [-v] [ADDRESS]", "executive resources (ERESOURCE): owners, contention, waiters",
	  "Without ADDRESS those that are held; -v shows free ones too. <*> follows the number of times that a thread holds a resource.",
	  imp_command_locks },
	{ "!timer", "!timer", "the timers that are set, by processor: when they are due, and what they run or wake", "", imp_command_timer },
	{ "!dpcs", "!dpcs", "the deferred procedure calls that are queued, by processor", "", imp_command_dpcs },
	{ "!pool", "!pool ADDRESS [FLAGS]", "the pool blocks of a page, or the big allocation that holds an address",
	  "* marks the block around ADDRESS; FLAGS 2 shows only that one. Where the pool is a segment heap (since Windows 10 1903) a block is "
	  "guessed "
	  "from the nearest header below ADDRESS, and the result says so.",
	  imp_command_pool },
	{ "!poolused", "!poolused [FLAGS [TAG]]", "the use of pool by tag", "FLAGS: 2 sorts by nonpaged, 4 by paged bytes. TAG may have * and ?.",
	  imp_command_poolused },
	{ "!vm", "!vm", "memory in brief: physical pages, commit, commit by process", "", imp_command_vm },
	{ "!reg", "!reg hivelist | querykey PATH | keyinfo HIVE CELL | cellindex HIVE CELL", "the registry: hives, keys, values",
	  "PATH is \\REGISTRY\\MACHINE\\... or HKLM\\...; q is short for querykey. HIVE is an address that hivelist shows, CELL the index of a key "
	  "in it. Hives "
	  "are mostly in paged memory: a kernel dump has few of their pages, a complete one more.",
	  imp_command_reg },
	{ "!pte", "!pte ADDRESS", "the page-table entries of an address",
	  "ADDRESS may be that of a page-table entry. What an entry that is not valid says (transition, prototype, page file, demand-zero) is shown "
	  "by "
	  "the names of the kernel's own type. Letters: C copy on write, G global, L large page, D dirty, A accessed, N not cached, T write-through, "
	  "U user or K kernel, W writable or R read-only, E executable, V valid.",
	  imp_command_pte },
	{ "!vtop", "!vtop [DIRBASE] ADDRESS", "the physical address of an address",
	  "DIRBASE is the physical address of the top page table, or its page number, as !process shows it; 0, or without it, the current process's.",
	  imp_command_vtop },
	IMP_FAMILY("The session"),
	{ ".process", ".process [/r] [/p] [ADDRESS]", "show or choose the current process",
	  "Addresses of the user half are read through its page tables from then on; /r and /p of WinDbg are always so.", imp_command_set_process },
	{ ".thread", ".thread [/r] [/p] [ADDRESS]", "show or choose the current thread", "", imp_command_set_thread },
	{ ".echo", ".echo [TEXT]", "print TEXT", "Lines that begin with * and commands that begin with $$ are remarks.", imp_command_echo },
	{ ".logopen", ".logopen [/a] [FILE]", "write what is typed and shown to FILE too",
	  "FILE is impasse.log without a name. /a adds to a file that is there; otherwise it is replaced. Without colours.", NULL },
	{ ".logappend", ".logappend [FILE]", "as .logopen /a", "", NULL },
	{ ".logclose", ".logclose", "end the log", "", NULL },
	{ ".logfile", ".logfile", "which log is open", "", NULL },
	{ ".pager", ".pager [on|off]", "whether what is longer than the screen goes through a pager",
	  "The pager is $IMPASSE_PAGER, else $PAGER, else less. Only on a terminal.", NULL },
	{ ".cls", ".cls", "clear the screen", "", NULL },
	{ ".help help", ".help [COMMAND]", "this list, or one command's help", "", imp_command_help },
	{ "q qq qd", "q", "quit", "", imp_command_quit },
};
const size_t imp_command_count = sizeof(imp_commands) / sizeof(imp_commands[0]);

/* Whether `names` (separated by blanks) has the word `name`. '!' and '.' in front are part of a table's name only where it is written there. */
static bool has_name(const char *names, const char *name, size_t length, int (*compare)(const char *, const char *, size_t))
{
	while (*names) {
		size_t word = strcspn(names, " ");

		if (word == length && !compare(names, name, length))
			return true;
		names += word;
		names += *names == ' ';
	}
	return false;
}

static const struct imp_command *look_up(const char *name, size_t length)
{
	/* Case counts where two commands differ by nothing else (ds, dS). */
	for (size_t i = 0; i < imp_command_count; i++) {
		if (has_name(imp_commands[i].names, name, length, strncmp))
			return &imp_commands[i];
	}
	for (size_t i = 0; i < imp_command_count; i++) {
		if (has_name(imp_commands[i].names, name, length, strncasecmp))
			return &imp_commands[i];
	}
	return NULL;
}

const struct imp_command *imp_command_find(const char *text, const char **arguments)
{
	const struct imp_command *command;
	const char *name = imp_skip_blanks(text);
	size_t length = *name == '?' || *name == '~' ? 1 : strcspn(name, " \t?+");

	*arguments = imp_skip_blanks(name + length);
	command = look_up(name, length);
	if (!command && *name == '!') {
		name++;
		length--;
		if (length > 4 && !strncasecmp(name, "mex.", 4)) {
			name += 4;
			length -= 4;
		}
		command = look_up(name, length);
	} else if (!command && length > 4 && !strncasecmp(name, "mex.", 4)) {
		command = look_up(name + 4, length - 4);
	}
	/* lmvm PATTERN: options of lm are written without a blank */
	if (!command && length > 2 && length <= 2 + IMP_LM_MOST_OPTIONS && !strncasecmp(name, "lm", 2) &&
	    strspn(name + 2, IMP_LM_OPTIONS) == length - 2) {
		*arguments = name + 2;
		command = look_up("lm", 2);
	}
	return command;
}

static void take_noise(void *context, const char *line)
{
	imp_report_pair(context, NULL, imp_string(line), "%s", line);
}

const char *imp_command_name(const struct imp_command *command, char *name, size_t size)
{
	const char *names = command->names;

	imp_next_word(&names, name, size);
	return name;
}

static void take_note(void *context, const char *note)
{
	imp_report_note(context, "%s", note);
}

struct imp_error *imp_command_run(struct imp_session *session, const char *text, struct imp_report *report)
{
	const char *arguments;
	const struct imp_command *command = imp_command_find(text, &arguments);
	struct imp_error *err;
	char name[32];

	if (!command)
		return imp_command_missing(text);
	/* What was asked, whatever it was called: which members a program finds. */
	imp_report_value(report, "result", imp_string(imp_command_name(command, name, sizeof(name))));
	if (!command->run)
		return imp_error_new(IMP_ERROR_USAGE, "%s is a command of the impasse program, not of a dump", command->names);
	err = command->run(session, arguments, report);
	if (!err && imp_session_interrupted(session))
		err = imp_session_interruption();
	if (err && imp_error_code(err) == IMP_ERROR_USAGE)
		err = imp_error_context(err, "%s", command->usage);
	if (session->kernel->noise) {
		imp_report_open_list(report, "symbol_search");
		imp_kernel_take_noise(session->kernel, take_noise, report);
		imp_report_close(report);
	}
	imp_kernel_notes(session->kernel, take_note, report);
	return err;
}
