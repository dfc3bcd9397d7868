/* Finding PDBs and images: flat folders, stores of one and two tiers, chains of stores, identities that do not match, and what is said then. */
#include "store_util.h"
#include "symbols/wildcard.h"

#include <dirent.h>
#include <string.h>

static void test_places(void **state)
{
	char text[512];

	(void)state;
	shell("cd %s && mkdir -p flat with/symbols one/sample.pdb/%s two/sa/Sample.PDB/%s empty void && : > two/index2.txt", folder, key(), key());
	shell("cd %s && cp '%s' flat/sample.pdb && cp flat/sample.pdb with/symbols && cp flat/sample.pdb one/sample.pdb/%s/ && cp flat/sample.pdb "
	      "two/sa/Sample.PDB/%s/",
	      folder, SAMPLE_PDB, key(), key());
	static const char *const places[] = { "%s/flat",
					      "%s/with",
					      "%s/one",
					      "%s/two",
					      "%s/empty;%s/one",
					      "srv*%s/empty*%s/two*https://example.invalid/s",
					      "cache*%s/empty;SRV*%s/one*http://example.invalid/s",
					      "symsrv*symsrv.dll*%s/empty*%s/flat" };
	for (unsigned i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(text, sizeof(text), places[i], folder, folder);
		if (look(text, "sample.pdb", &guid, age, NULL) != 0)
			fail_msg("not found in %s", text);
		/* Windows's names have no case, and images record paths of the machine that built them. */
		assert_int_equal(look(text, "D:\\build\\SAMPLE.pdb", &guid, age, NULL), 0);
	}
	/* What was found behind the first store of a chain is in it now. */
	shell("cmp %s/flat/sample.pdb %s/empty/sample.pdb/%s/sample.pdb && test ! -e %s/empty/.incoming", folder, folder, key(), folder);
	snprintf(text, sizeof(text), "%s/void", folder);
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), IMP_ERROR_NOT_FOUND);
	assert_int_equal(look(NULL, "sample.pdb", &guid, age, NULL), IMP_ERROR_NOT_FOUND);
	assert_int_equal(look("", "sample.pdb", &guid, age, SAMPLE_PDB), 0);
	assert_int_equal(look(text, "..", &guid, age, NULL), IMP_ERROR_FORMAT);
	assert_int_equal(look(text, "", &guid, age, NULL), IMP_ERROR_FORMAT);
}

static unsigned folders_read;

/* The linker gives this in place of opendir. */
DIR *__real_opendir(const char *name);
DIR *__wrap_opendir(const char *name);
DIR *__wrap_opendir(const char *name)
{
	folders_read++;
	return __real_opendir(name);
}

/* A thousand modules are looked for in a folder of thousands of files: it is read once, until something in it changes. */
static void test_folder_is_read_once(void **state)
{
	enum { MODULES = 1000 };
	char text[512], name[32];
	struct imp_symbol_path *path;
	struct imp_pdb *pdb;

	(void)state;
	shell("cd %s && mkdir full && cd full && seq -f 'Module%%04.0f.PDB' 3000 | xargs touch && touch -d '1 hour ago' .", folder);
	snprintf(text, sizeof(text), "%s/full", folder);
	succeed(imp_symbol_path_new(text, &path));
	folders_read = 0;
	for (unsigned i = 1; i <= MODULES; i++) {
		snprintf(name, sizeof(name), i % 2 ? "absent%04u.pdb" : "module%04u.pdb", i);
		struct imp_error *err = imp_symbol_path_open_pdb(path, name, &guid, age, NULL, &pdb);
		/* The empty file of the other spelling has been found. */
		assert_int_equal(imp_error_code(err), i % 2 ? IMP_ERROR_NOT_FOUND : IMP_ERROR_FORMAT);
		imp_error_free(err);
	}
	assert_int_equal(folders_read, 1);
	shell("cp '%s' %s/full/Sample.PDB", SAMPLE_PDB, folder);
	succeed(imp_symbol_path_open_pdb(path, "sample.pdb", &guid, age, NULL, &pdb));
	imp_pdb_close(pdb);
	shell("rm %s/full/Sample.PDB && mv %s/full %s/fuller", folder, folder, folder);
	struct imp_error *err = imp_symbol_path_open_pdb(path, "sample.pdb", &guid, age, NULL, &pdb);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	imp_error_free(err);
	imp_symbol_path_free(path);
}

static void test_mismatch(void **state)
{
	struct imp_guid other = guid;
	char text[512];

	(void)state;
	other.bytes[5] ^= 1;
	snprintf(text, sizeof(text), "%s/flat", folder);
	assert_int_equal(look(text, "sample.pdb", &other, age, NULL), IMP_ERROR_MISMATCH);
	assert_int_equal(look(text, "sample.pdb", &guid, age + 1, NULL), IMP_ERROR_MISMATCH);
	/* A file of another build is passed over when the right one comes later. */
	shell("cd %s && mkdir -p wrong && printf 'Microsoft C/C++ MSF 7.00' > wrong/sample.pdb", folder);
	snprintf(text, sizeof(text), "%s/wrong;%s/flat", folder, folder);
	assert_int_equal(look(text, "sample.pdb", &guid, age, NULL), 0);
	/* A mismatch says more than a file that cannot be read. */
	assert_int_equal(look(text, "sample.pdb", &other, age, NULL), IMP_ERROR_MISMATCH);
}

