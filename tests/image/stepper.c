/* Single steps through a Windows image: see stepper.h. */
#include "stepper.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { PAGE = 4096, STACK_PAGES = 2048, TABLE_PAGES = 32, CALLER_LIMIT = 64, STEP_LIMIT = 1000000 };
static const uint64_t stack_base = 0x300000000000;

/* Calls `function` by the Microsoft convention (its 32 bytes of home space, nothing above them) on the stack that ends at `top`. */
void call_on_stack(uint64_t function, uint64_t top);
__asm__(".text\n"
	"call_on_stack:\n"
	"	push %rbp\n"
	"	mov %rsp, %rbp\n"
	"	mov %rsi, %rsp\n"
	"	call *%rdi\n"
	"	mov %rbp, %rsp\n"
	"	pop %rbp\n"
	"	ret\n");

static bool keep_export(void *context, const char *name, uint32_t ordinal, uint32_t rva)
{
	struct stepped_image *image = context;
	(void)ordinal;

	assert_true(image->export_count < sizeof(image->exports) / sizeof(image->exports[0]));
	assert_true(strlen(name) < sizeof(image->exports[0].name));
	strcpy(image->exports[image->export_count].name, name);
	image->exports[image->export_count++].address = image->base + rva;
	return true;
}

void stepped_image_load(struct stepped_image *image, const char *path)
{
	*image = (struct stepped_image){ 0 };
	assert_null(imp_pe_open_file(path, &image->file));
	image->base = imp_pe_info(image->file)->image_base;
	image->size = (imp_pe_info(image->file)->size_of_image + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	synthetic_new(&image->made, 0x1000, image->size / PAGE + STACK_PAGES + TABLE_PAGES);
	image->image_page = synthetic_take(&image->made, image->size / PAGE);
	image->stack_page = synthetic_take(&image->made, STACK_PAGES);
	synthetic_map(&image->made, image->base, image->image_page, image->size / PAGE);
	synthetic_map(&image->made, stack_base, image->stack_page, STACK_PAGES);
	for (uint64_t at = 0; at < image->size; at += PAGE) {
		/* Pages between sections stay zero. */
		IMP_CLEANUP_ERROR struct imp_error *err =
			imp_pe_read(image->file, (uint32_t)at, synthetic_page(&image->made, image->image_page + at / PAGE), PAGE);
	}
	assert_null(imp_dump_open_bytes("synthetic", (struct imp_span){ image->made.bytes, image->made.size }, &image->dump));
	assert_null(imp_memory_new(image->dump, image->made.directory_table_base, &image->memory));
	assert_null(imp_pe_exports(image->file, keep_export, image));
}

void stepped_image_free(struct stepped_image *image)
{
	imp_memory_free(image->memory);
	imp_dump_close(image->dump);
	imp_pe_close(image->file);
	synthetic_free(&image->made);
}

uint64_t stepped_image_export(const struct stepped_image *image, const char *name)
{
	for (size_t i = 0; i < image->export_count; i++)
		if (!strcmp(image->exports[i].name, name))
			return image->exports[i].address;
	return 0;
}

static uint64_t stack_word(const struct stepped_image *image, uint64_t address)
{
	uint64_t value;

	assert_true(address >= stack_base && address < stack_base + STACK_PAGES * PAGE);
	memcpy(&value, synthetic_page(&image->made, image->stack_page) + (address - stack_base), sizeof(value));
	return value;
}

static void map_part(const struct stepped_image *image, uint64_t address, uint64_t size, uint64_t page, int protection, int flags)
{
	void *at = (void *)address;

	if (mmap(at, size, protection, flags | MAP_FIXED_NOREPLACE, image->made.file, (off_t)synthetic_offset(&image->made, page)) != at)
		_exit(3);
}

static pid_t start_child(const struct stepped_image *image, uint64_t function)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child)
		return child;
	map_part(image, image->base, image->size, image->image_page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
	map_part(image, stack_base, STACK_PAGES * PAGE, image->stack_page, PROT_READ | PROT_WRITE, MAP_SHARED);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(4);
	raise(SIGSTOP);
	call_on_stack(function, stack_base + STACK_PAGES * PAGE - 0x40);
	_exit(0);
}

