/* Stores on this machine: the grammar of paths, compressed files, pointers, and cabinets that are damaged or hold something else. */
#include "store_util.h"
#include "symbols/keeper_message.h"
#include "symbols/path_elements.h"
#include "symbols/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Paths as Microsoft's documentation has them, and what they come to here. HOME is /home/u, XDG_CACHE_HOME /c. */
static void test_grammar(void **state)
{
#define DEFAULT "/c/impasse/symbols"
	static const struct {
		const char *text, *expanded;
		unsigned problems;
	} paths[] = {
		{ "", "", 0 },
		{ ";;", "", 0 },
		{ "/a;/b c", "/a;/b c", 0 },
		{ "srv*/s", "srv*/s", 0 },
		{ "SRV*/s*https://h/p", "srv*/s*https://h/p", 0 },
		{ "srv*/s*https://h/p//", "srv*/s*https://h/p", 0 },
		{ "srv*/a*/b*http://h", "srv*/a*/b*http://h", 0 },
		{ "srv*https://h/p", "srv*" DEFAULT "*https://h/p", 0 },
		{ "srv**https://h/p", "srv*" DEFAULT "*https://h/p", 0 },
		{ "srv*", "srv*" DEFAULT "*" IMP_MICROSOFT_SERVER, 0 },
		{ "https://h/p", "srv*" DEFAULT "*https://h/p", 0 },
		{ "symsrv*symsrv.dll*/a*https://h", "srv*/a*https://h", 0 },
		{ "cache*", "cache*" DEFAULT, 0 },
		{ "cache*/c1;srv*https://h;/f", "cache*/c1;srv*/c1*https://h;/f", 0 },
		{ "srv*/before;cache*/c1;srv*/a*/b", "srv*/before;cache*/c1;srv*/c1*/a*/b", 0 },
		{ "srv*~/s*https://h;~/t", "srv*/home/u/s*https://h;/home/u/t", 0 },
		/* As copied from a Windows machine. */
		{ "C:\\Symbols", "", 1 },
		{ "\\\\server\\share;/a", "/a", 1 },
		{ "srv*C:\\Symbols*https://h", "srv*" DEFAULT "*https://h", 1 },
		{ "srv*c:\\s*\\\\server\\share", "", 2 },
		/* Mistakes. */
		{ "/a*/b", "", 1 },
		{ "ftp://h/p", "", 1 },
		{ "srv*/a*ftp://h/p", "srv*/a", 1 },
		{ "srv*/a*https://h*https://i", "srv*/a*https://h", 1 },
		{ "srv*/1*/2*/3*/4*/5*/6*/7*/8*/9*/10*/11", "srv*/1*/2*/3*/4*/5*/6*/7*/8*/9*/10", 1 },
	};

	(void)state;
	setenv("XDG_CACHE_HOME", "/c", 1);
	setenv("HOME", "/home/u", 1);
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct imp_path_elements elements = { 0 };
		char *text;

		succeed(imp_path_elements_add(&elements, paths[i].text));
		text = imp_path_elements_text(&elements);
		if (strcmp(text, paths[i].expanded) != 0 || elements.problem_count != paths[i].problems)
			fail_msg("%s is %s with %zu problems, not %s with %u", paths[i].text, text, elements.problem_count, paths[i].expanded,
				 paths[i].problems);
		free(text);
		imp_path_elements_free(&elements);
	}
	/* Without a relative XDG_CACHE_HOME, in the home; without any home, nowhere. */
	setenv("XDG_CACHE_HOME", "relative", 1);
	char *store = imp_default_store();
	assert_string_equal(store, "/home/u/.cache/impasse/symbols");
	free(store);
	unsetenv("HOME");
	assert_null(imp_default_store());
	setenv("XDG_CACHE_HOME", folder, 1);
}

