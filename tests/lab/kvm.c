/* The trial of KVM against devices that do as KVM is known to do where it cannot run a guest. Its system calls come to us. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/kvm.h"

static struct {
	int open_error, vm_error, run_error;
	uint32_t exit_reason;
	bool hangs, dies;
} kvm;
static struct kvm_run *vcpu_run;

int __wrap_open(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);

int __wrap_open(const char *path, int flags, ...)
{
	(void)flags;
	if (strcmp(path, "/dev/kvm") != 0)
		abort();
	errno = kvm.open_error;
	return kvm.open_error ? -1 : memfd_create("kvm", MFD_CLOEXEC);
}

static int run(void)
{
	errno = kvm.run_error;
	if (kvm.run_error)
		return -1;
	if (kvm.dies)
		raise(SIGKILL);
	while (kvm.hangs)
		pause();
	vcpu_run->exit_reason = kvm.exit_reason;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;

	(void)fd;
	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	switch (request) {
	case KVM_GET_API_VERSION:
		return 12;
	case KVM_CREATE_VM:
		errno = kvm.vm_error;
		return kvm.vm_error ? -1 : memfd_create("vm", MFD_CLOEXEC);
	case KVM_CREATE_VCPU:
		fd = memfd_create("vcpu", MFD_CLOEXEC);
		if (ftruncate(fd, 3 * 4096) < 0)
			abort();
		vcpu_run = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		return fd;
	case KVM_GET_VCPU_MMAP_SIZE:
		return 3 * 4096;
	case KVM_GET_SREGS:
		memset(argument, 0, sizeof(struct kvm_sregs));
		return 0;
	case KVM_RUN:
		return run();
	default:
		return 0;
	}
}

/* What the trial says; "" when KVM does. */
static const char *verdict(void)
{
	static char text[256];
	struct imp_error *err = imp_kvm_try();

	snprintf(text, sizeof(text), "%s", err ? imp_error_message(err) : "");
	imp_error_free(err);
	return text;
}

static void takes_a_kvm_that_runs_the_guest(void **state)
{
	(void)state;
	memset(&kvm, 0, sizeof(kvm));
	kvm.exit_reason = KVM_EXIT_HLT;
	assert_string_equal(verdict(), "");
}

static void says_why_not(void **state)
{
	(void)state;
	memset(&kvm, 0, sizeof(kvm));
	kvm.open_error = EACCES;
	assert_string_equal(verdict(), "/dev/kvm: Permission denied");
	/* Another hypervisor, VirtualBox say, has the processor's extension. */
	memset(&kvm, 0, sizeof(kvm));
	kvm.vm_error = EBUSY;
	assert_string_equal(verdict(), "KVM makes no machine: Device or resource busy");
	memset(&kvm, 0, sizeof(kvm));
	kvm.run_error = EFAULT;
	assert_string_equal(verdict(), "KVM runs no guest: Bad address");
	memset(&kvm, 0, sizeof(kvm));
	kvm.exit_reason = KVM_EXIT_INTERNAL_ERROR;
	assert_non_null(strstr(verdict(), "without VMX or SVM"));
	kvm.exit_reason = KVM_EXIT_FAIL_ENTRY;
	assert_non_null(strstr(verdict(), "reason 9"));
}

static void survives_a_kvm_that_hangs_or_kills(void **state)
{
	(void)state;
	memset(&kvm, 0, sizeof(kvm));
	kvm.hangs = true;
	setenv("IMPASSE_PATIENCE_MS", "100", 1);
	assert_non_null(strstr(verdict(), "in 100 ms"));
	unsetenv("IMPASSE_PATIENCE_MS");
	memset(&kvm, 0, sizeof(kvm));
	kvm.dies = true;
	assert_non_null(strstr(verdict(), "signal 9"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_a_kvm_that_runs_the_guest),
		cmocka_unit_test(says_why_not),
		cmocka_unit_test(survives_a_kvm_that_hangs_or_kills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