static void test_image(void **state)
{
	struct imp_symbol_path *path;
	struct imp_pe *image, *found;
	struct imp_error *err;

	(void)state;
	succeed(imp_pe_open_file(SAMPLE_IMAGE, &image));
	const struct imp_pe_info *info = imp_pe_info(image);
	/* The linker's own record of its PDB leads to it. */
	assert_true(info->has_rsds);
	assert_memory_equal(info->pdb_guid.bytes, guid.bytes, 16);
	assert_int_equal(info->pdb_age, age);
	assert_int_equal(look("", info->pdb_path, &info->pdb_guid, info->pdb_age, info->pdb_path), 0);

	shell("cd %s && mkdir -p images/sample.exe/%08X%x && cp '%s' images/sample.exe/%08X%x/ && cp '%s' flat/", folder, info->time_date_stamp,
	      info->size_of_image, SAMPLE_IMAGE, info->time_date_stamp, info->size_of_image, SAMPLE_IMAGE);
	succeed(imp_symbol_path_new(NULL, &path));
	err = imp_symbol_path_open_image(path, "sample.exe", 0, info->size_of_image, IMP_REACH_SERVERS, &found);
	assert_int_equal(imp_error_code(err), IMP_ERROR_NOT_FOUND);
	imp_error_free(err);
	char text[512];
	snprintf(text, sizeof(text), "%s/images", folder);
	succeed(imp_symbol_path_append(path, text));
	succeed(imp_symbol_path_open_image(path, "C:\\Windows\\Sample.exe", info->time_date_stamp, info->size_of_image, IMP_REACH_SERVERS, &found));
	imp_pe_close(found);
	snprintf(text, sizeof(text), "%s/flat", folder);
	succeed(imp_symbol_path_append(path, text));
	assert_non_null(strstr(imp_symbol_path_text(path), "/images;"));
	succeed(imp_symbol_path_open_image(path, "sample.exe", 0, info->size_of_image, IMP_REACH_SERVERS, &found));
	imp_pe_close(found);
	err = imp_symbol_path_open_image(path, "sample.exe", info->time_date_stamp ^ 1, info->size_of_image, IMP_REACH_SERVERS, &found);
	assert_int_equal(imp_error_code(err), IMP_ERROR_MISMATCH);
	imp_error_free(err);
	imp_symbol_path_free(path);
	imp_pe_close(image);
}

/* Windows keeps no time stamp of an unloaded driver: of two builds of its size, the one that came into the store last is taken. */
static void test_build_without_time_stamp(void **state)
{
	struct imp_pe *image, *found;
	struct imp_symbol_path *path;
	char text[512];

	(void)state;
	succeed(imp_pe_open_file(SAMPLE_IMAGE, &image));
	uint32_t size = imp_pe_info(image)->size_of_image;
	imp_pe_close(image);
	shell("cd %s && for key in 00000001%x 00000002%x 00000003%x; do mkdir -p builds/sample.exe/$key && cp '%s' builds/sample.exe/$key/; done && "
	      "cd builds/sample.exe && "
	      "touch -d 2020-01-01 *1%x *3%x && touch -d 2021-01-01 *2%x && mkdir 00000004%x",
	      folder, size, size, size + 1, SAMPLE_IMAGE, size, size + 1, size, size + 2);
	snprintf(text, sizeof(text), "%s/builds", folder);
	succeed(imp_symbol_path_new(text, &path));
	succeed(imp_symbol_path_open_image(path, "SAMPLE.EXE", 0, size, IMP_REACH_LOCAL, &found));
	assert_non_null(strstr(imp_pe_name(found), "/00000002"));
	imp_pe_close(found);
	imp_symbol_path_free(path);
}

static void test_wildcards(void **state)
{
	(void)state;
	assert_true(imp_wildcard_match("*", ""));
	assert_true(imp_wildcard_match("**", ""));
	assert_true(imp_wildcard_match("ke*event*", "KeWaitForEventObject"));
	assert_true(imp_wildcard_match("K?SetEvent", "kesetevent"));
	assert_true(imp_wildcard_match("*a*b*c", "xxaxxbxxbxxc"));
	assert_false(imp_wildcard_match("*a*b*c", "xxaxxcxxb"));
	assert_false(imp_wildcard_match("KeSetEvent", "KeSetEventBoost"));
	assert_false(imp_wildcard_match("KeSetEvent?", "KeSetEvent"));
	assert_false(imp_wildcard_match("", "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_build_without_time_stamp), cmocka_unit_test(test_wildcards), cmocka_unit_test(test_places),
		cmocka_unit_test(test_folder_is_read_once),      cmocka_unit_test(test_mismatch),  cmocka_unit_test(test_image),
	};

	return cmocka_run_group_tests_name("symbol_path", tests, store_set_up, store_tear_down);
}
