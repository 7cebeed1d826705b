"""No request, however spoilt, makes a sandbox stumble: mangled_test.py --program PROGRAM --exchanges FOLDER --vendor NAME [--seed N] [--times N].

Each case of the exchanges is replayed, and beside every request some that were spoilt go out: members taken away, given other types, other names or other
values, bodies cut in two, paths with odd bytes. Whatever the vendor answers, the program must not meet an error of its own (it would say so on its
standard error), must not die, and must end with 0. The seed changes from day to day and is printed.
"""

import argparse
import copy
import datetime
import json
import pathlib
import random
import re
import subprocess
import sys
import urllib.parse

import exchanges_test as exchanges

JUNK = [None, True, False, 0, -1, 1e300, 10**30, "", "x", "\u0000", "😀" * 50, [], {}, [[]], [None], {"id": None}, {"id": 5}, {"": ""}, ["a", 1], "%", "'", '"', "\\", ")(", "null",
        "2026-13-45T99:99:99+99:99", "4150868000000000001", "9" * 40]
NAMES = ["id", "_id", "", "data", "$x", "owner", "name", "Id", "attributes", "__r"]


class Mangler:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def value(self, value):
        chance = self.random.random()
        if chance < 0.1:
            return copy.deepcopy(self.random.choice(JUNK))
        if isinstance(value, dict):
            return {self.random.choice(NAMES) if self.random.random() < 0.03 else name: self.value(one) for name, one in value.items() if self.random.random() > 0.04}
        if isinstance(value, list):
            out = [self.value(one) for one in value if self.random.random() > 0.04]
            return out + [copy.deepcopy(self.random.choice(JUNK))] if self.random.random() < 0.05 else out
        if isinstance(value, str) and value and chance < 0.25:
            return self.text(value)
        return value

    def text(self, text):
        at = self.random.randrange(len(text))
        return text[:at] + self.random.choice(["", "'", "(", ")", ",", ".", "%", "\\", "é", '"', "null", " "]) + text[at + self.random.randrange(2):]

    def path(self, path):
        """Another value in the query, or another end of the path; always something that HTTP allows."""
        if "?" in path and self.random.random() < 0.5:
            head, query = path.split("?", 1)
            return head + "?" + urllib.parse.quote(self.text(urllib.parse.unquote(query)), safe="=&,")
        if self.random.random() < 0.3:
            return path.split("?")[0] + self.random.choice(["/", "/x", "/%00", "/%F0%9F%98%80", "?", "?page=-1", "?fields=", "?limit=999999999999999999999"])
        return path

    def body(self, body):
        if self.random.random() < 0.05:
            return body[:self.random.randrange(len(body) + 1)]
        if self.random.random() < 0.05:
            at = self.random.randrange(len(body) + 1)
            return body[:at] + bytes([self.random.randrange(256)]) + body[at:]
        return body


class Stumbled(Exception):
    """Not a Failed: those of ordinary steps are expected here."""


class WatchedProgram(exchanges.Program):
    """One whose standard error is kept."""

    def start(self):
        self.errors = pathlib.Path(self.command[4] + ".errors")
        with self.errors.open("a", encoding="utf-8") as errors:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=errors, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on http://"):
            raise exchanges.Failed(f"{' '.join(self.command)} did not start")
        self.address = line.split("http://")[1].strip()
        self.connection = exchanges.http.client.HTTPConnection(self.address, timeout=60)


class MangledRun(exchanges.Run):
    mangler = None
    times = 2
    sent = 0

    def call(self, step):
        try:
            super().call(step)
        except exchanges.Failed:
            pass  # what was spoilt before may have changed what is answered now
        for _ in range(self.times):
            self.mangled(step)

    def mangled(self, step):
        method, path = self.filled(step["call"]).split(" ", 1)
        headers = self.filled(step.get("headers", {}))
        for name, value in self.headers.items():
            if all(variable in self.variables for variable in re.findall(r"\$\{(\w+)\}", value)):
                headers.setdefault(name, self.filled(value))
        spoilt = {**step, "json": self.mangler.value(self.filled(step["json"]))} if "json" in step else step
        body = self.body(spoilt, headers)
        path = self.mangler.path(path.removeprefix(self.variables["base"]))
        MangledRun.sent += 1
        self.program.call(method, path, self.mangler.body(body) if body else body, headers)
        if self.program.process.poll() is not None:
            raise Stumbled(f"the program died of {method} {path} {body!r}")
        if said := self.program.errors.read_text(encoding="utf-8"):
            raise Stumbled(f"{said.strip()}\n    for {method} {path} {(body or b'')[:1500]!r}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--exchanges", required=True, type=pathlib.Path)
    parser.add_argument("--vendor", required=True)
    parser.add_argument("--seed", type=int, default=datetime.date.today().toordinal())
    parser.add_argument("--times", type=int, default=2, help="spoilt requests beside each good one")
    given = parser.parse_args()
    exchanges.Program = WatchedProgram
    MangledRun.times = given.times
    steps_file = given.exchanges / "_steps.json"
    named_steps = json.loads(steps_file.read_text(encoding="utf-8")) if steps_file.exists() else {}
    failures = cases = 0
    for file in sorted(given.exchanges.glob("[!_]*.json")):
        section = json.loads(file.read_text(encoding="utf-8"))
        for number, case in enumerate(section["cases"]):
            cases += 1
            MangledRun.mangler = Mangler(f"{given.seed} {file.name} {number}")
            setting = {name: values[0] for name, values in case.get("each", {}).items()}
            run = MangledRun(case, setting, given.program, section, named_steps, None)
            found = None
            try:
                run.steps(case["steps"])
            except (exchanges.Failed, KeyError):
                pass  # spoilt requests change what later steps find, and good ones may leave a variable unset
            except Stumbled as stumbled:
                found = stumbled
            try:
                run.close()
            except exchanges.Failed as failure:
                found = found or failure
            if found:
                failures += 1
                print(f"FAILED {file.name}: {case['name']}\n  {found}")
    print(f"{MangledRun.sent} spoilt requests in {cases} cases, {failures} failed; --seed {given.seed}")
    return 1 if failures or MangledRun.sent < cases else 0


if __name__ == "__main__":
    sys.exit(main())
