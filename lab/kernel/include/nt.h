/*
 * Windows NT's types for the lab kernel: the layouts of build 22621 (Windows 11 22H2, x64), status codes, and the few inline routines
 * that every kernel file needs. The layouts are asserted field by field in ke/layout_*.c.
 *
 * A member that is an unnamed record in NT has a type of its own in front of the record (LARGE_INTEGER_U): clang would enter it in the PDB as a
 * type nested in the record (LF_NESTTYPE), as for C++, which readers that know NT's PDBs do not expect.
 */

#pragma once

#include "nt/base.h"
#include "nt/status.h"
#include "nt/const.h"
#include "nt/enums.h"
#include "nt/routines.h"
#include "nt/cpu.h"
#include "nt/ke.h"
#include "nt/ex.h"
#include "nt/se.h"
#include "nt/mm.h"
#include "nt/ps.h"
#include "nt/prcb.h"
#include "nt/ob.h"
#include "nt/io.h"
#include "nt/irp.h"
#include "nt/ldr.h"
#include "nt/section.h"
#include "nt/registry.h"
#include "nt/shared.h"
#include "nt/file.h"
#include "nt/kd.h"
#include "nt/frames.h"
#include "nt/except.h"
#include "nt/alias.h"
#include "nt/inline.h"
