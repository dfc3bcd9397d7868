/* The formatting engine behind every printf of the kernel (format.c); entry points with their own return values are in printf.c. */
#ifndef RTL_FORMAT_H
#define RTL_FORMAT_H

#include "rtl.h"

/* Where formatted characters go. Those past `capacity` are counted, not stored. The engine writes no terminator. */
struct rtl_output {
	void *buffer;    /* char or WCHAR, by `wide` */
	size_t capacity; /* in characters */
	size_t length;   /* in characters, may end up above capacity */
	BOOLEAN wide;
};

/*
 * Formats into output. `format` is of char or WCHAR as output->wide says. MSVC's rules for kernel mode: %s is of the format's own
 * width and %S of the other, h and l/w force one, %Z takes a counted string, I64/I32/I and hh/h/l/ll/z/t/j are sizes, %p is 16
 * upper-case digits. %n stores nothing. Floating-point conversions take their argument and print "<float>": the kernel owns no
 * floating-point registers. Characters that convert between the widths do so by UTF-8, the lab's ANSI code page.
 */
void RtlpFormat(struct rtl_output *output, const void *format, va_list arguments);

/*
 * One UTF-16 code point (a pair, or one unit; a lone surrogate becomes U+FFFD). *index moves past it.
 * RtlpEncodeUtf8 writes up to 4 bytes and gives their count. RtlpDecodeUtf8 is the reverse; what is no UTF-8 gives U+FFFD and
 * moves one byte. Defined in utf8.c.
 */
ULONG RtlpDecodeUtf16(const WCHAR *text, size_t length, size_t *index);
ULONG RtlpEncodeUtf8(ULONG code_point, UCHAR bytes[4]);
ULONG RtlpDecodeUtf8(const UCHAR *text, size_t length, size_t *index);

#endif
