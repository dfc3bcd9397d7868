#!/usr/bin/env python3
"""Runs the sample drivers in the real lab and compares the end that each reaches with the one its README expects.

Usage: scenarios.py ACCEL CPUS clang|gcc [--dumps FOLDER] [NAME...]
In one lab, one after another (what stands still stays there), and in one of their own those that take the lab along. The build folder comes from IMPASSE_BUILD. Exit code 77: KVM runs no guest here.
"""
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("IMPASSE_BUILD", SOURCE / "build")).resolve()
DRIVERS = SOURCE / "lab/drivers"
# However slow the machine is: a hang of the machine itself is CTest's to end.
PATIENCE = 600
# What runs on until it is stopped is watched for this long: it must not come to stand still.
WATCH = 0.5
# EX_MAX_WORKERS of lab/kernel/ex/worker.c
MAX_WORKERS = 32


def expectations(name):
	"""The `Key: value.` lines of a driver's README."""
	text = (DRIVERS / name / "README.md").read_text()
	return {key: value.split(". ")[0].rstrip(".") for key, value in re.findall(r"^([A-Z][a-z ]+): (.+)$", text, re.M)}


class Lab:
	def __init__(self, accel, cpus, folder):
		self.folder = folder
		self.environment = dict(os.environ, IMPASSE_LAB=str(folder / "lab"))
		c = folder / "c"
		for name in ("Temp", "Temp2"):
			(c / name).mkdir(parents=True)
		options = ["--accel", accel, "--c", str(c)] + (["--cpus", str(cpus)] if cpus > 1 else [])
		code, output = self.run("lab", "up", *options)
		print(output, end="")
		if code:
			# Left to itself, it tells whether KVM could run the smallest guest - and runs, under emulation.
			skipped = accel == "kvm" and "no KVM here" in self.run("lab", "up", "--c", str(c))[1]
			self.run("lab", "down")
			shutil.rmtree(folder)
			sys.exit(77 if skipped else 1)

	def run(self, *arguments):
		done = subprocess.run([BUILD / "impasse", *arguments], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
		return done.returncode, done.stdout

	def must(self, *arguments):
		code, output = self.run(*arguments)
		if code:
			raise Failure(f"{' '.join(map(str, arguments))}: exit code {code}\n{output}")
		return output

	def sc(self, verb, name, *arguments):
		return json.loads(self.must("sc", verb, name, *arguments, "--json"))["services"]

	def left_behind(self, name):
		"""The rows of threads that started in the driver, loaded or not."""
		image = f"{name}.sys"
		return [row for row in json.loads(self.must("lab", "threads", "--json")) if row["driver"].lower() in (image, f"<unloaded_{image}>")]

	def wait(self, name, seconds):
		code, output = self.run("lab", "wait", name, "--timeout", str(seconds), "--json")
		if code not in (0, 3):
			raise Failure(f"lab wait {name}: exit code {code}\n{output}")
		return json.loads(output)


class Failure(Exception):
	pass


def expect(found, expected, what):
	if found != expected:
		raise Failure(f"{what}: {found}, expected {expected}")


def states(waited):
	return collections.Counter(row["state"] for row in waited["threads"])


def finishes(lab, name, wanted):
	"""Its threads have exited, the service is stopped, the driver unloaded."""
	if "stop" not in steps(wanted):
		expect(lab.wait(name, PATIENCE)["result"], "no_threads", "lab wait")
	is_gone(lab, name)


def is_gone(lab, name):
	expect(lab.sc("stop", name)[0]["state"], "STOPPED", "sc stop")
	lab.must("sc", "delete", name)
	expect(lab.left_behind(name), [], "threads that are left")


def blocked(lab, name, wanted):
	waited = lab.wait(name, PATIENCE)
	expect(waited["result"], "blocked", "lab wait")
	expect(states(waited)["Waiting"], len(wanted["Threads"].split(", ")), "threads that stand still")


def stands_still(lab, name, wanted):
	if "stop" in steps(wanted):
		# What waits before that is idle, and the driver's affair.
		expect(lab.sc("stop", name)[0]["state"], "STOP_PENDING", "sc stop")
	blocked(lab, name, wanted)


def leaves_threads(lab, name, wanted):
	blocked(lab, name, wanted)
	expect(lab.sc("stop", name)[0]["state"], "STOPPED", "sc stop")
	expect([row["state"] for row in lab.left_behind(name)], ["Waiting"] * len(wanted["Threads"].split(", ")), "threads that are left")


def runs_on(lab, name, wanted):
	expect(lab.wait(name, WATCH)["result"], "timeout", "lab wait")


def runs_for_ever(lab, name, wanted):
	"""Some of its threads are ready or run, and never come to let the waiting ones go."""
	deadline = time.monotonic() + PATIENCE
	while True:
		waited = lab.wait(name, WATCH)
		expect(waited["result"], "timeout", "lab wait")
		if states(waited)["Waiting"] == len(wanted["Threads"].split(", ")):
			return
		if time.monotonic() > deadline:
			raise Failure(f"its threads: {states(waited)}")


def bugcheck(lab, name, wanted, code):
	deadline = time.monotonic() + PATIENCE
	while True:
		status = json.loads(lab.must("lab", "status", "--json"))
		if status.get("bugcheck"):
			break
		if time.monotonic() > deadline:
			raise Failure("no bugcheck")
		time.sleep(0.05)
	expect(int(status["bugcheck"]["code"], 16), code, "bugcheck")


def occupies_processor(lab, name, wanted):
	"""The machine is asked, not its kernel, which may be unable to answer: a processor is in the driver's function."""
	deadline = time.monotonic() + PATIENCE
	function = f"{name}!{wanted['Threads']}"
	while True:
		dump = lab.folder / "running.dmp"
		lab.must("dump", "-o", dump)
		running = lab.must("-z", dump, "-c", "!running -t; q")
		dump.unlink()
		if function in running:
			return
		if time.monotonic() > deadline:
			raise Failure(f"no {function} on a processor:\n{running}")


def starves_workers(lab, name, wanted):
	"""All worker threads that there may be wait for one object, in the driver's items."""
	deadline = time.monotonic() + PATIENCE
	while True:
		rows = json.loads(lab.must("lab", "threads", "--json"))
		waits = collections.Counter((row["start"], row["object"]) for row in rows if row["state"] == "Waiting")
		_, most = waits.most_common(1)[0]
		if most == MAX_WORKERS:
			return
		if time.monotonic() > deadline:
			raise Failure(f"{most} workers wait for the same object, expected {MAX_WORKERS}")
		time.sleep(0.1)


def steps(wanted):
	return wanted.get("Steps", "start").split(", ")


# The end: what tells it, and whether the lab can be used for the next driver afterwards.
ENDS = {
	"finishes": (finishes, True),
	"stands still": (stands_still, True),
	"leaves threads behind": (leaves_threads, True),
	"runs on": (runs_on, True),
	"runs for ever": (runs_for_ever, False),
	"starves the workers": (starves_workers, False),
	"keeps a processor": (occupies_processor, False),
}


def end(wanted):
	name, _, code = wanted["Expected end"].partition(" 0x")
	if name == "bugcheck":
		return (lambda lab, driver, wanted: bugcheck(lab, driver, wanted, int(code, 16))), False
	return ENDS[name]


def scenario(lab, name, compiler, dumps):
	image = BUILD / "drivers" / ("gcc" if compiler == "gcc" else "") / f"{name}.sys"
	wanted = expectations(name)
	reached, keeps_lab = end(wanted)
	lab.must("sc", "create", name, "type=", "kernel", "binPath=", image)
	if keeps_lab:
		expect(lab.sc("start", name)[0]["state"], "RUNNING", "sc start")
	else:
		# Whether the answer comes before the end is chance.
		lab.run("sc", "start", name)
	reached(lab, name, wanted)
	if dumps and wanted["Expected end"] not in ("finishes",):
		lab.must("dump", "-o", dumps / f"{name}.dmp")
	if wanted["Expected end"] == "runs on":
		is_gone(lab, name)


def run_all(accel, cpus, compiler, dumps, names):
	"""Those that leave the lab usable in one, the others in one each. The number of failures."""
	failures = 0
	shared = [name for name in names if end(expectations(name))[1]]
	for group in [shared] * bool(shared) + [[name] for name in names if name not in shared]:
		folder = Path(tempfile.mkdtemp())
		lab = Lab(accel, cpus, folder)
		before = failures
		try:
			for name in group:
				try:
					scenario(lab, name, compiler, dumps)
					print(f"ok: {name}", flush=True)
				except Failure as failure:
					failures += 1
					print(f"FAILED: {name}: {failure}", flush=True)
		finally:
			if failures > before:
				print(lab.run("lab", "log")[1][-3000:])
			lab.run("lab", "down")
			shutil.rmtree(folder)
	return failures


def main(accel, cpus, compiler, *rest):
	dumps = None
	if rest[:1] == ("--dumps",):
		dumps, rest = Path(rest[1]).resolve(), rest[2:]
	names = rest or sorted(path.parent.name for path in DRIVERS.glob("*/README.md"))
	return 1 if run_all(accel, int(cpus), compiler, dumps, names) else 0


if __name__ == "__main__":
	sys.exit(main(*sys.argv[1:]))
