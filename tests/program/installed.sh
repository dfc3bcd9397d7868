#!/bin/sh
# What `make install` leaves works from there: the program finds its lab files, and a stranger's program builds with pkg-config against the library.
# Usage: installed.sh DUMP-FOLDER
dumps=$(realpath "$1")
set -- kvm,tcg
. "$(dirname "$0")/../e2e/common.sh"

prefix=$scratch/usr
cmake --install "$build" --prefix "$prefix" >"$scratch/install"
installed() { "$prefix/bin/impasse" "$@"; }
export PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name impasse.pc)")
library=$(pkg-config --variable=libdir impasse)

echo '# the program'
mkdir "$scratch/alone"
cp --sparse=always "$dumps/lab.dmp" "$scratch/alone"
# Symbols come from the installed lab: none lie beside this dump.
expect 'nt!KeWaitForSingleObject' installed "$scratch/alone/lab.dmp" -i "$dumps" -c 'us TestDriver; q'
mkdir -p "$c/Temp"
json() { # NAME IN THE SCHEMA, ARGUMENTS...
	schema=$1
	shift
	{ installed "$@" --json || true; } | python3 "$source/tests/program/lab_schema.py" "$source/docs/json-schema-lab.json" "$schema"
}
expect 'as the schema says' json 'lab status' lab status
expect 'as the schema says' json sc sc query
expect 'as the schema says' json 'lab up' lab up --c "$c"
mkdir -p "$c/Temp2"
install_driver "$build/drivers/event_deadlock.sys" TestDriver.sys
expect 'as the schema says' json sc sc create TestDrv type= kernel 'binPath= C:\drivers\TestDriver.sys'
expect 'as the schema says' json sc sc start TestDrv
expect 'as the schema says' json 'lab wait' lab wait TestDrv
expect 'as the schema says' json 'lab threads' lab threads
expect 'as the schema says' json 'lab status' lab status
expect 'as the schema says' json sc sc query
expect 'as the schema says' json dump dump -o "$scratch/lab.dmp"
expect '' installed lab down

echo '# the library'
cp "$source/examples/waiters.c" "$scratch"
build_example() { cc -Wall -Wextra -Werror -o "$scratch/waiters" "$scratch/waiters.c" $(pkg-config --cflags --libs impasse) && echo built; }
expect built build_example
waiters() { LD_LIBRARY_PATH=$library "$scratch/waiters" "$@"; }
expect 'System' waiters "$dumps/lab.dmp" "$dumps" "$dumps"
expect '"command":"us","ok":true' waiters "$dumps/lab.dmp" "$dumps" "$dumps"
# As many as the debugger itself lists as waiting.
listed=$(installed "$dumps/lab.dmp" --json -c 'lt; q' | grep -o '"state":"Waiting"' | wc -l)
expect "$listed threads wait" waiters "$dumps/lab.dmp" "$dumps" "$dumps"
expect_code 1 'ntkrnlmp.pdb' waiters "$scratch/alone/lab.dmp"
expect_code 1 'cannot open' waiters "$scratch/nothing.dmp"
as_cpp() { clang++-19 -Wall -Wextra -Werror -fsyntax-only -x c++ "$prefix/include/impasse/impasse.h" && echo accepted; }
expect accepted as_cpp
# The header's functions and nothing else can be linked with.
nm -D --defined-only "$library/libimpasse.so" | sed 's/.* //' | sort >"$scratch/exported"
grep -o 'impasse_[a-z_]*(' "$prefix/include/impasse/impasse.h" | tr -d '(' | sort -u >"$scratch/declared"
same() { diff "$scratch/declared" "$scratch/exported" && echo same; }
expect same same
verdict
