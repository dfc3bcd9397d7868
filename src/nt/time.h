/* NT's clocks as people read them: ticks, intervals, FILETIME in the reader's time zone. */
#ifndef IMP_NT_TIME_H
#define IMP_NT_TIME_H

#include "nt/kernel.h"

#define IMP_USER_SHARED_DATA UINT64_C(0xfffff78000000000) /* where every x64 kernel maps KUSER_SHARED_DATA (ntddk.h) */

/* Ticks of the clock interrupt since boot; false when they cannot be read (and a note). */
bool imp_tick_count(struct imp_kernel *kernel, uint64_t *ticks);
/* Clock ticks as milliseconds, by the kernel's KeMaximumIncrement. */
uint64_t imp_ticks_to_ms(struct imp_kernel *kernel, uint64_t ticks);

/* MEX's intervals: "0", "453ms", "20s.296", "2m:12.046", "1h:02:03.004", "1d.02:03:04.005". Returns `text`. */
const char *imp_format_interval(uint64_t milliseconds, char *text, size_t size);
/* 100 ns units as "0 days 0:05:50.322". Returns `text`. */
const char *imp_format_uptime(uint64_t units, char *text, size_t size);
/* A FILETIME as "Sat Nov 25 04:31:01.857 2023 (UTC - 8:00)" in the zone of TZ. Returns `text`; "Not Found" for 0. */
const char *imp_format_session_time(uint64_t filetime, char *text, size_t size);
/* A FILETIME as "12/20/2023 07:23:57.634 AM". Returns `text`; "Not Found" for 0. */
const char *imp_format_file_time(uint64_t filetime, char *text, size_t size);
/* A FILETIME as "2023-11-25T12:31:01.857Z", for programs. Returns `text`, or NULL for 0. */
const char *imp_format_iso_time(uint64_t filetime, char *text, size_t size);

#endif
