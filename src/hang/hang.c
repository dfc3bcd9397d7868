/* The order in which the verdict is reached. */
#include "hang/hang.h"
#include "hang/parts.h"

#include <stdlib.h>

struct imp_error *imp_hang_examine(struct imp_kernel *kernel, struct imp_hang **hang)
{
	struct imp_error *err = imp_kernel_need_symbols(kernel);

	*hang = NULL;
	if (err)
		return err;
	*hang = calloc(1, sizeof(**hang));
	if (!*hang)
		return imp_error_new(IMP_ERROR_NO_MEMORY, "not enough memory for the wait graph");
	(*hang)->kernel = kernel;
	err = imp_flow_open(kernel, &(*hang)->flow);
	if (!err)
		err = imp_hang_read_threads(*hang);
	if (!err) {
		imp_hang_find_owners(*hang);
		imp_hang_find_irps(*hang);
		imp_hang_find_spins(*hang);
		imp_hang_look_ahead(*hang);
		imp_hang_find_work(*hang);
		imp_hang_find_roots(*hang);
		err = imp_hang_close(*hang);
	}
	if (!err) {
		imp_hang_read_calls(*hang);
		err = imp_hang_group(*hang);
	}
	if (err) {
		imp_hang_free(*hang);
		*hang = NULL;
	}
	return err;
}

void imp_hang_free(struct imp_hang *hang)
{
	if (!hang)
		return;
	imp_flow_close(&hang->flow);
	imp_hang_graph_free(hang);
	free(hang);
}