static void test_pointers(void **state)
{
	static const struct {
		const char *bytes;
		bool is;
		const char *target;
	} pointers[] = {
		{ "PATH:/a/b.pdb", true, "/a/b.pdb" },
		{ "/a/b.pdb\r\n", true, "/a/b.pdb" },
		{ " path:\\\\s\\b.pdb \nmore", true, "\\\\s\\b.pdb" },
		{ "MSG: Ask for it.", false, "MSG: Ask for it." },
		{ "", false, "" },
		{ "PATH:", false, "" },
		{ "\n", false, "" },
	};
	static char longest[IMP_POINTER_LIMIT + 1];
	char target[IMP_POINTER_LIMIT];

	(void)state;
	for (size_t i = 0; i < sizeof(pointers) / sizeof(*pointers); i++) {
		assert_int_equal(imp_pointer_target(pointers[i].bytes, strlen(pointers[i].bytes), target), pointers[i].is);
		assert_string_equal(target, pointers[i].target);
	}
	memset(longest, 'x', sizeof(longest));
	assert_false(imp_pointer_target(longest, IMP_POINTER_LIMIT, target));
	assert_true(imp_pointer_target(longest, IMP_POINTER_LIMIT - 1, target));
	assert_int_equal(strlen(target), IMP_POINTER_LIMIT - 1);

	shell("cd %s && mkdir -p pointing/sample.pdb/%s elsewhere && cp '%s' elsewhere/moved && printf 'PATH:%s/elsewhere/moved' > "
	      "pointing/sample.pdb/%s/file.ptr",
	      folder, key(), SAMPLE_PDB, folder, key());
	char text[512];
	snprintf(text, sizeof(text), "srv*%s/pointing", folder);
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), 0);
	/* What is behind the first store of a chain comes into it, also from elsewhere. */
	snprintf(text, sizeof(text), "srv*%s/nearer*%s/pointing", folder, folder);
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), 0);
	shell("cmp '%s' %s/nearer/sample.pdb/%s/sample.pdb", SAMPLE_PDB, folder, key());
	/* A pointer to another build, to a Windows share, to itself. */
	struct imp_guid other = guid;
	other.bytes[0] ^= 1;
	shell("cd %s && mkdir -p astray/sample.pdb/%s && printf 'PATH:\\\\\\\\server\\\\x.pdb' > astray/sample.pdb/%s/file.ptr", folder, key(),
	      key());
	snprintf(text, sizeof(text), "srv*%s/astray", folder);
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), IMP_ERROR_NOT_FOUND);
	shell("cd %s && printf 'PATH:%s/astray/sample.pdb/%s/file.ptr' > astray/sample.pdb/%s/file.ptr", folder, folder, key(), key());
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), IMP_ERROR_FORMAT);
}

/* Puts a cabinet of `content`, named sample.pdb in it, where `place` says. */
static void pack(const char *content, const char *place)
{
	shell("cd %s && mkdir -p pack && cp '%s' pack/sample.pdb && cd pack && gcab -c -z ../packed.cab sample.pdb && mkdir -p \"$(dirname ../%s)\" "
	      "&& mv "
	      "../packed.cab ../%s",
	      folder, content, place, place);
}

static void test_compressed(void **state)
{
	char text[512], place[256];

	(void)state;
	/* In a plain folder: it is unpacked into the default store, once. */
	pack(SAMPLE_PDB, "plain/sample.pd_");
	snprintf(text, sizeof(text), "%s/plain", folder);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), 0);
		shell("cmp '%s' %s/impasse/symbols/sample.pdb/%s/sample.pdb && test ! -e %s/impasse/symbols/.incoming", SAMPLE_PDB, folder, key(),
		      folder);
	}
	shell("rm -r %s/impasse", folder);
	/* In a store behind another: there. */
	snprintf(place, sizeof(place), "far/sample.pdb/%s/sample.pd_", key());
	pack(SAMPLE_PDB, place);
	snprintf(text, sizeof(text), "srv*%s/close*%s/far", folder, folder);
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), 0);
	shell("cmp '%s' %s/close/sample.pdb/%s/sample.pdb && test ! -e %s/impasse", SAMPLE_PDB, folder, key(), folder);
	/* Under its own name: what a file is, its content tells. */
	pack(SAMPLE_PDB, "named/sample.pdb");
	snprintf(text, sizeof(text), "%s/named", folder);
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), 0);
	shell("rm -r %s/impasse", folder);
}

/* Cabinets that hold something else; nothing of them may stay. */
static void test_wrong_cabinets(void **state)
{
	struct imp_guid other = guid;
	char text[512];

	(void)state;
	other.bytes[0] ^= 1;
	pack(SAMPLE_PDB, "wrong/sample.pd_");
	snprintf(text, sizeof(text), "%s/wrong", folder);
	assert_int_equal(look(text, "sample.pdb", &other, age, NULL), IMP_ERROR_MISMATCH);
	assert_non_null(strstr(look_message, "/wrong/sample.pd_"));
	pack("/bin/true", "wrong/sample.pd_");
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), IMP_ERROR_FORMAT);
	/* Two files, none of them the one. */
	shell("cd %s && cp /bin/true one && cp /bin/true two && gcab -c -z wrong/sample.pd_ one two", folder);
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), IMP_ERROR_FORMAT);
	assert_non_null(strstr(look_message, "holds other files"));
	/* More than the limit, out of little. */
	shell("cd %s && truncate -s 3M zeros", folder);
	snprintf(text, sizeof(text), "%s/zeros", folder);
	pack(text, "wrong/sample.pd_");
	snprintf(text, sizeof(text), "%s/wrong", folder);
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), IMP_ERROR_FORMAT);
	assert_non_null(strstr(look_message, "limit"));
	shell("test -z \"$(find %s/impasse -type f)\"", folder);
}

