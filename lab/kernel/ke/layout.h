/* The two assertions of which the layout_*.c files consist. */

#pragma once

#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has another size in build 22621")
#define FIELD(type, field, offset) \
	_Static_assert(__builtin_offsetof(type, field) == (offset), #type "." #field " lies elsewhere in build 22621")
