/* Sandboxes: see sandbox.h. Two layers that know nothing of each other, so that a hole in one is not a way out. */
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#endif

#if defined(__SANITIZE_ADDRESS__)
#define LEAK_CHECKER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAK_CHECKER
#endif
#endif

/* Beyond what Debian 12's headers know. */
#define ACCESS_FS_TRUNCATE       (UINT64_C(1) << 14) /* ABI 3 */
#define ACCESS_FS_IOCTL_DEV      (UINT64_C(1) << 15) /* ABI 5 */
#define ACCESS_NET_TCP           UINT64_C(3)         /* bind and connect, ABI 4 */
#define SCOPE_SOCKETS_AND_SIGNAL UINT64_C(3)         /* abstract UNIX sockets and signals, ABI 6 */
#define X32_SYSCALL_BIT          0x40000000

struct ruleset { /* struct landlock_ruleset_attr as ABI 6 has it; earlier ones take the first part */
	uint64_t files, network, scopes;
};

/* From which ABI on Landlock can handle what, and how much of `struct ruleset` that ABI takes. */
static const struct {
	int abi;
	struct ruleset rules;
	size_t size;
} landlock_abis[] = {
	{ 1,
	  { .files = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
		     LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
		     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM },
	  offsetof(struct ruleset, network) },
	{ 2, { .files = LANDLOCK_ACCESS_FS_REFER }, offsetof(struct ruleset, network) },
	{ 3, { .files = ACCESS_FS_TRUNCATE }, offsetof(struct ruleset, network) },
	{ 4, { .network = ACCESS_NET_TCP }, offsetof(struct ruleset, scopes) },
	{ 5, { .files = ACCESS_FS_IOCTL_DEV }, offsetof(struct ruleset, scopes) },
	{ 6, { .scopes = SCOPE_SOCKETS_AND_SIGNAL }, sizeof(struct ruleset) },
};

static char state[96] = "off";

const char *imp_sandbox_state(void)
{
	return state;
}

/* The kernel's version of Landlock; a negative error number when it has none or it is switched off. */
static int landlock_abi(void)
{
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? -errno : abi;
}

/* Handles everything that this kernel's Landlock can, and allows nothing of it. Returns the ABI, or a negative error number. */
static int enter_landlock(void)
{
	struct ruleset rules = { 0 };
	size_t size = 0;
	int abi = landlock_abi(), set, entered;

	if (abi < 1)
		return abi;
	for (size_t i = 0; i < sizeof(landlock_abis) / sizeof(landlock_abis[0]) && landlock_abis[i].abi <= abi; i++) {
		rules.files |= landlock_abis[i].rules.files;
		rules.network |= landlock_abis[i].rules.network;
		rules.scopes |= landlock_abis[i].rules.scopes;
		size = landlock_abis[i].size;
	}
	set = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (set < 0)
		return -errno;
	entered = syscall(SYS_landlock_restrict_self, set, 0) == 0 ? abi : -errno;
	close(set);
	return entered;
}

#ifdef NATIVE
/* A seccomp program under construction. */
struct program {
	struct sock_filter steps[256];
	unsigned short count;
	bool full;
};

static void add(struct program *program, struct sock_filter step)
{
	program->full |= program->count == sizeof(program->steps) / sizeof(program->steps[0]);
	if (!program->full)
		program->steps[program->count++] = step;
}

static void load(struct program *program, size_t offset)
{
	add(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* Ends with `action` when the loaded word compares (BPF_JEQ, BPF_JGE, BPF_JSET) with `value`. */
static void act_if(struct program *program, unsigned compare, uint32_t value, uint32_t action)
{
	add(program, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | compare | BPF_K), value, 0, 1));
	add(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

/* Calls of another architecture have other numbers: they end the process. Leaves the call's number loaded. */
static void start(struct program *program)
{
	load(program, offsetof(struct seccomp_data, arch));
	add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0));
	add(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	load(program, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	act_if(program, BPF_JGE, X32_SYSCALL_BIT, SECCOMP_RET_KILL_PROCESS);
#endif
}

/* Of `call`, only what the loaded low word of argument `argument` says by `compare` and `value` meets `action`; other calls go on. */
static void act_if_argument(struct program *program, uint32_t call, unsigned argument, unsigned compare, uint32_t value, uint32_t action)
{
	add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4));
	load(program, offsetof(struct seccomp_data, args) + sizeof(uint64_t) * argument);
	act_if(program, compare, value, action);
	load(program, offsetof(struct seccomp_data, nr));
}

static bool install(struct program *program, uint32_t otherwise)
{
	add(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, otherwise));

	const struct sock_fprog filter = { program->count, program->steps };
	return !program->full && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

static const uint32_t refused = SECCOMP_RET_ERRNO | EPERM;

