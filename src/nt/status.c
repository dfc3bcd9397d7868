/* NTSTATUS values: see status.h. Source: "NTSTATUS Values" of [MS-ERREF]; MinGW-w64's ntstatus.h has the same. */
#include "nt/status.h"

#include <stddef.h>

static const struct imp_status statuses[] = {
	{ 0x00000102, "STATUS_TIMEOUT", "Time-out" },
	{ 0x80000001, "STATUS_GUARD_PAGE_VIOLATION", "Guard page" },
	{ 0x80000002, "STATUS_DATATYPE_MISALIGNMENT", "Misaligned data" },
	{ 0x80000003, "STATUS_BREAKPOINT", "Break instruction exception" },
	{ 0x80000004, "STATUS_SINGLE_STEP", "Single step exception" },
	{ 0xC0000001, "STATUS_UNSUCCESSFUL", "Unsuccessful" },
	{ 0xC0000005, "STATUS_ACCESS_VIOLATION", "Access violation" },
	{ 0xC0000006, "STATUS_IN_PAGE_ERROR", "In-page I/O error" },
	{ 0xC0000008, "STATUS_INVALID_HANDLE", "Invalid handle" },
	{ 0xC000000D, "STATUS_INVALID_PARAMETER", "Invalid parameter" },
	{ 0xC000000E, "STATUS_NO_SUCH_DEVICE", "No such device" },
	{ 0xC0000010, "STATUS_INVALID_DEVICE_REQUEST", "Invalid device request" },
	{ 0xC0000017, "STATUS_NO_MEMORY", "Out of memory" },
	{ 0xC000001D, "STATUS_ILLEGAL_INSTRUCTION", "Illegal instruction" },
	{ 0xC0000022, "STATUS_ACCESS_DENIED", "Access denied" },
	{ 0xC0000025, "STATUS_NONCONTINUABLE_EXCEPTION", "Exception that cannot be continued" },
	{ 0xC0000026, "STATUS_INVALID_DISPOSITION", "Invalid disposition of an exception handler" },
	{ 0xC000003E, "STATUS_DATA_ERROR", "Data error" },
	{ 0xC000008C, "STATUS_ARRAY_BOUNDS_EXCEEDED", "Array bounds exceeded" },
	{ 0xC000008D, "STATUS_FLOAT_DENORMAL_OPERAND", "Floating-point denormal operand" },
	{ 0xC000008E, "STATUS_FLOAT_DIVIDE_BY_ZERO", "Floating-point division by zero" },
	{ 0xC000008F, "STATUS_FLOAT_INEXACT_RESULT", "Floating-point inexact result" },
	{ 0xC0000090, "STATUS_FLOAT_INVALID_OPERATION", "Floating-point invalid operation" },
	{ 0xC0000091, "STATUS_FLOAT_OVERFLOW", "Floating-point overflow" },
	{ 0xC0000092, "STATUS_FLOAT_STACK_CHECK", "Floating-point stack check" },
	{ 0xC0000093, "STATUS_FLOAT_UNDERFLOW", "Floating-point underflow" },
	{ 0xC0000094, "STATUS_INTEGER_DIVIDE_BY_ZERO", "Integer division by zero" },
	{ 0xC0000095, "STATUS_INTEGER_OVERFLOW", "Integer overflow" },
	{ 0xC0000096, "STATUS_PRIVILEGED_INSTRUCTION", "Privileged instruction" },
	{ 0xC000009A, "STATUS_INSUFFICIENT_RESOURCES", "Insufficient resources" },
	{ 0xC000009C, "STATUS_DEVICE_DATA_ERROR", "Device data error" },
	{ 0xC000009D, "STATUS_DEVICE_NOT_CONNECTED", "Device not connected" },
	{ 0xC000009E, "STATUS_DEVICE_POWER_FAILURE", "Device power failure" },
	{ 0xC00000A3, "STATUS_DEVICE_NOT_READY", "Device not ready" },
	{ 0xC00000B5, "STATUS_IO_TIMEOUT", "I/O time-out" },
	{ 0xC00000BB, "STATUS_NOT_SUPPORTED", "Not supported" },
	{ 0xC00000C0, "STATUS_DEVICE_DOES_NOT_EXIST", "Device does not exist" },
	{ 0xC00000FD, "STATUS_STACK_OVERFLOW", "Stack overflow" },
	{ 0xC000016A, "STATUS_DISK_OPERATION_FAILED", "Disk operation failed" },
	{ 0xC0000185, "STATUS_IO_DEVICE_ERROR", "I/O device error" },
	{ 0xC0000186, "STATUS_DEVICE_PROTOCOL_ERROR", "Device protocol error" },
	{ 0xC0000194, "STATUS_POSSIBLE_DEADLOCK", "Possible deadlock" },
	{ 0xC0000218, "STATUS_CANNOT_LOAD_REGISTRY_FILE", "Registry file cannot be loaded" },
	{ 0xC000021A, "STATUS_SYSTEM_PROCESS_TERMINATED", "System process terminated" },
	{ 0xC0000221, "STATUS_IMAGE_CHECKSUM_MISMATCH", "Checksum of an image does not match" },
	{ 0xC00002B4, "STATUS_FLOAT_MULTIPLE_FAULTS", "Multiple floating-point faults" },
	{ 0xC00002B5, "STATUS_FLOAT_MULTIPLE_TRAPS", "Multiple floating-point traps" },
	{ 0xC00002B6, "STATUS_DEVICE_REMOVED", "Device removed" },
	{ 0xC0000374, "STATUS_HEAP_CORRUPTION", "Heap corruption" },
	{ 0xC0000409, "STATUS_STACK_BUFFER_OVERRUN", "Security check failure or stack buffer overrun" },
	{ 0xC0000420, "STATUS_ASSERTION_FAILURE", "Assertion failure" },
	{ 0xE06D7363, "C++ exception", "C++ exception" }, /* not an NTSTATUS: Microsoft's compilers throw it */
};

const struct imp_status *imp_status_find(uint32_t code)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i].code == code)
			return &statuses[i];
	}
	return NULL;
}
