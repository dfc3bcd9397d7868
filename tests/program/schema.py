#!/usr/bin/env python3
"""Every command's --json against docs/json-schema.json, on a dump of the lab; and that the schema is no sieve.

Usage: schema.py IMPASSE DUMP-FOLDER SOURCE-FOLDER
"""
import json
import os
import subprocess
import sys
import tempfile

import jsonschema

# .symfix names a server on the internet: a test asks none, and has no store to put anything into.
os.environ.update(https_proxy="http://127.0.0.1:1", http_proxy="http://127.0.0.1:1", XDG_CACHE_HOME="/dev/null")

program, dumps, source = sys.argv[1:]
failures = 0

# Command lines by the name that .help has first; {process}, {thread}, {event} are addresses from the dump. A command has at least one.
LINES = {
    "di": ["di", "!mex.di"],
    "vertarget": ["vertarget"],
    "version": ["version"],
    ".time": [".time"],
    ".lastevent": [".lastevent"],
    ".effmach": [".effmach"],
    "tl": ["tl", "tl system", "tl nosuch"],
    "p": ["p", "p 4", "p 8"],
    "us": ["us", "us -a", "us TestDriver", "us -x"],
    "t": ["t", "t {thread}", "t {event}"],
    "lt": ["lt", "lt {process}"],
    "evt": ["evt {event}", "evt {thread}"],
    "obj": ["obj {event}", "obj -waiters {event}"],
    "k": ["k {thread}", "k 1"],
    "kb": ["kb {thread}"],
    "kv": ["kv {thread}"],
    "kc": ["kc {thread}"],
    "kL": ["kL {thread}"],
    "kf": ["kf {thread}"],
    "!analyze": ["!analyze", "!analyze -v", "!analyze -show a"],
    ".bugcheck": [".bugcheck"],
    ".exr": [".exr -1"],
    ".cxr": [".cxr"],
    ".ecxr": [".ecxr"],
    ".enumtag": [".enumtag", ".enumtag -a"],
    "r": ["r", ".thread {thread}; r", "r rip", "r $t0 = 5", "r $t0"],
    "~": ["~0s", "~9s", "~*k"],
    "lm": ["lm", "lm v", "lmvm nt"],
    "dt": ["dt nt!_KEVENT", "dt -r2 nt!_KTHREAD {thread}", "dt nt!_KWAIT_REASON", "dt nt!_KW*", "dt nosuch"],
    "x": ["x nt!Ke*", "x nt!nosuch"],
    "ln": ["ln nt!KeSetEvent+10", "ln 10"],
    "?": ["? 1 | 2", "? nosuch"],
    "db": ["db nt L20", "db 0 L20"],
    "dw": ["dw nt"],
    "dd": ["dd nt"],
    "dq": ["dq nt"],
    "dps": ["dps nt!PsActiveProcessHead", "dps 0"],
    "dds": ["dds nt"],
    "dpp": ["dpp nt!PsActiveProcessHead"],
    "ddp": ["ddp nt"],
    "dpa": ["dpa nt!PsActiveProcessHead"],
    "dda": ["dda nt"],
    "dpu": ["dpu nt!PsActiveProcessHead"],
    "ddu": ["ddu nt"],
    "ds": ["ds nt!PsActiveProcessHead"],
    "dS": ["dS nt!PsLoadedModuleList"],
    "!list": ["!list -x dd nt!PsActiveProcessHead", "!list -t nt!_LIST_ENTRY.Flink nt!PsActiveProcessHead"],
    "!reg": ["!reg hivelist", "!reg nosuch"],
    "da": ["da nt!NtBuildLabEx"],
    "du": ["du nt!NtBuildLabEx"],
    "s": ["s -a nt L10 MZ"],
    "dl": ["dl nt!PsActiveProcessHead"],
    "dlb": ["dlb nt!PsActiveProcessHead"],
    "u": ["u nt!KeSetEvent", "u 0"],
    "ub": ["ub nt!KeSetEvent+20"],
    "uf": ["uf nt!KeSetEvent", "uf /c nt!KeWaitForSingleObject"],
    "!process": ["!process", "!process 0 0", "!process 0 7"],
    "!thread": ["!thread", "!thread {thread}"],
    "!running": ["!running", "!running -it"],
    "!ready": ["!ready"],
    "!stacks": ["!stacks", "!stacks 2"],
    "!prcb": ["!prcb"],
    "!pcr": ["!pcr"],
    "!irql": ["!irql"],
    "!cpuinfo": ["!cpuinfo"],
    "!object": ["!object \\", "!object {process}"],
    "!handle": ["!handle"],
    "!irp": ["!irp {event}"],
    "!irpfind": ["!irpfind"],
    "!pte": ["!pte nt", "!pte 0"],
    "!vtop": ["!vtop nt", "!vtop 0 nt"],
    "!pool": ["!pool {thread}", "!pool 0"],
    "!poolused": ["!poolused"],
    "!vm": ["!vm"],
    "!hang": ["!hang", "!hang --max-wait 1", "!hang --dot", "!hang --max-wait x"],
    "!locks": ["!locks", "!locks -v"],
    "!timer": ["!timer"],
    "!dpcs": ["!dpcs"],
    "!drvobj": ["!drvobj TestDrv 7", "!drvobj nosuch"],
    "!devobj": ["!devobj \\Device\\HarddiskVolume1"],
    ".process": [".process", ".process {process}"],
    ".thread": [".thread {thread}"],
    ".symfix": [".symfix"],
    "!sym": ["!sym", "!sym noisy"],
    "!lmi": ["!lmi nt", "!lmi nosuch"],
    ".sympath": [".sympath"],
    ".reload": [".reload"],
    ".echo": [".echo hello"],
    ".logopen": [".logopen /dev/null", ".logopen /nosuch/x"],
    ".logappend": [".logappend /dev/null"],
    ".logclose": [".logclose"],
    ".logfile": [".logfile"],
    ".pager": [".pager", ".pager off", ".pager maybe"],
    ".cls": [".cls"],
    ".help": [".help", ".help us", ".help nosuch"],
    "q": [],  # has no result
}


