/* The functions behind the table of commands, for this folder only. One file per family. */
#ifndef IMP_COMMAND_COMMANDS_H
#define IMP_COMMAND_COMMANDS_H

#include "command/arguments.h"
#include "command/command.h"
#include "command/expression.h"

#define IMP_COMMAND(name) struct imp_error *imp_command_##name(struct imp_session *session, const char *arguments, struct imp_report *report)

/* lm's options are letters, together or each for itself, with or without a blank in front. */
#define IMP_LM_OPTIONS "vmuknfot"
enum { IMP_LM_MOST_OPTIONS = 4 };

IMP_COMMAND(irp);
IMP_COMMAND(irpfind);
IMP_COMMAND(thread);
IMP_COMMAND(hang);
IMP_COMMAND(locks);
IMP_COMMAND(timer);
IMP_COMMAND(dpcs);
IMP_COMMAND(pool);
IMP_COMMAND(poolused);
IMP_COMMAND(vm);
IMP_COMMAND(reg);
IMP_COMMAND(kL);
IMP_COMMAND(kf);
IMP_COMMAND(dds);
IMP_COMMAND(dpp);
IMP_COMMAND(ddp);
IMP_COMMAND(dpa);
IMP_COMMAND(dda);
IMP_COMMAND(dpu);
IMP_COMMAND(ddu);
IMP_COMMAND(ds);
IMP_COMMAND(dS);
IMP_COMMAND(list);
IMP_COMMAND(pte);
IMP_COMMAND(vtop);
IMP_COMMAND(di);
IMP_COMMAND(tl);
IMP_COMMAND(p);
IMP_COMMAND(process);
IMP_COMMAND(set_process);
IMP_COMMAND(t);
IMP_COMMAND(lt);
IMP_COMMAND(set_thread);
IMP_COMMAND(us);
IMP_COMMAND(k);
IMP_COMMAND(kb);
IMP_COMMAND(kv);
IMP_COMMAND(kc);
IMP_COMMAND(r);
IMP_COMMAND(bugcheck);
IMP_COMMAND(analyze);
IMP_COMMAND(exr);
IMP_COMMAND(cxr);
IMP_COMMAND(ecxr);
IMP_COMMAND(enumtag);
IMP_COMMAND(choose_processor);
IMP_COMMAND(running);
IMP_COMMAND(ready);
IMP_COMMAND(stacks);
IMP_COMMAND(prcb);
IMP_COMMAND(pcr);
IMP_COMMAND(irql);
IMP_COMMAND(cpuinfo);
IMP_COMMAND(evt);
IMP_COMMAND(obj);
IMP_COMMAND(lm);
IMP_COMMAND(dt);
IMP_COMMAND(x);
IMP_COMMAND(ln);
IMP_COMMAND(evaluate);
IMP_COMMAND(db);
IMP_COMMAND(dw);
IMP_COMMAND(dd);
IMP_COMMAND(dq);
IMP_COMMAND(dps);
IMP_COMMAND(da);
IMP_COMMAND(du);
IMP_COMMAND(object);
IMP_COMMAND(handle);
IMP_COMMAND(drvobj);
IMP_COMMAND(devobj);
IMP_COMMAND(search);
IMP_COMMAND(dl);
IMP_COMMAND(dlb);
IMP_COMMAND(u);
IMP_COMMAND(ub);
IMP_COMMAND(uf);
IMP_COMMAND(vertarget);
IMP_COMMAND(version);
IMP_COMMAND(time);
IMP_COMMAND(lastevent);
IMP_COMMAND(effmach);
IMP_COMMAND(help);
IMP_COMMAND(sympath);
IMP_COMMAND(symfix);
IMP_COMMAND(sym);
IMP_COMMAND(lmi);
IMP_COMMAND(reload);
IMP_COMMAND(echo);
IMP_COMMAND(quit);

#endif
