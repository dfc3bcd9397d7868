/* What the tests of symbol paths share: a temporary folder, the sample PDB's identity, and looking for it. */
#ifndef IMP_TESTS_STORE_UTIL_H
#define IMP_TESTS_STORE_UTIL_H

#include "pdbutil.h"
#include "symbols/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

extern char folder[];        /* temporary, for the tests of one program */
extern struct imp_guid guid; /* of sample.pdb */
extern uint32_t age;

/* For cmocka's groups: make the folder and read the identity; remove the folder. */
int store_set_up(void **state);
int store_tear_down(void **state);

/* Fails the test with the error's message. */
void succeed(struct imp_error *err);
/* Runs a shell command that must succeed. */
void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* GUID and age as a store's folder is called. */
const char *key(void);
/* Looks for the PDB `name` by the path `text`; returns the error's code, 0 when it was found, and that it is the right one. The error's message is in
 * `look_message`.
 */
int look(const char *text, const char *name, const struct imp_guid *wanted, uint32_t wanted_age, const char *recorded);
extern char look_message[2048];

#endif