/* Calls that reach beyond the process. Architectures that came later lack the old forms. */
static const uint32_t outside[] = {
	/* other machines and processes */
	SYS_socket,
	SYS_socketpair,
	SYS_connect,
	SYS_bind,
	SYS_listen,
	SYS_accept,
	SYS_accept4,
	SYS_kill,
	SYS_tkill,
	SYS_rt_sigqueueinfo,
	SYS_rt_tgsigqueueinfo,
	SYS_pidfd_open,
	SYS_pidfd_send_signal,
	SYS_pidfd_getfd,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_process_madvise,
	SYS_kcmp,
	SYS_setpriority,
	SYS_mq_open,
	SYS_mq_unlink,
	SYS_shmget,
	SYS_semget,
	SYS_msgget,
	/* other programs */
	SYS_execve,
	SYS_execveat,
	/* files: made, changed, removed. Opening for writing is seen in the flags of open and openat; those of openat2 cannot be seen. */
	SYS_openat2,
	SYS_truncate,
	SYS_mkdirat,
	SYS_mknodat,
	SYS_unlinkat,
	SYS_renameat2,
	SYS_linkat,
	SYS_symlinkat,
	SYS_fchmodat,
	SYS_fchownat,
	SYS_fchmod,
	SYS_fchown,
	SYS_utimensat,
	SYS_setxattr,
	SYS_lsetxattr,
	SYS_fsetxattr,
	SYS_removexattr,
	SYS_lremovexattr,
	SYS_fremovexattr,
	SYS_open_by_handle_at,
	SYS_mount,
	SYS_umount2,
	SYS_move_mount,
	SYS_open_tree,
	SYS_fsopen,
	SYS_pivot_root,
	SYS_chroot,
	SYS_quotactl,
	SYS_swapon,
	SYS_swapoff,
	SYS_acct,
	/* ways around this filter, and the kernel's less tried parts */
	SYS_io_uring_setup,
	SYS_io_uring_enter,
	SYS_io_uring_register,
	SYS_unshare,
	SYS_setns,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_userfaultfd,
	SYS_keyctl,
	SYS_add_key,
	SYS_request_key,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_reboot,
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_sethostname,
	SYS_setdomainname,
	SYS_fanotify_init,
	SYS_syslog,
#ifndef LEAK_CHECKER /* it traces its own process */
	SYS_ptrace,
#endif
#ifdef __x86_64__
	SYS_creat,
	SYS_mkdir,
	SYS_rmdir,
	SYS_mknod,
	SYS_unlink,
	SYS_rename,
	SYS_renameat,
	SYS_link,
	SYS_symlink,
	SYS_chmod,
	SYS_chown,
	SYS_lchown,
	SYS_utime,
	SYS_utimes,
	SYS_futimesat,
	SYS_iopl,
	SYS_ioperm,
	SYS_modify_ldt,
#endif
};

static bool enter_seccomp(void)
{
	struct program program = { .count = 0 };
	uint32_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);

	start(&program);
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		act_if(&program, BPF_JEQ, outside[i], refused);
#ifdef SYS_open
	act_if_argument(&program, SYS_open, 1, BPF_JSET, writing, refused);
#endif
	act_if_argument(&program, SYS_openat, 2, BPF_JSET, writing, refused);
	/* Typing into the terminal is typing into the shell behind us. */
	act_if_argument(&program, SYS_ioctl, 1, BPF_JEQ, TIOCSTI, refused);
	act_if_argument(&program, SYS_ioctl, 1, BPF_JEQ, TIOCLINUX, refused);
	return install(&program, SECCOMP_RET_ALLOW);
}

bool imp_sandbox_compute_only(int keep)
{
	static const uint32_t needed[] = {
		SYS_write,       SYS_brk,    SYS_mmap,   SYS_munmap,         SYS_mremap,       SYS_madvise,     SYS_mprotect,   SYS_futex,
		SYS_sched_yield, SYS_getpid, SYS_gettid, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack, SYS_exit_group,
	};
	struct program program = { .count = 0 };

	for (int file = 0; file < 3; file++) {
		if (file != keep)
			close(file);
	}
	if (keep > 3)
		syscall(SYS_close_range, 3, keep - 1, 0);
	syscall(SYS_close_range, keep < 3 ? 3 : keep + 1, ~0U, 0);
	start(&program);
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		act_if(&program, BPF_JEQ, needed[i], SECCOMP_RET_ALLOW);
	return install(&program, refused);
}
#else
static bool enter_seccomp(void)
{
	return false;
}

bool imp_sandbox_compute_only(int keep)
{
	(void)keep;
	return false;
}
#endif

unsigned imp_sandbox_enter(unsigned layers)
{
	char landlock[40] = "Landlock: off";
	unsigned on = 0;

	/* Both layers need it: a program with the set-user-ID bit would otherwise be a way out. */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (layers & IMP_SANDBOX_LANDLOCK) {
		int abi = enter_landlock();

		if (abi > 0) {
			on |= IMP_SANDBOX_LANDLOCK;
			snprintf(landlock, sizeof(landlock), "Landlock ABI %d", abi);
		} else {
			snprintf(landlock, sizeof(landlock), "Landlock: %s", abi == -EOPNOTSUPP ? "switched off" : "not in this kernel");
		}
	}
	if (layers & IMP_SANDBOX_SECCOMP && enter_seccomp())
		on |= IMP_SANDBOX_SECCOMP;
	if (on == IMP_SANDBOX_ALL)
		snprintf(state, sizeof(state), "%s, seccomp: on", landlock);
	else
		snprintf(state, sizeof(state), "%s; seccomp: %s", landlock, on & IMP_SANDBOX_SECCOMP ? "on" : "off");
	return on;
}
