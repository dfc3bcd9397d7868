/*
 * The control channel (docs/lab.md): a console port's bytes (conport.c), lines and fields (control.c), and the verbs.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "iop.h"

#define CONTROL_LINE 4096u
#define CONTROL_FIELDS 16u
#define CONTROL_VERSION 1u
/* QEMU drops what the reader's socket does not hold: after so many rows we wait until they are read. */
#define CONTROL_ROWS_UNREAD 32u

/* conport.c: bytes from and to the host. ConsolePortRead waits for at least one; both are called by the control thread only. */
BOOLEAN ConsolePortOpen(VOID);
ULONG ConsolePortRead(PCHAR Buffer, ULONG Length);
VOID ConsolePortWrite(const CHAR *Data, ULONG Length);

typedef struct {
	const CHAR *Key;
	const CHAR *Value;
} CONTROL_FIELD;

/* A request, its values unescaped in place. */
typedef struct _CONTROL_REQUEST {
	ULONG64 Sequence;
	const CHAR *Verb;
	ULONG FieldCount;
	CONTROL_FIELD Fields[CONTROL_FIELDS];
	ULONG RowsUnread;
	BOOLEAN Abandoned; /* its reader has gone: another request came in the middle of the answer */
	ULONG ResultLength;
	CHAR Result[2048];       /* fields of the last line, gathered by ControlResult */
	ULONG RowLength;
	CHAR Row[CONTROL_LINE];  /* the row being built */
} CONTROL_REQUEST, *PCONTROL_REQUEST;

/* NULL: the request has no such field. */
const CHAR *ControlField(const CONTROL_REQUEST *Request, const CHAR *Key);
/* The field as UTF-16, in pool (RtlFreeUnicodeString). STATUS_INVALID_PARAMETER: it is missing, empty or no UTF-8. */
NTSTATUS ControlStringField(const CONTROL_REQUEST *Request, const CHAR *Key, PUNICODE_STRING String);
/* Fields of the result line, and of a row: ControlRow sends what ControlRowField gathered. */
VOID ControlResult(PCONTROL_REQUEST Request, const CHAR *Key, const CHAR *Format, ...);
VOID ControlRowField(PCONTROL_REQUEST Request, const CHAR *Key, const CHAR *Format, ...);
VOID ControlRowString(PCONTROL_REQUEST Request, const CHAR *Key, PCUNICODE_STRING Value);
VOID ControlRow(PCONTROL_REQUEST Request);

/* Verbs: ctldrv.c, ctlthrd.c. */
NTSTATUS ControlDriverLoad(PCONTROL_REQUEST Request);
NTSTATUS ControlDriverUnload(PCONTROL_REQUEST Request);
NTSTATUS ControlDriverQuery(PCONTROL_REQUEST Request);
NTSTATUS ControlThreads(PCONTROL_REQUEST Request);
NTSTATUS ControlWaitBlocked(PCONTROL_REQUEST Request);

/* How many threads start in the driver's image. */
ULONG ControlCountThreads(PDRIVER_OBJECT Driver);

#endif
