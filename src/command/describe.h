/* Stacks and threads in reports: the same members for programs in every command; and the mark of a driver that is no longer in memory. */
#ifndef IMP_COMMAND_DESCRIBE_H
#define IMP_COMMAND_DESCRIBE_H

#include "nt/stack.h"
#include "report/report.h"

enum { IMP_MARK_SIZE = 256 };

/* The mark behind a frame's text: " [TestDriver!FileMoveThread+0x47 from file]", or "". Adds the note that explains it. Returns `text`. */
const char *imp_name_mark(struct imp_report *report, const struct imp_name *name, char *text, size_t size);

/* The same for a frame of a stack, with " [scanned]" for one that was not unwound. */
const char *imp_frame_mark(struct imp_report *report, const struct imp_stack_frame *frame, const struct imp_name *name, char *text, size_t size);

enum imp_stack_layout {
	IMP_STACK_KD,     /* k: number, Child-SP, RetAddr, call site [file @ line] */
	IMP_STACK_MEX,    /* t: number, Child-SP, return, call site, source */
	IMP_STACK_UNIQUE, /* us: address, symbol (file @ line), without titles */
};

/* Adds a table "frames" of `count` frames. */
void imp_report_frames(struct imp_kernel *kernel, struct imp_report *report, const struct imp_stack_frame *frames, size_t count,
		       enum imp_stack_layout layout);

/* Starts a table of threads, and adds one to it. */
struct imp_table *imp_report_threads(struct imp_report *report, const char *key);
void imp_report_thread(struct imp_kernel *kernel, struct imp_report *report, struct imp_table *table, const struct imp_thread *thread);

#endif
