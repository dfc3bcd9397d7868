/*
 * The control thread: reads request lines, has the verb's routine do the work, and answers. docs/lab.md has the grammar.
 */
#include "control.h"
#include "kd.h"

#include <stdarg.h>

/* Digits of a sequence number that 64 bits hold in any case. */
#define CONTROL_SEQUENCE_DIGITS 19

/* Microseconds from the loader's first instruction until requests could be answered. */
static ULONG64 ControlReadyAt;

const CHAR *ControlField(const CONTROL_REQUEST *Request, const CHAR *Key)
{
	for (ULONG i = 0; i < Request->FieldCount; i++)
		if (!strcmp(Request->Fields[i].Key, Key))
			return Request->Fields[i].Value;
	return NULL;
}

NTSTATUS ControlStringField(const CONTROL_REQUEST *Request, const CHAR *Key, PUNICODE_STRING String)
{
	const CHAR *value = ControlField(Request, Key);
	ULONG length = value ? (ULONG)strlen(value) : 0, room = (length + 1) * sizeof(WCHAR), written;

	if (!length)
		return STATUS_INVALID_PARAMETER;
	String->Buffer = ExAllocatePoolWithTag(PagedPool, room, IOP_TAG_NAME);
	if (!String->Buffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (RtlUTF8ToUnicodeN(String->Buffer, room - sizeof(WCHAR), &written, value, length) != STATUS_SUCCESS) {
		ExFreePoolWithTag(String->Buffer, IOP_TAG_NAME);
		return STATUS_INVALID_PARAMETER;
	}
	String->Buffer[written / sizeof(WCHAR)] = 0;
	String->Length = (USHORT)written;
	String->MaximumLength = (USHORT)(written + sizeof(WCHAR));
	return STATUS_SUCCESS;
}

/* Appends "<TAB>key=value" with the value escaped; what does not fit is left out whole. */
static VOID ControlAppend(PCHAR Buffer, ULONG Size, PULONG Length, const CHAR *Key, const CHAR *Value)
{
	ULONG length = *Length;

	if (strlen(Key) + 3 > Size - length)
		return;
	length += (ULONG)_snprintf(Buffer + length, Size - length, "\t%s=", Key);
	for (; *Value; Value++) {
		UCHAR c = (UCHAR)*Value;

		if (Size - length < 4)
			return;
		if (c < 0x20 || c == 0x7f || c == '%')
			length += (ULONG)_snprintf(Buffer + length, Size - length, "%%%02X", c);
		else
			Buffer[length++] = (CHAR)c;
	}
	Buffer[length] = 0;
	*Length = length;
}

static VOID ControlFormat(PCHAR Buffer, ULONG Size, PULONG Length, const CHAR *Key, const CHAR *Format, va_list Arguments)
{
	CHAR value[768];

	_vsnprintf(value, sizeof(value) - 1, Format, Arguments);
	value[sizeof(value) - 1] = 0;
	ControlAppend(Buffer, Size, Length, Key, value);
}

VOID ControlResult(PCONTROL_REQUEST Request, const CHAR *Key, const CHAR *Format, ...)
{
	va_list arguments;

	va_start(arguments, Format);
	ControlFormat(Request->Result, sizeof(Request->Result), &Request->ResultLength, Key, Format, arguments);
	va_end(arguments);
}

VOID ControlRowField(PCONTROL_REQUEST Request, const CHAR *Key, const CHAR *Format, ...)
{
	va_list arguments;

	va_start(arguments, Format);
	ControlFormat(Request->Row, sizeof(Request->Row) - 64, &Request->RowLength, Key, Format, arguments);
	va_end(arguments);
}

VOID ControlRowString(PCONTROL_REQUEST Request, const CHAR *Key, PCUNICODE_STRING Value)
{
	CHAR text[768];
	ULONG written;

	RtlUnicodeToUTF8N(text, sizeof(text) - 1, &written, Value->Buffer, Value->Length);
	text[written] = 0;
	ControlAppend(Request->Row, sizeof(Request->Row) - 64, &Request->RowLength, Key, text);
}

/* "SEQ KIND" and the fields, which begin with a TAB each. */
static VOID ControlSend(ULONG64 Sequence, const CHAR *Kind, const CHAR *Fields, ULONG Length)
{
	CHAR head[48];

	_snprintf(head, sizeof(head), "%I64u %s", Sequence, Kind);
	ConsolePortWrite(head, (ULONG)strlen(head));
	ConsolePortWrite(Fields, Length);
	ConsolePortWrite("\n", 1);
}

/* The line that is being read; ControlWaiting: it is complete, and the next to be answered. */
static CHAR ControlLine[CONTROL_LINE + 1];
static BOOLEAN ControlWaiting;

/* Waits for a line. One longer than CONTROL_LINE is swallowed and left empty: it cannot be parsed. */
static VOID ControlReadLine(VOID)
{
	static CHAR input[512];
	static ULONG count, next;
	ULONG length = 0;

	for (;;) {
		if (next == count) {
			count = ConsolePortRead(input, sizeof(input));
			next = 0;
			continue;
		}
		if (input[next] == '\n')
			break;
		if (length < CONTROL_LINE)
			ControlLine[length] = input[next];
		length++;
		next++;
	}
	next++;
	ControlLine[length < CONTROL_LINE ? length : 0] = 0;
	ControlWaiting = TRUE;
}

/* Says that it waits for "SEQ more", and waits. Anything else is another reader's request, and the rest of this answer is for nobody. */
static VOID ControlWaitForReader(PCONTROL_REQUEST Request)
{
	CHAR more[48];

	ControlSend(Request->Sequence, ">", NULL, 0);
	_snprintf(more, sizeof(more), "%I64u more", Request->Sequence);
	ControlReadLine();
	Request->RowsUnread = 0;
	if (strcmp(ControlLine, more))
		Request->Abandoned = TRUE;
	else
		ControlWaiting = FALSE;
}

VOID ControlRow(PCONTROL_REQUEST Request)
{
	if (!Request->Abandoned && Request->RowsUnread == CONTROL_ROWS_UNREAD)
		ControlWaitForReader(Request);
	if (!Request->Abandoned)
		ControlSend(Request->Sequence, "+", Request->Row, Request->RowLength);
	Request->RowsUnread++;
	Request->RowLength = 0;
}

static NTSTATUS ControlHello(PCONTROL_REQUEST Request)
{
	const CHAR *version = ControlField(Request, "version");

	if (!version || strtoul(version, NULL, 0) != CONTROL_VERSION)
		return STATUS_REVISION_MISMATCH;
	ControlResult(Request, "version", "%u", CONTROL_VERSION);
	ControlResult(Request, "kernel", "%s", NtBuildLabEx);
	ControlResult(Request, "boot_us", "%I64u", ControlReadyAt);
	return STATUS_SUCCESS;
}

static NTSTATUS ControlPowerOff(PCONTROL_REQUEST Request)
{
	UNREFERENCED_PARAMETER(Request);
	P9FlushVolume();
	return STATUS_SUCCESS;
}

static const struct {
	const CHAR *Verb;
	NTSTATUS (*Routine)(PCONTROL_REQUEST Request);
} ControlVerbs[] = {
	{ "hello", ControlHello },
	{ "driver.load", ControlDriverLoad },
	{ "driver.unload", ControlDriverUnload },
	{ "driver.query", ControlDriverQuery },
	{ "threads", ControlThreads },
	{ "wait.blocked", ControlWaitBlocked },
	{ "poweroff", ControlPowerOff },
};

static int ControlHexDigit(CHAR Character)
{
	if (Character >= '0' && Character <= '9')
		return Character - '0';
	if (Character >= 'A' && Character <= 'F')
		return Character - 'A' + 10;
	return Character >= 'a' && Character <= 'f' ? Character - 'a' + 10 : -1;
}

/* %XX in place. FALSE: a % without two digits, or one that hides a NUL. */
static BOOLEAN ControlUnescape(PCHAR Text)
{
	PCHAR out = Text;

	for (; *Text; Text++) {
		if (*Text == '%') {
			int high = ControlHexDigit(Text[1]), low = high < 0 ? -1 : ControlHexDigit(Text[2]);

			if (low < 0 || !(high | low))
				return FALSE;
			*out++ = (CHAR)(high << 4 | low);
			Text += 2;
		} else {
			*out++ = *Text;
		}
	}
	*out = 0;
	return TRUE;
}

/* Cuts Line into fields, in place. FALSE: not a request; Sequence is set as far as it could be read. */
static BOOLEAN ControlParse(PCHAR Line, PCONTROL_REQUEST Request)
{
	PCHAR next = Line;

	Request->Sequence = 0;
	Request->FieldCount = 0;
	while (*next >= '0' && *next <= '9' && next - Line < CONTROL_SEQUENCE_DIGITS)
		Request->Sequence = Request->Sequence * 10 + (ULONG64)(*next++ - '0');
	if (next == Line || *next != ' ') {
		Request->Sequence = 0;
		return FALSE;
	}
	Request->Verb = ++next;
	while ((next = strchr(next, '\t'))) {
		PCHAR equals;

		*next++ = 0;
		equals = strchr(next, '=');
		if (!equals || Request->FieldCount == CONTROL_FIELDS)
			return FALSE;
		*equals = 0;
		Request->Fields[Request->FieldCount].Key = next;
		Request->Fields[Request->FieldCount].Value = equals + 1;
		Request->FieldCount++;
		next = equals + 1;
	}
	for (ULONG i = 0; i < Request->FieldCount; i++)
		if (!ControlUnescape((PCHAR)Request->Fields[i].Value))
			return FALSE;
	return *Request->Verb != 0;
}

static VOID ControlAnswer(PCHAR Line, PCONTROL_REQUEST Request)
{
	NTSTATUS status = STATUS_NOT_IMPLEMENTED;
	CHAR kind[16];

	Request->ResultLength = 0;
	Request->RowLength = 0;
	Request->RowsUnread = 0;
	Request->Abandoned = FALSE;
	if (!ControlParse(Line, Request)) {
		status = STATUS_INVALID_PARAMETER;
	} else {
		for (ULONG i = 0; i < RTL_NUMBER_OF(ControlVerbs); i++)
			if (!strcmp(ControlVerbs[i].Verb, Request->Verb))
				status = ControlVerbs[i].Routine(Request);
	}
	_snprintf(kind, sizeof(kind), "= %08x", (ULONG)status);
	if (!Request->Abandoned)
		ControlSend(Request->Sequence, kind, Request->Result, Request->ResultLength);
}

static VOID ControlThread(PVOID Context)
{
	static CONTROL_REQUEST request;
	static CHAR line[CONTROL_LINE + 1];

	UNREFERENCED_PARAMETER(Context);
	ControlReadyAt = HalpMicrosecondsSinceBoot();
	for (;;) {
		if (!ControlWaiting)
			ControlReadLine();
		ControlWaiting = FALSE;
		RtlCopyMemory(line, ControlLine, sizeof(line));
		ControlAnswer(line, &request);
	}
}

BOOLEAN ControlInitialize(VOID)
{
	HANDLE thread;
	NTSTATUS status;

	if (!ConsolePortOpen())
		return FALSE;
	status = PsCreateSystemThread(&thread, 0, NULL, NULL, NULL, ControlThread, NULL);
	if (NT_SUCCESS(status))
		ZwClose(thread);
	return NT_SUCCESS(status);
}
