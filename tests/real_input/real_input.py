"""What the tests with real data share. The data stay where they are: each test works on a copy of its own in a temporary folder, and every figure
is counted with Python's sqlite3, csv and decimal, never with what is tested."""

import argparse
import datetime
import decimal
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
DATA = pathlib.Path(os.environ.get("GODWIT_SHARED_DATA", HERE.parents[2] / "shared" / "data")) / "crm"
BUCKETS = ("read", "created", "updated", "unchanged", "merged", "filtered", "set_aside", "deleted", "obligations_set", "obligations_failed")
PROGRAM = []


def query(database, text, *values):
    connection = sqlite3.connect(database)
    try:
        return connection.execute(text, values).fetchall()
    finally:
        connection.close()


def script(database, text):
    connection = sqlite3.connect(database)
    try:
        connection.executescript(text)
    finally:
        connection.close()


def as_declared(text, declared):
    """What a text of the old system is as a value of a column declared so; no text is no value."""
    if text is None or text == "":
        return None
    declared = declared.split("(")[0].lower()
    if declared == "decimal":
        return decimal.Decimal(text)
    if declared == "integer":
        return int(text)
    if declared == "boolean":
        return {"True": 1, "False": 0, "1": 1, "0": 0}[text]
    if declared in ("date", "datetime"):
        return datetime.datetime.fromisoformat(text)
    return text


def as_found(value, declared):
    """A value that stands in a column declared so, comparable with as_declared()."""
    declared = declared.split("(")[0].lower()
    if value is not None and declared == "decimal":
        return decimal.Decimal(repr(value))
    if value is not None and declared in ("date", "datetime"):
        return datetime.datetime.fromisoformat(value)
    return value


class Migration(unittest.TestCase):
    """One of the projects beside this file, in a temporary folder, with its target made from crm.sql."""

    project = ""
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="godwit-real-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        shutil.copytree(HERE / self.project, self.folder, dirs_exist_ok=True)
        script(self.folder / "crm.db", (self.folder / "crm.sql").read_text(encoding="utf-8"))
        self.bring_source()

    def bring_source(self):
        raise NotImplementedError

    def godwit(self, *arguments, expect=0):
        done = subprocess.run([*PROGRAM, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=300)
        if done.returncode != expect:
            self.fail(f"godwit {' '.join(arguments)} ended with {done.returncode}, not {expect}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def target(self, text, *values):
        return query(self.folder / "crm.db", text, *values)

    def journal(self, text, *values):
        return query(self.folder / ".godwit" / "journal.db", text, *values)

    def tables(self):
        return [name for (name,) in self.target("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
                                                " and name not like 'godwit_%' order by name")]

    def contents(self):
        return {table: self.target(f'select * from "{table}" order by 1') for table in self.tables()}

    def declared(self, table):
        return {row[1]: row[2] for row in self.target(f'pragma table_info("{table}")')}

    def expect_totals(self, sums):
        """Writes the old system's own figures, name -> (value, rows)."""
        lines = [f"{name},{value},{rows}" for name, (value, rows) in sums.items()]
        (self.folder / "expected_totals.csv").write_text("\n".join(["name,value,rows", *lines]) + "\n", encoding="utf-8")

    def buckets(self, run):
        rows = self.journal(f"select flow, {', '.join(BUCKETS)} from flow_run where run = ? order by seq", run)
        return {flow: dict(zip(BUCKETS, counts)) for flow, *counts in rows}

    def books_close(self):
        self.assertEqual(self.journal("select * from books where difference <> 0"), [])
        self.assertEqual(self.journal("select flow from flow_run where obligations_open <> 0 or in_doubt <> 0"), [])

    def plan_and_run(self):
        """Plans, runs exactly that plan, and holds one against the other; answers the buckets of the run by flow."""
        self.godwit("check")
        foreseen = {flow["flow"]: flow for flow in json.loads(self.godwit("plan", "--json"))["flows"]}
        number, = self.journal("select max(number) from plan")[0]
        self.godwit("run", "--plan", str(number))
        run, = self.journal("select max(number) from run")[0]
        found = self.buckets(run)
        self.foreseen(foreseen, found)
        self.books_close()
        return found

    def foreseen(self, plan, found):
        """Whether the plan's flows foresaw the buckets found, each and exactly."""
        self.assertEqual(set(plan), set(found))
        for flow, counts in found.items():
            self.assertEqual({b: plan[flow]["counts"][b] for b in BUCKETS}, counts, flow)

    def proofs_hold(self):
        """Verify and report of the newest run: nothing missing, extra, differing or orphaned; every total agrees; the seal is whole."""
        self.godwit("verify")
        run, = self.journal("select max(number) from run")[0]
        proofs = self.journal("select flow, expected_rows, found_rows, missing, extra, fields_differing, orphans from verification where run = ?", run)
        flows = self.buckets(run)
        self.assertEqual({p[0] for p in proofs}, set(flows))
        for flow, expected, found, *wrong in proofs:
            kept = sum(flows[flow][b] for b in ("created", "updated", "unchanged"))
            self.assertEqual((expected, found, wrong), (kept, kept, [0, 0, 0, 0]), flow)
        self.godwit("report")
        report = self.folder / "reports" / f"cutover-report-run-{run}.json"
        sealed = json.loads(report.read_text(encoding="utf-8"))
        self.assertIn("Unchanged", self.godwit("report", "--check", str(report)))
        return sealed["report"]

    def whole_life(self):
        """Plan, run, verify, report; a second run that changes nothing; undo until the target is as it was. Answers the report of the first run."""
        before = self.contents()
        first = self.plan_and_run()
        for flow, counts in first.items():
            self.assertEqual((counts["created"], counts["set_aside"]), (counts["read"], 0), flow)
        report = self.proofs_hold()
        loaded = self.contents()
        second = self.plan_and_run()
        for flow, counts in second.items():
            self.assertEqual(counts, dict.fromkeys(BUCKETS, 0) | {"read": first[flow]["read"], "unchanged": first[flow]["read"]}, flow)
        self.assertEqual(self.contents(), loaded)
        self.proofs_hold()
        self.godwit("undo", "2")
        self.assertEqual(self.contents(), loaded)
        self.godwit("undo", "1")
        self.assertEqual(self.contents(), before)
        self.books_close()
        return report


def main():
    """Runs the tests of the calling file: --godwit PROGRAM [unittest's arguments]. Skips, with the reason, without the data."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    arguments, rest = parser.parse_known_args()
    PROGRAM.append(os.path.abspath(arguments.godwit))
    if not DATA.is_dir():
        print(f"skipped: {DATA} is not there; GODWIT_SHARED_DATA can name the folder of the data sets")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=1)
