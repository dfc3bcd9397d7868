#!/usr/bin/env python3
"""Runs the sample drivers in the real lab, each in a lab of its own, and compares what `impasse hang` concludes with what the driver's README says: the case, the
threads, the source lines. Prints the score.

Usage: verdict.py ACCEL CPUS clang|gcc [--keep FOLDER] [NAME...]
The build folder comes from IMPASSE_BUILD. Exit code 77: KVM runs no guest here; 1: something was missed, falsely reported, or wrong.
"""
import json
import pathlib
import re
import shutil
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
import scenarios

PATIENCE = 10  # seconds; what runs on is looked at then

# The README's words, and the case that the verdict is to name.
CASES = {
	"circular wait": "circular-wait",
	"event that nobody is left to set": "nobody-left-to-signal",
	"auto-reset signal taken by the wrong waiter": "signal-taken",
	"signal given before the wait and lost": "pulse-lost",
	"self-deadlock": "self-deadlock",
	"owner that has exited": "abandoned-lock",
	"semaphore with every permit held by waiters": "semaphore-exhausted",
	"reader-to-writer upgrade": "reader-to-writer-upgrade",
	"wait at unload for a thread that waits for the unload": "unload-wait",
	"IRP never completed": "irp-never-completed",
	"spin at raised IRQL": "spin-at-raised-irql",
	"starvation of a work queue by items that wait for items behind them": "work-queue-starvation",
	"starvation of a work queue": "work-queue-starvation",
	"priority inversion": "priority-inversion",
	"driver unloaded under its waiting threads": "driver-unloaded",
}

NOT_NAMED = "is not named"


def tagged_lines(name, tags):
	"""The lines of driver.c that end with a comment [A] and the like."""
	lines = (scenarios.DRIVERS / name / "driver.c").read_text().splitlines()
	return {number for number, line in enumerate(lines, 1) if any(f"[{tag}]" in line for tag in re.findall(r"\[(\w)\]", tags))}


def places(finding):
	for thread in finding["threads"]:
		if "place" in thread:
			yield thread["place"]
	for evidence in finding["evidence"]:
		yield from (evidence[key] for key in ("place", "acquired") if key in evidence)


def stuck_functions(finding):
	names = [re.search(r"!(\w+)", thread["place"]["symbol"] or "") for thread in finding["threads"] if "place" in thread]
	return sorted(name.group(1) for name in names if name)


def judge(name, wanted, answer):
	"""(found, list of what is wrong)"""
	conclusion = wanted.get("Conclusion", "nothing stuck")
	findings = answer["findings"]
	if conclusion == "nothing stuck":
		return not findings, [f"false alarm: {finding['text']}" for finding in findings]
	if not findings:
		return False, ["missed"]
	finding, wrong = findings[0], []
	case = CASES.get(conclusion, conclusion)
	if finding["case"] != case:
		wrong.append(f"case {finding['case']}, not {case}")
	threads = [thread.strip() for thread in wanted.get("Threads", "").split(",") if thread.strip()]
	if len(finding["threads"]) < len(threads):  # the README names those whose code is to be changed
		wrong.append(f"{len(finding['threads'])} threads ({', '.join(stuck_functions(finding))}), not {', '.join(threads)}")
	found = {place["line"] for place in places(finding)}
	for line in sorted(tagged_lines(name, wanted.get("Lines", "")) - found):
		wrong.append(f"line {line} {NOT_NAMED}")
	return True, wrong


def settle(lab, name, wanted):
	"""Starts the driver (and stops it, where the README says so) and waits until its threads stand still, are gone, or have run for a while."""
	lab.run("sc", "start", name)
	lab.run("lab", "wait", name, "--timeout", str(PATIENCE))
	if "stop" in wanted.get("Steps", ""):
		lab.run("sc", "stop", name)
		lab.run("lab", "wait", name, "--timeout", str(PATIENCE))
	# The system adds workers while all are blocked, some a second: it has come to rest when none has come for a while.
	before = None
	while (now := lab.run("lab", "threads", "--json")[1].count('"thread"')) != before:
		before = now
		time.sleep(3)


def examine(accel, cpus, compiler, name, keep):
	with tempfile.TemporaryDirectory(prefix="verdict") as scratch:
		scratch = pathlib.Path(scratch)
		wanted = scenarios.expectations(name)
		folder = scenarios.BUILD / "drivers" / ("gcc" if compiler == "gcc" else "")
		lab = scenarios.Lab(accel, cpus, scratch)
		try:
			lab.must("sc", "create", name, "type=", "kernel", "binPath=", folder / f"{name}.sys")
			settle(lab, name, wanted)
			dump = scratch / "lab.dmp"
			code, output = lab.run("dump", "-o", dump)
			if code and not dump.exists():
				crashed = list((scratch / "lab").glob("*.dmp")) + list((scratch / "lab").glob("*.DMP"))
				if not crashed:
					raise scenarios.Failure(output)
				dump = crashed[0]
			if keep:
				shutil.copy(dump, keep / f"{name}.dmp")
			code, output = lab.run("hang", dump, "-y", f"{scenarios.BUILD}/lab;{folder}", "-i", folder, "--json")
			answer = json.loads(output.splitlines()[-1])
			if code != (2 if answer["findings"] else 0):
				raise scenarios.Failure(f"impasse hang: exit code {code}")
			return judge(name, wanted, answer) + (answer,)
		finally:
			lab.run("lab", "down")


def main():
	arguments = sys.argv[1:]
	accel, cpus, compiler = arguments[0], int(arguments[1]), arguments[2]
	arguments, keep = arguments[3:], None
	if arguments[:1] == ["--keep"]:
		keep, arguments = pathlib.Path(arguments[1]), arguments[2:]
	names = arguments or sorted(path.parent.name for path in scenarios.DRIVERS.glob("*/README.md") if "Expected end" in path.read_text())
	score = {"stuck found": 0, "stuck missed": 0, "false alarms": 0, "quiet rightly": 0, "lines not named": 0}
	confidence = {"certain": 0, "probable": 0}
	failures = 0
	for name in names:
		try:
			found, wrong, answer = examine(accel, cpus, compiler, name, keep)
		except Exception as error:  # one that fails does not end the others
			traceback.print_exc()
			found, wrong, answer = None, [str(error)], {"findings": []}
		quiet = scenarios.expectations(name).get("Conclusion", "nothing stuck") == "nothing stuck"
		if found is not None:
			score["quiet rightly" if found else "false alarms" if quiet else "stuck missed"] += 1 if quiet or not found else 0
			score["stuck found"] += bool(found and not quiet)
		for finding in answer["findings"][:1]:
			confidence[finding["confidence"]] += 1
		# Lines are scored, not demanded: of some cases the verdict does not know yet where the signal or the first acquisition lies.
		unnamed = sum(text.endswith(NOT_NAMED) for text in wrong)
		score["lines not named"] += unnamed
		failures += len(wrong) > unnamed
		print(f"{name:24} {'ok' if not wrong else '; '.join(wrong)}", flush=True)
	print(f"\n{accel}, {cpus} processor(s), {compiler}")
	for key, value in {**score, **{f"confidence {key}": value for key, value in confidence.items()}}.items():
		print(f"{key:24} {value}")
	return 1 if failures else 0


if __name__ == "__main__":
	sys.exit(main())