/* Damage at places that a seed gives: refused, or it did no harm to the PDB; the keeper lives on. */
static void test_damaged_cabinets(void **state)
{
	enum { ROUNDS = 150 };
	unsigned seed = 20251122, refused = 0;
	char path[512], text[512];

	(void)state;
	print_message("seed %u\n", seed);
	pack(SAMPLE_PDB, "damaged/sample.pd_");
	snprintf(path, sizeof(path), "%s/damaged/sample.pd_", folder);
	snprintf(text, sizeof(text), "%s/damaged", folder);
	for (int round = 0; round < ROUNDS; round++) {
		FILE *file = fopen(path, "r+b");
		long size, at;
		int old, new;

		assert_non_null(file);
		fseek(file, 0, SEEK_END);
		size = ftell(file);
		/* The headers more often than their share. */
		at = round % 2 ? rand_r(&seed) % 100 : rand_r(&seed) % size;
		fseek(file, at, SEEK_SET);
		old = fgetc(file);
		new = rand_r(&seed) & 0xff;
		fseek(file, at, SEEK_SET);
		fputc(new, file);
		assert_int_equal(fclose(file), 0);
		refused += look(text, "sample.pdb", &guid, age, NULL) != 0;
		file = fopen(path, "r+b");
		assert_non_null(file);
		fseek(file, at, SEEK_SET);
		fputc(old, file);
		assert_int_equal(fclose(file), 0);
		shell("test -z \"$(find %s/impasse/symbols/.incoming -type f 2>/dev/null)\" && rm -rf %s/impasse", folder, folder);
	}
	assert_true(refused > ROUNDS / 4);
	shell("truncate -s 1000 %s", path);
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), IMP_ERROR_FORMAT);
	pack(SAMPLE_PDB, "damaged/sample.pd_");
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), 0);
}

/* What the debugger and impasse-fetch say to one another comes across whole, and nothing else is taken for it. */
static void test_packets(void **state)
{
	static uint8_t packet[IMP_KEEPER_PACKET], damaged[IMP_KEEPER_PACKET];
	const struct imp_keeper_answer answer = { .kind = IMP_KEEPER_FAILED, .code = IMP_ERROR_MISMATCH, .text = "of another build" };
	struct imp_keeper_request request = { .from_server = true, .round = 3, .source = "https://h/p", .stores = { "/a", "/b" }, .store_count = 2 };
	struct imp_keeper_request parsed;
	struct imp_keeper_answer parsed_answer;
	unsigned seed = 7;
	size_t size;

	(void)state;
	print_message("seed %u\n", seed);
	succeed(imp_identity_pdb("sample.pdb", &guid, age, &request.identity));
	size = imp_keeper_pack_request(&request, packet);
	assert_true(imp_keeper_parse_request((struct imp_span){ packet, size }, &parsed));
	assert_string_equal(parsed.identity.name, "sample.pdb");
	assert_memory_equal(&parsed.identity.guid, &guid, sizeof(guid));
	assert_int_equal(parsed.identity.age, age);
	assert_true(parsed.from_server);
	assert_int_equal(parsed.round, 3);
	assert_string_equal(parsed.source, request.source);
	assert_int_equal(parsed.store_count, 2);
	assert_string_equal(parsed.stores[1], "/b");
	for (size_t part = 0; part < size; part++)
		assert_false(imp_keeper_parse_request((struct imp_span){ packet, part }, &parsed));
	assert_false(imp_keeper_parse_request((struct imp_span){ packet, size + 1 }, &parsed));
	for (int round = 0; round < 20000; round++) {
		memcpy(damaged, packet, size);
		for (int i = 0; i < 3; i++)
			damaged[(size_t)rand_r(&seed) % size] = (uint8_t)rand_r(&seed);
		if (imp_keeper_parse_request((struct imp_span){ damaged, size }, &parsed)) {
			assert_true(imp_is_file_name(parsed.identity.name));
			assert_in_range(parsed.store_count, 1, IMP_CHAIN_LIMIT);
		}
	}
	/* A name that is no file's, from a debugger that a dump has taken over. */
	strcpy(request.identity.name, "../evil");
	size = imp_keeper_pack_request(&request, packet);
	assert_false(imp_keeper_parse_request((struct imp_span){ packet, size }, &parsed));

	size = imp_keeper_pack_answer(&answer, packet);
	assert_true(imp_keeper_parse_answer((struct imp_span){ packet, size }, &parsed_answer));
	assert_int_equal(parsed_answer.code, IMP_ERROR_MISMATCH);
	assert_string_equal(parsed_answer.text, answer.text);
	for (size_t part = 0; part < size; part++)
		assert_false(imp_keeper_parse_answer((struct imp_span){ packet, part }, &parsed_answer));
}

static int set_up(void **state)
{
	setenv("IMPASSE_SYMBOL_LIMIT", "2", 1);
	return store_set_up(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets),    cmocka_unit_test(test_grammar),        cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_compressed), cmocka_unit_test(test_wrong_cabinets), cmocka_unit_test(test_damaged_cabinets),
	};

	return cmocka_run_group_tests_name("symbol_stores", tests, set_up, store_tear_down);
}