def fail(text):
    global failures
    failures += 1
    print("FAILED:", text)


# The real triage dump has what a dump of the lab lacks: a crash, secondary data, scanned stacks.
TRIAGE = ["!analyze -v", ".bugcheck", ".exr -1", ".ecxr", ".enumtag", "di", "lm", "lmvm nt", "k", "r", "!process", "!thread", "!prcb", "!cpuinfo", "us", "tl"]


def run(line, dump=f"{dumps}/lab.dmp", symbols=dumps):
    done = subprocess.run([program, dump, "-y", symbols, "-i", dumps, "--json", "-c", line + "; q"], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=120)
    return [json.loads(text) for text in done.stdout.splitlines()]


def check(validator, line, results):
    for result in results:
        # The same in each row of a list is said once.
        wrong = {("/".join("*" if isinstance(part, int) else part for part in error.absolute_path), error.message[:200])
                 for error in validator.iter_errors(result)}
        for where, message in sorted(wrong):
            fail(f"{line}: {where}: {message}")


def addresses():
    process = run("tl system")[0]["processes"][0]["address"]
    threads = run("lt")[0]["threads"]
    thread = next(t["thread"] for t in threads if t["wait_function"] and t["wait_function"].startswith("TestDriver!"))
    event = run(f"t {thread}")[0]["waits"][0]["object"]
    return {"process": process, "thread": thread, "event": event}


def main():
    with open(f"{source}/docs/json-schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    known = {"{%s}" % key: value for key, value in addresses().items()}
    names = [command["names"].split()[0] for family in run(".help")[0]["families"] for command in family["commands"]]
    for name in names:
        if name not in LINES:
            fail(f"no command line for {name} here; add one, and its members to docs/json-schema.json and docs/json.md")
        elif name not in schema["$defs"]["commands"] and name != "q":
            fail(f"docs/json-schema.json does not know {name}")
        for line in LINES.get(name, []):
            for key, value in known.items():
                line = line.replace(key, value)
            results = run(line)
            if not results:
                fail(f"nothing from {line}")
            elif results[-1].get("result") != name and results[-1]["ok"]:
                fail(f"{line} says that it is {results[-1].get('result')}")
            check(validator, line, results)
    triage = os.environ.get("IMPASSE_SHARED", f"{source}/../shared") + "/data/windows"
    if os.path.exists(f"{triage}/triage_x64.dmp"):
        for line in TRIAGE:
            check(validator, line, run(line, f"{triage}/triage_x64.dmp", triage))
    else:
        print("not tested on the triage dump, which is not here:", triage)
    with tempfile.TemporaryDirectory() as scratch:
        convert = [program, "convert", f"{dumps}/lab.dmp", f"{scratch}/out", "--type", "kernel", "--json"]
        for _ in range(2):  # the second time the file exists
            done = subprocess.run(convert, capture_output=True, text=True, timeout=120)
            check(validator, "convert", [json.loads(done.stdout)])
    tl = run("tl")[0]
    for wrong in ({**tl, "more": 1}, {**tl, "zombies": []}, {**tl, "processes": [{**tl["processes"][0], "address": 4}]}, {**tl, "ok": False},
                  {**tl, "processes": [{**tl["processes"][0], "more": 1}]}, {"result": "tl", "ok": True}, {**tl, "result": "nosuch"}):
        if validator.is_valid(wrong):
            fail(f"the schema accepts {json.dumps(wrong)[:200]}")
    print(f"{len(names)} commands, {failures} failures")
    return 1 if failures else 0


sys.exit(main())
