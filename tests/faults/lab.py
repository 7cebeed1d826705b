"""One project under harm: copies of it are run, harmed and resumed, and what they come to is compared."""

import decimal
import os
import re
import shutil
import signal
import subprocess
import time

import expected
import extract
import targets
from wrong import Wrong

JOURNAL = {
    "books": "select * from books order by run, flow",
    "flows": "select run, flow, stage, warned, obligations_open, obligations_set, obligations_failed, target_before from flow_run order by 1, 2",
    "set aside": "select run, flow, source, source_key, hex(key_hash), locator, line, number, field, arguments, cause, original, state from set_aside"
                 " order by run, flow, locator",
    "warnings": "select run, flow, source_key, number, field, arguments from warning order by run, flow, locator",
    "merged": "select run, flow, source_key, survivor_key, locator, line from merged order by run, flow, locator",
    "failed references": "select run, flow, source_key, field, number, arguments from failed_obligation order by run, flow, source_key, field",
    "totals": "select * from total order by name, currency, bucket",
    "runs": "select number, kind, state, exit_code from run order by number",
    "open units": "select count(*) from unit where state <> 'settled'",
}
SPREAD = "select 0 from books where difference <> 0"


class Lab:
    """A scenario on a target: its template is made once, then copied for every trial."""

    def __init__(self, godwit, library, folder, target, scenario, unit_rows):
        self.godwit, self.library, self.folder, self.target, self.scenario = godwit, library, folder, target, scenario
        self.unit_rows = ["--unit-rows", str(unit_rows)]
        self.felt = False  # whether the last harm ended the run
        folder.mkdir(parents=True)
        self.work = folder / "killed"  # a target may be known by its path: the template is made where the trials run
        self.template = folder / "template"
        extract.write_project(self.work, target.connection, target.names, target.customers)
        target.create(self.work)
        self.run_number = 1
        scenario.prepare(self)
        target.keep(self.work, scenario.name)
        shutil.copytree(self.work, self.template)
        self.expected, self.length = self._uninterrupted()

    # ---- runs ----

    def program(self, *arguments, expect=(0,), environment=None):
        """Runs the program, which must end with one of `expect`."""
        command = [self.godwit, *arguments, "--project", str(self.work)]
        done = subprocess.run(command, env=dict(os.environ, **environment or {}), capture_output=True, text=True, timeout=180)
        if expect is not None and done.returncode not in expect:
            raise Wrong(f"{' '.join(arguments)} ended with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done

    def command(self):
        return [*self.scenario.command, "--json", *(self.unit_rows if self.scenario.command[0] == "run" else [])]

    def fresh(self):
        """A copy of the template, target included, to be harmed."""
        shutil.rmtree(self.work)
        shutil.copytree(self.template, self.work)
        self.target.bring_back(self.work, self.scenario.name)

    def harmed(self, **fault):
        """One run with the library preloaded; answers how it ended."""
        environment = {k: str(v) for k, v in fault.items()}
        environment["LD_PRELOAD"] = str(self.library)
        environment["ASAN_OPTIONS"] = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0:detect_leaks=0"]))
        return self.program(*self.command(), expect=None, environment=environment)

    def start(self):
        """One run that goes on beside us."""
        return subprocess.Popen([self.godwit, *self.command(), "--project", str(self.work)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def count(self, **fault):
        """Operations of a kind in an uninterrupted run."""
        self.fresh()
        self.harmed(FAULT_COUNT=self.folder / "count", **fault)
        return int((self.folder / "count").read_text())

    def ended(self, code, place):
        """A run may be killed, finish, lose its connection or be stopped: anything else is a fault of ours."""
        if code not in (-signal.SIGKILL, 0, 1, 3, 4):
            raise Wrong(f"{place}: ended with {code}")
        self.felt = code not in (0, 1)

    def resume(self, place):
        """Starts the run again until it is finished; another start would be another run."""
        for _ in range(4):
            if self.is_finished():
                return
            done = self.program(*self.command(), expect=None)
            if done.returncode not in (0, 1, 4):
                raise Wrong(f"{place}: the resumed run ended with {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        if not self.is_finished():
            raise Wrong(f"{place}: not finished after four resumes\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")

    def is_finished(self):
        journal = self.work / ".godwit" / "journal.db"
        if not journal.exists() or self.journal("select 1 from sqlite_schema where name = 'run'") == []:
            return False
        return self.journal(f"select 1 from run where number = {self.run_number} and state = 'finished'") != []

    # ---- what it came to ----

    def _uninterrupted(self):
        self.fresh()
        began = time.monotonic()
        self.program(*self.command(), expect=(0, 1))
        length = time.monotonic() - began
        found = self.state()
        if found["open units"] != [["0"]]:
            raise Wrong("the uninterrupted run left units open")
        self.scenario.judge(self)
        return found, length

    def state(self):
        # What a vendor's words name anew each time (trace ids) is no difference.
        varying = re.compile(self.target.varying) if hasattr(self.target, "varying") else None
        found = {name: [[varying.sub("", cell) for cell in row] if varying else row for row in self.journal(query)] for name, query in JOURNAL.items()}
        found.update(targets.state(self.target, self.work))
        found["crosswalk"] = self.crosswalk()
        return found

    def crosswalk(self):
        """The source rows that have a record. Which ones those are is looked up in the target, so that no entry points beside it."""
        names = {(table, id): legacy for table, legacy, id in self.target.sql(self.work, targets.IDS)}
        out = []
        for flow in self.scenario.flows:
            lines = self.program("crosswalk", "export", "--flow", flow).stdout.splitlines()[1:]
            for line in lines:
                _, key, _, id, run = line.split(",")
                out.append([flow, key, names.get((flow, id), "gone"), run])
        return sorted(out)

    def compare(self, place):
        found = self.state()
        for name, wanted in self.expected.items():
            if found[name] == wanted:
                continue
            surplus = [row for row in found[name] if row not in wanted][:5]
            missing = [row for row in wanted if row not in found[name]][:5]
            raise Wrong(f"{place}: {name} differ from an uninterrupted run\n  only here: {surplus}\n  missing: {missing}\n  rows: {len(found[name])}, not {len(wanted)}")
        if self.target.sql(self.work, targets.DOUBLES):
            raise Wrong(f"{place}: records were written twice")
        if self.journal(SPREAD):
            raise Wrong(f"{place}: the books do not close")
        self.scenario.judge(self)

    def judge_first_load(self, limit=None):
        """Holds target and books against what the extract says, worked out without the program."""
        accounts, contacts, books = expected.first_load(self.work / "extract", limit)
        held = targets.state(self.target, self.work)
        found = sorted(((a, b, f"{decimal.Decimal(c):.2f}", d or None) for a, b, c, d in held["accounts"]), key=expected.ordered)
        if found != accounts or sorted(map(tuple, held["contacts"])) != contacts:
            raise Wrong("the target does not hold what the extract says")
        for flow, counts in books.items():
            names = list(counts)
            row = self.journal(f"select {', '.join(names)} from flow_run where run = 1 and flow = '{flow}'")
            if [int(n) for n in row[0]] != [counts[n] for n in names]:
                raise Wrong(f"the books of {flow} say {dict(zip(names, row[0]))}, the extract {counts}")

    def journal(self, query):
        out = subprocess.run(["sqlite3", "-ascii", str(self.work / ".godwit" / "journal.db"), query], check=True, capture_output=True, text=True).stdout
        return [line.split("\x1f") for line in out.split("\x1e")[:-1]]
