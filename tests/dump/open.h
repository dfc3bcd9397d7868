/* Opening a synthetic dump by the real reader, and what every refusal has to look like. */
#ifndef TESTS_DUMP_OPEN_H
#define TESTS_DUMP_OPEN_H

#include "dump/dump.h"
#include "synthetic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The first `size` bytes of `made`, as a file named synthetic.dmp. */
static inline struct imp_error *open_synthetic(const struct synthetic *made, size_t size, struct imp_dump **dump)
{
	return imp_dump_open_bytes("synthetic.dmp", (struct imp_span){ made->bytes, size }, dump);
}

/* Expects that the first `size` bytes of `made` are refused with a sentence that names the file and contains `part`. */
static inline void refused(const struct synthetic *made, size_t size, const char *part)
{
	struct imp_dump *dump;
	struct imp_error *err = open_synthetic(made, size, &dump);

	assert_non_null(err);
	assert_null(dump);
	assert_int_equal(imp_error_code(err), IMP_ERROR_FORMAT);
	if (!strstr(imp_error_message(err), part))
		fail_msg("\"%s\" does not contain \"%s\"", imp_error_message(err), part);
	assert_ptr_equal(strstr(imp_error_message(err), "synthetic.dmp: "), imp_error_message(err));
	imp_error_free(err);
}

#endif
