/* Unwinding, against the truth: at every single instruction of many functions, prologues and epilogues included, the frames found must be
 * exactly the callers that a single-stepping parent has seen, with the registers that they find when they are returned to.
 */
#include "stepper.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static const char *const images[] = { IMAGES };

struct checked {
	struct stepped_image image;
	struct imp_pe *loaded; /* the image as seen in the dump */
	const struct imp_pe *used;
	bool from_file;
	size_t described; /* instructions checked */
	size_t trapped;   /* of these, above a machine frame */
	char failure[512];
};

static const struct imp_pe *resolve(void *context, uint64_t address, uint64_t *base, bool *from_file)
{
	struct checked *checked = context;

	if (address < checked->image.base || address - checked->image.base >= checked->image.size)
		return NULL;
	*base = checked->image.base;
	*from_file = checked->from_file;
	return checked->used;
}

/* Registers that a function must preserve, by the calling convention. */
static const int non_volatile[] = { IMP_RBX, IMP_RSP, IMP_RBP, IMP_RSI, IMP_RDI, 12, 13, 14, 15 };

static bool same_registers(struct checked *checked, uint64_t rip, size_t frame, const struct imp_registers *found,
			   const struct imp_registers *expected)
{
	if (found->rip != expected->rip) {
		snprintf(checked->failure, sizeof(checked->failure), "at RVA 0x%" PRIx64 ": frame %zu is at 0x%" PRIx64 ", expected 0x%" PRIx64,
			 rip - checked->image.base, frame, found->rip, expected->rip);
		return false;
	}
	for (size_t i = 0; i < sizeof(non_volatile) / sizeof(non_volatile[0]); i++) {
		int reg = non_volatile[i];

		if (found->gpr[reg] == expected->gpr[reg])
			continue;
		snprintf(checked->failure, sizeof(checked->failure),
			 "at RVA 0x%" PRIx64 ": register %d of frame %zu is 0x%" PRIx64 ", expected 0x%" PRIx64, rip - checked->image.base, reg,
			 frame, found->gpr[reg], expected->gpr[reg]);
		return false;
	}
	return true;
}

static bool is_described(const struct checked *checked, uint64_t rip)
{
	for (int i = 1; i <= 4; i++) {
		char begin[32], end[32];

		snprintf(begin, sizeof(begin), "undescribed_begin_%d", i);
		snprintf(end, sizeof(end), "undescribed_end_%d", i);
		if (rip >= stepped_image_export(&checked->image, begin) && rip < stepped_image_export(&checked->image, end))
			return false;
	}
	return true;
}

static bool check_walk(struct checked *checked, const struct imp_registers *now, const struct caller *callers, size_t count)
{
	struct imp_frame frames[80];
	size_t found;
	IMP_CLEANUP_ERROR struct imp_error *err =
		imp_stack_walk(checked->image.memory, resolve, checked, now, 0, 0, frames, sizeof(frames) / sizeof(frames[0]), &found);

	if (err) {
		snprintf(checked->failure, sizeof(checked->failure), "at RVA 0x%" PRIx64 ": %s", now->rip - checked->image.base,
			 imp_error_message(err));
		return false;
	}
	for (size_t i = 0; i <= count && i < found; i++) {
		const struct caller *caller = i ? &callers[count - i] : NULL;

		if (!same_registers(checked, now->rip, i, &frames[i].registers, caller ? &caller->registers : now))
			return false;
		if (frames[i].machine_frame != (caller && caller->machine_frame) || frames[i].guessed != (i == count) ||
		    frames[i].unwound_from_file != (checked->from_file && i < count && frames[i].unwound_from_file) ||
		    frames[i].return_address != (i < count ? callers[count - i - 1].registers.rip : 0)) {
			snprintf(checked->failure, sizeof(checked->failure), "at RVA 0x%" PRIx64 ": frame %zu%s%s%s returns to 0x%" PRIx64,
				 now->rip - checked->image.base, i, frames[i].machine_frame ? " (trapped)" : "",
				 frames[i].guessed ? " (guessed)" : "", frames[i].unwound_from_file ? " (from a file)" : "",
				 frames[i].return_address);
			return false;
		}
	}
	if (found != count + 1) {
		snprintf(checked->failure, sizeof(checked->failure), "at RVA 0x%" PRIx64 ": %zu frames, expected %zu", now->rip - checked->image.base,
			 found, count + 1);
		return false;
	}
	return true;
}

static bool check_step(void *context, const struct imp_registers *now, const struct caller *callers, size_t count)
{
	struct checked *checked = context;
	bool good = true;

	if (!is_described(checked, now->rip))
		return true;
	checked->described++;
	for (size_t i = 0; i < count; i++)
		checked->trapped += callers[i].machine_frame;
	checked->used = checked->loaded;
	checked->from_file = false;
	good = check_walk(checked, now, callers, count);
	checked->used = checked->image.file;
	checked->from_file = true;
	return good && check_walk(checked, now, callers, count);
}

static void every_instruction(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		struct checked checked = { 0 };

		stepped_image_load(&checked.image, images[i]);
		assert_null(imp_pe_open_memory(checked.image.memory, checked.image.base, &checked.loaded));
		step_through(&checked.image, "frames_run", check_step, &checked);
		if (checked.failure[0])
			fail_msg("%s: %s", images[i], checked.failure);
		print_message("%s: %zu instructions\n", strrchr(images[i], '/') + 1, checked.described);
		assert_true(checked.described > 1000 && checked.trapped > 10);
		imp_pe_close(checked.loaded);
		stepped_image_free(&checked.image);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_instruction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
