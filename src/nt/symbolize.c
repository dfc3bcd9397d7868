/* Addresses as names, and names as addresses. */
#include "nt/symbolize.h"

#include <stdio.h>
#include <string.h>

static void add_line(const struct imp_symbols *symbols, uint32_t rva, bool is_return, struct imp_name *name)
{
	struct imp_line line;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_symbols_line(symbols, is_return && rva ? rva - 1 : rva, &line);

	if (err || !line.file)
		return;
	snprintf(name->file, sizeof(name->file), "%s", line.file);
	name->line = line.number;
}

/* The compiler's name of a string literal, nearest below code that has no name: it says nothing of that. */
static bool is_string_before(const struct imp_symbol *symbol, uint32_t rva)
{
	return symbol->rva != rva && !strncmp(symbol->name, "??_C@", 5);
}

void imp_symbolize(struct imp_kernel *kernel, uint64_t address, bool is_return, struct imp_name *name)
{
	struct imp_module *module = imp_kernel_module_at(kernel, address);
	IMP_CLEANUP_ERROR struct imp_error *err = NULL;
	struct imp_symbol symbol;
	struct imp_symbols symbols;
	char *to = name->text;
	size_t size = sizeof(name->text);
	uint32_t rva;

	memset(name, 0, sizeof(*name));
	name->module = module;
	if (!module) {
		snprintf(name->text, sizeof(name->text), "0x%llx", (unsigned long long)address);
		return;
	}
	rva = (uint32_t)(address - module->base);
	name->displacement = rva;
	if (module->unloaded) {
		snprintf(name->text, sizeof(name->text), "<Unloaded_%s>+0x%x", module->name, rva);
		to = name->resolved;
		size = sizeof(name->resolved);
	} else {
		snprintf(name->text, sizeof(name->text), rva ? "%s+0x%x" : "%s", module->short_name, rva);
	}
	err = imp_module_names(kernel, module, &symbols);
	if (!err)
		err = imp_symbols_at(&symbols, rva, &symbol);
	if (err || is_string_before(&symbol, rva))
		return;
	snprintf(name->symbol, sizeof(name->symbol), "%s", symbol.name);
	name->displacement = rva - symbol.rva;
	if (name->displacement)
		snprintf(to, size, "%s!%s+0x%llx", module->short_name, name->symbol, (unsigned long long)name->displacement);
	else
		snprintf(to, size, "%s!%s", module->short_name, name->symbol);
	add_line(&symbols, rva, is_return, name);
}

static bool find_in(struct imp_kernel *kernel, struct imp_module *module, const char *name, uint64_t *address)
{
	struct imp_symbols symbols;
	struct imp_symbol symbol;
	IMP_CLEANUP_ERROR struct imp_error *err = imp_module_names(kernel, module, &symbols);

	if (!err)
		err = imp_symbols_find(&symbols, name, &symbol);
	if (!err)
		*address = module->base + symbol.rva;
	return !err;
}

struct imp_error *imp_symbol_address(struct imp_kernel *kernel, const char *name, uint64_t *address)
{
	const char *mark = strchr(name, '!');
	struct imp_module *module;

	if (mark) {
		struct imp_error *err;
		struct imp_symbols symbols;

		module = imp_module_named(kernel, name, (size_t)(mark - name));
		if (!module)
			return imp_error_new(IMP_ERROR_NOT_FOUND, "no module is named '%.*s'; lm lists them", (int)(mark - name), name);
		if (find_in(kernel, module, mark + 1, address))
			return NULL;
		err = imp_module_symbols(kernel, module, &symbols);
		if (err)
			return err;
		return imp_error_new(IMP_ERROR_NOT_FOUND, "%s has no symbol '%s'", module->short_name, mark + 1);
	}
	if (kernel->nt.base && find_in(kernel, &kernel->nt, name, address))
		return NULL;
	for (size_t i = 0; i < kernel->module_count; i++) {
		if (find_in(kernel, &kernel->modules[i], name, address))
			return NULL;
	}
	module = imp_module_named(kernel, name, strlen(name));
	if (module) {
		*address = module->base;
		return NULL;
	}
	return imp_error_new(IMP_ERROR_NOT_FOUND, "no module or symbol is named '%s'", name);
}
