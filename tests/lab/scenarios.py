#!/usr/bin/env python3
"""Runs the sample drivers in the real lab and compares the end that each reaches with the one its README expects.

Usage: scenarios.py ACCEL CPUS clang|gcc [--dumps FOLDER] [NAME...]
All in one lab, one after another; what stands still stays there. The build folder comes from IMPASSE_BUILD. Exit code 77: KVM runs no guest here.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("IMPASSE_BUILD", SOURCE / "build")).resolve()
DRIVERS = SOURCE / "lab/drivers"
# However slow the machine is: a hang of the machine itself is CTest's to end.
PATIENCE = 600
# What runs on until it is stopped is watched for this long: it must not come to stand still.
WATCH = 0.5


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
			if accel == "kvm" and "no KVM here" in self.run("lab", "up", "--c", str(c))[1]:
				sys.exit(77)
			sys.exit(1)

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


def ends(lab, name, wanted):
	"""Its threads have exited, the service is stopped, the driver unloaded."""
	expect(lab.wait(name, PATIENCE)["result"], "no_threads", "lab wait")
	stops(lab, name)


def stops(lab, name):
	expect(lab.sc("stop", name)[0]["state"], "STOPPED", "sc stop")
	lab.must("sc", "delete", name)
	image = f"{name}.sys".lower()
	left = [row["thread"] for row in json.loads(lab.must("lab", "threads", "--json")) if row["driver"].lower() in (image, f"<unloaded_{image}>")]
	expect(left, [], "threads that are left")


def stands_still(lab, name, wanted):
	waited = lab.wait(name, PATIENCE)
	expect(waited["result"], "blocked", "lab wait")
	waiting = [row for row in waited["threads"] if row["state"] == "Waiting"]
	expect(len(waiting), len(wanted["Threads"].split(", ")), "threads that stand still")


def runs_on(lab, name, wanted):
	expect(lab.wait(name, WATCH)["result"], "timeout", "lab wait")


ENDS = {"finishes": ends, "stands still": stands_still, "runs on": runs_on}


def scenario(lab, name, compiler, dumps):
	image = BUILD / "drivers" / ("gcc" if compiler == "gcc" else "") / f"{name}.sys"
	wanted = expectations(name)
	lab.must("sc", "create", name, "type=", "kernel", "binPath=", image)
	expect(lab.sc("start", name)[0]["state"], "RUNNING", "sc start")
	ENDS[wanted["Expected end"]](lab, name, wanted)
	if dumps and wanted["Conclusion"] != "nothing stuck":
		lab.must("dump", "-o", dumps / f"{name}.dmp")
	if wanted["Expected end"] == "runs on":
		stops(lab, name)


def main(accel, cpus, compiler, *rest):
	dumps = None
	if rest[:1] == ("--dumps",):
		dumps, rest = Path(rest[1]).resolve(), rest[2:]
	names = rest or sorted(path.parent.name for path in DRIVERS.glob("*/README.md"))
	failures = 0
	folder = Path(tempfile.mkdtemp())
	try:
		lab = Lab(accel, int(cpus), folder)
		try:
			for name in names:
				try:
					scenario(lab, name, compiler, dumps)
					print(f"ok: {name}", flush=True)
				except Failure as failure:
					failures += 1
					print(f"FAILED: {name}: {failure}", flush=True)
			if failures:
				print(lab.run("lab", "log")[1][-3000:])
		finally:
			lab.run("lab", "down")
	finally:
		shutil.rmtree(folder)
	return 1 if failures else 0


if __name__ == "__main__":
	sys.exit(main(*sys.argv[1:]))
