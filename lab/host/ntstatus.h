/* NTSTATUS codes as Windows error codes. */
#ifndef IMP_HOST_NTSTATUS_H
#define IMP_HOST_NTSTATUS_H

#include <stdbool.h>
#include <stdint.h>

/* The codes that docs/lab.md gives a meaning of their own (values as in ntstatus.h of the Windows headers). */
#define IMP_STATUS_INVALID_DEVICE_REQUEST      0xc0000010u
#define IMP_STATUS_OBJECT_NAME_NOT_FOUND       0xc0000034u
#define IMP_STATUS_IMAGE_ALREADY_LOADED        0xc000010eu
#define IMP_STATUS_IMAGE_ALREADY_LOADED_AS_DLL 0xc000019du

/* Success and informational codes; everything from 0x80000000 on is a failure. */
static inline bool imp_ntstatus_ok(uint32_t status)
{
	return !(status & 0x80000000u);
}

/* The Windows error code of a failure, as RtlNtStatusToDosError gives it: 317 for a status without one. */
uint32_t imp_ntstatus_to_win32(uint32_t status);

#endif