static struct imp_registers registers_of(pid_t child)
{
	struct user_regs_struct regs;

	assert_int_equal(ptrace(PTRACE_GETREGS, child, NULL, &regs), 0);
	return (struct imp_registers){
		.rip = regs.rip,
		.gpr = { regs.rax, regs.rcx, regs.rdx, regs.rbx, regs.rsp, regs.rbp, regs.rsi, regs.rdi, regs.r8, regs.r9, regs.r10, regs.r11,
			 regs.r12, regs.r13, regs.r14, regs.r15 },
	};
}

/* Whether the instruction between the two states was a call: it left the address behind itself on the stack, and went elsewhere. */
static bool was_call(const struct stepped_image *image, const struct imp_registers *before, const struct imp_registers *after)
{
	enum { LONGEST_INSTRUCTION = 15 };
	uint64_t rsp = after->gpr[IMP_RSP];

	if (rsp != before->gpr[IMP_RSP] - 8 || rsp < stack_base || rsp >= stack_base + STACK_PAGES * PAGE)
		return false;

	uint64_t pushed = stack_word(image, rsp);
	return pushed > before->rip && pushed <= before->rip + LONGEST_INSTRUCTION && (after->rip <= before->rip || after->rip > pushed);
}

/* What a processor pushed when it came to a trap handler: whether there is an error code below rip, cs, flags, rsp, ss depends on the trap. */
static bool was_trap(const struct stepped_image *image, const struct imp_registers *now, struct caller *caller)
{
	bool code = now->rip == stepped_image_export(image, "trap_handler_code");
	uint64_t rsp = now->gpr[IMP_RSP] + (code ? 8 : 0);

	if (!code && now->rip != stepped_image_export(image, "trap_handler"))
		return false;
	*caller = (struct caller){ *now, true };
	caller->registers.rip = stack_word(image, rsp);
	caller->registers.gpr[IMP_RSP] = stack_word(image, rsp + 24);
	return true;
}

size_t step_through(struct stepped_image *image, const char *function, step_visitor visit, void *context)
{
	uint64_t entry = stepped_image_export(image, function);
	pid_t child = start_child(image, entry);
	struct caller callers[CALLER_LIMIT];
	struct imp_registers before = { 0 };
	size_t count = 0, steps = 0;
	int status;

	assert_true(entry != 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	for (size_t all = 0;; all++) {
		if (!WIFSTOPPED(status) || (WSTOPSIG(status) != SIGSTOP && WSTOPSIG(status) != SIGTRAP) || all == STEP_LIMIT) {
			kill(child, SIGKILL);
			waitpid(child, NULL, 0);
			fail_msg("the stepped program ended with status 0x%x after %zu instructions, last at RVA 0x%llx", (unsigned)status, steps,
				 (unsigned long long)(before.rip - image->base));
		}

		struct imp_registers now = registers_of(child);
		assert_true(count < CALLER_LIMIT);
		if (was_trap(image, &now, &callers[count])) {
			count++;
		} else if (was_call(image, &before, &now) && (count || now.rip == entry)) {
			callers[count] = (struct caller){ before, false };
			callers[count++].registers.rip = stack_word(image, now.gpr[IMP_RSP]);
		} else if (count && now.rip == callers[count - 1].registers.rip && now.gpr[IMP_RSP] == callers[count - 1].registers.gpr[IMP_RSP]) {
			count--;
			if (!count)
				break;
		}
		if (count) {
			steps++;
			if (!visit(context, &now, callers, count))
				break;
		}
		before = now;
		assert_int_equal(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return steps;
}
