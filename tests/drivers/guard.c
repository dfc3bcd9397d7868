/*
 * A driver as Microsoft's tools make it: /GS cookies and control-flow guard with a load configuration, sections of megabytes, many of them,
 * larger in memory than in the file, aligned to more than a page. What its CRT objects would bring (bufferoverflowk.lib) is written here.
 * With OVERRUN it writes behind a buffer on its stack.
 */
#include "check.h"

DRIVER_INITIALIZE DriverEntry;

#define NOINLINE                    __attribute__((noinline))
#define DEFAULT_SECURITY_COOKIE     0x00002B992DDFA232ull
#define DRIVER_OVERRAN_STACK_BUFFER 0xF7
#define MEGABYTE                    0x100000

ULONG_PTR __security_cookie = DEFAULT_SECURITY_COOKIE;

/* clang and Microsoft's compiler call it with the frame's copy. */
VOID __security_check_cookie(ULONG_PTR Cookie)
{
	if (Cookie != __security_cookie)
		KeBugCheckEx(DRIVER_OVERRAN_STACK_BUFFER, Cookie, __security_cookie, ~__security_cookie, 0);
}

/* The load configuration (PE format, "The Load Configuration Structure"), whose tables the linker fills; the pointers stand at defaults that fail. */
__asm__(".section .text\n"
	"GuardDefault: int3\n"
	".section .00cfg,\"dr\"\n"
	".balign 8\n"
	".globl __guard_check_icall_fptr\n"
	"__guard_check_icall_fptr: .quad GuardDefault\n"
	".globl __guard_dispatch_icall_fptr\n"
	"__guard_dispatch_icall_fptr: .quad GuardDefault\n"
	".section .rdata,\"dr\"\n"
	".balign 8\n"
	".globl _load_config_used\n"
	"_load_config_used:\n"
	".long 0xC0\n" /* Size */
	".zero 0x54\n"
	".quad __security_cookie\n"
	".quad 0, 0\n" /* SEHandlerTable, SEHandlerCount */
	".quad __guard_check_icall_fptr\n"
	".quad __guard_dispatch_icall_fptr\n"
	".quad __guard_fids_table\n"
	".quad __guard_fids_count\n"
	".long __guard_flags\n"
	".zero 0xC\n" /* CodeIntegrity */
	".quad __guard_iat_table, __guard_iat_count\n"
	".quad __guard_longjmp_table, __guard_longjmp_count\n"
	".text\n");

extern const PVOID volatile __guard_check_icall_fptr, __guard_dispatch_icall_fptr;

/* Sections: more than half as many as the loader takes. */
#define ONE(n) __attribute__((section(".many" #n))) volatile ULONG Many##n = n;
#define TEN(n) ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4) ONE(n##5) ONE(n##6) ONE(n##7) ONE(n##8) ONE(n##9)
TEN(1)
TEN(2)
TEN(3)
TEN(4)
TEN(5)
TEN(6)

static volatile UCHAR Zeroed[6 * MEGABYTE];
static volatile UCHAR Filled[3 * MEGABYTE] = { [0] = 1, [2 * MEGABYTE] = 2, [3 * MEGABYTE - 1] = 3 };
__attribute__((section("TAIL"))) static volatile UCHAR Tail[2 * MEGABYTE];

/* Called once; its section is one that Windows frees after DriverEntry. */
__attribute__((section("INIT"))) static NOINLINE ULONG Initialize(ULONG Value)
{
	return Value * 2;
}

static NOINLINE ULONG Double(ULONG Value)
{
	return Value * 2;
}

static NOINLINE ULONG Triple(ULONG Value)
{
	return Value * 3;
}

typedef ULONG ROUTINE(ULONG Value);
static ROUTINE *volatile Routines[] = { Double, Triple, Initialize };

static VOID IndirectCallsPassTheGuard(VOID)
{
	UNICODE_STRING Name;
	ULONG_PTR Kernel;

	for (ULONG i = 0; i < 1000; i++)
		CHECK(Routines[i % 3](i) == i * (i % 3 == 1 ? 3 : 2));
	/* The loader has put the kernel's own there. */
	RtlInitUnicodeString(&Name, L"KeBugCheckEx");
	Kernel = (ULONG_PTR)MmGetSystemRoutineAddress(&Name);
	CHECK((ULONG_PTR)__guard_dispatch_icall_fptr - Kernel + 0x1000000 < 0x2000000);
	CHECK((ULONG_PTR)__guard_check_icall_fptr - Kernel + 0x1000000 < 0x2000000);
}

static VOID SectionsAreWhole(VOID)
{
	ULONG Sum = 0;

	for (ULONG i = 0; i < sizeof(Zeroed); i++)
		Sum += Zeroed[i];
	for (ULONG i = 0; i < sizeof(Tail); i++)
		Sum += Tail[i];
	CHECK(Sum == 0);
	for (ULONG i = 0; i < sizeof(Filled); i++)
		Sum += Filled[i];
	CHECK(Sum == 6);
	CHECK(Filled[2 * MEGABYTE] == 2);
	Zeroed[sizeof(Zeroed) - 1] = 1;
	Tail[sizeof(Tail) - 1] = 1;
	Filled[sizeof(Filled) - 1] = 4;
	CHECK(Zeroed[sizeof(Zeroed) - 1] + Tail[sizeof(Tail) - 1] + Filled[sizeof(Filled) - 1] == 6);
	CHECK(Many10 == 10 && Many69 == 69 && Many35 == 35);
}

static NOINLINE VOID Overrun(volatile ULONG Count)
{
	volatile CHAR Buffer[16];

	for (ULONG i = 0; i < Count; i++)
		Buffer[i] = 'A';
}

static VOID CookiesAreTheLoaders(VOID)
{
	CHECK(__security_cookie != DEFAULT_SECURITY_COOKIE);
	CHECK(__security_cookie != 0);
	CHECK(__security_cookie >> 48 == 0);
	Overrun(16);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = CheckUnload;
	CookiesAreTheLoaders();
	IndirectCallsPassTheGuard();
	SectionsAreWhole();
#ifdef OVERRUN
	Overrun(32);
#endif
	return CheckResult("guard");
}
