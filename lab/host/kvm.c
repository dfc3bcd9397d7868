/* A guest of two instructions for KVM; see kvm.h. The interface is Linux's, Documentation/virt/kvm/api.rst. */

#include "kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wait.h"

#define TRIAL_MS        2000
#define API_VERSION     12
#define PAGE_SIZE       4096
#define GUEST_PAGE      0x100000
#define GUEST_MXCSR     0x80 /* from the page's start */
#define INITIAL_MXCSR   0x1f80
/* Below 4 GiB and out of the way: what processors need that cannot run real mode by themselves. QEMU's own choice. */
#define TASK_STATE_PAGE 0xfffbd000
#define CR0_PE          0x1
#define CR4_OSFXSR      0x200

/* ldmxcsr [GUEST_PAGE + GUEST_MXCSR]; hlt. KVM's instruction emulator does not know the first one, so that a KVM which runs a guest by
 * emulation, without VMX or SVM, fails here as it would fail with the lab's kernel, a few thousand instructions later.
 */
static const uint8_t program[] = { 0x0f, 0xae, 0x15, GUEST_MXCSR, 0x00, 0x10, 0x00, 0xf4 };

/* Flat 32-bit segments (Intel SDM, volume 3, 3.4.5): readable code, writable data, both already accessed. */
static const struct kvm_segment code_segment = { .limit = ~0u, .selector = 8, .type = 11, .present = 1, .db = 1, .s = 1, .g = 1 };
static const struct kvm_segment data_segment = { .limit = ~0u, .selector = 16, .type = 3, .present = 1, .db = 1, .s = 1, .g = 1 };

/* Ends the trial's process, having told the reason why KVM does not do; none when it does. */
__attribute__((format(printf, 2, 3))) static _Noreturn void tell(int report_fd, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vdprintf(report_fd, format, arguments);
	va_end(arguments);
	_exit(0);
}

static void set_registers(int vcpu, int report_fd)
{
	struct kvm_regs registers = { .rip = GUEST_PAGE, .rflags = 2 };
	struct kvm_sregs special;

	if (ioctl(vcpu, KVM_GET_SREGS, &special) < 0)
		tell(report_fd, "KVM does not tell a processor's registers: %s", strerror(errno));
	special.cs = code_segment;
	special.ds = special.es = special.fs = special.gs = special.ss = data_segment;
	special.cr0 |= CR0_PE;
	special.cr4 |= CR4_OSFXSR;
	if (ioctl(vcpu, KVM_SET_SREGS, &special) < 0 || ioctl(vcpu, KVM_SET_REGS, &registers) < 0)
		tell(report_fd, "KVM does not set a processor's registers: %s", strerror(errno));
}

/* In a process of its own: the trial may hang in KVM, and the machine goes with the process. */
static _Noreturn void run_guest(int report_fd)
{
	static const uint32_t mxcsr = INITIAL_MXCSR;
	struct kvm_userspace_memory_region memory = { .guest_phys_addr = GUEST_PAGE, .memory_size = PAGE_SIZE };
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	uint8_t *page = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int vm, vcpu, size, result;
	struct kvm_run *run;

	if (kvm < 0)
		tell(report_fd, "/dev/kvm: %s", strerror(errno));
	if (ioctl(kvm, KVM_GET_API_VERSION, 0) != API_VERSION)
		tell(report_fd, "/dev/kvm does not speak version 12 of KVM's interface");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		tell(report_fd, "KVM makes no machine: %s", strerror(errno));
	/* Older Intel processors need it, on others it fails or does nothing. */
	ioctl(vm, KVM_SET_TSS_ADDR, TASK_STATE_PAGE);
	if (page == MAP_FAILED)
		tell(report_fd, "no page for a guest: %s", strerror(errno));
	memcpy(page, program, sizeof(program));
	memcpy(page + GUEST_MXCSR, &mxcsr, sizeof(mxcsr));
	memory.userspace_addr = (uintptr_t)page;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &memory) < 0)
		tell(report_fd, "KVM takes no memory: %s", strerror(errno));
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	run = vcpu < 0 || size < (int)sizeof(*run) ? MAP_FAILED : mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		tell(report_fd, "KVM makes no processor: %s", strerror(errno));
	set_registers(vcpu, report_fd);
	do
		result = ioctl(vcpu, KVM_RUN, 0);
	while (result < 0 && errno == EINTR);
	if (result < 0)
		tell(report_fd, "KVM runs no guest: %s", strerror(errno));
	if (run->exit_reason == KVM_EXIT_INTERNAL_ERROR)
		tell(report_fd, "KVM cannot execute an SSE instruction, it seems to work without VMX or SVM");
	if (run->exit_reason != KVM_EXIT_HLT)
		tell(report_fd, "KVM stops a guest of two instructions for reason %u instead of its halt", run->exit_reason);
	_exit(0);
}

struct imp_error *imp_kvm_try(void)
{
	struct imp_wait wait = imp_wait_for(imp_patience(TRIAL_MS), -1);
	pid_t parent = getpid();
	struct imp_error *err;
	int report[2], status;
	char reason[256];
	bool told;
	ssize_t got;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC) < 0)
		return imp_error_new(IMP_ERROR_IO, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		run_guest(report[1]);
	}
	close(report[1]);
	err = pid < 0 ? imp_error_new(IMP_ERROR_IO, "cannot fork: %s", strerror(errno)) : imp_wait_fd(&wait, report[0], POLLIN, &told);
	if (!err && !told)
		err = imp_error_new(IMP_ERROR_IO, "KVM does not get through two instructions in %lld ms", (long long)imp_patience(TRIAL_MS));
	got = err ? 0 : read(report[0], reason, sizeof(reason) - 1);
	close(report[0]);
	if (pid < 0)
		return err;
	/* A process that has told is gone in a moment, one that has not must be made to go. */
	if (err)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!err && got > 0)
		err = imp_error_new(IMP_ERROR_IO, "%.*s", (int)got, reason);
	else if (!err && status != 0)
		err = imp_error_new(IMP_ERROR_IO, "the trial of KVM was killed by signal %d", WTERMSIG(status));
	return err;
}
