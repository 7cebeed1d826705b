"""The pipeline harbour-trading as it stands: its books are those that the generator of the extract says, the plan foresaw them, a second
run changes nothing, a later extract is a delta, and undoing both leaves the target as it was. sqlite3 recounts the target."""

import argparse
import csv
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

GODWIT = None
PIPELINE = pathlib.Path(__file__).resolve().parents[2] / "pipelines" / "harbour-trading"
TABLES = {"users": "users", "accounts": "accounts", "contacts": "contacts", "activities": "activities"}
BUCKETS = ("read", "created", "merged", "filtered", "filtered_unknown", "set_aside", "warned", "obligations_set", "obligations_failed")


def expected_books(path):
    with open(path, encoding="utf-8", newline="") as file:
        books = {row.pop("flow"): {k: int(v) for k, v in row.items()} for row in csv.DictReader(file)}
    for row in books.values():  # the journal counts rows filtered as unknown among the filtered ones
        row["filtered"] += row["filtered_unknown"]
    return books


class Harbour(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="godwit-harbour-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.folder = self.root / "harbour-trading"
        shutil.copytree(PIPELINE, self.folder)
        self.godwit("sample", "--out", "extract")
        subprocess.run(["sqlite3", "crm.db", ".read crm.sql"], cwd=self.folder, check=True)

    def godwit(self, *arguments, expect=0):
        done = subprocess.run([GODWIT, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=300,
                              env=dict(os.environ, LC_ALL="C.UTF-8", USER="tester"))
        self.assertEqual(done.returncode, expect, f"godwit {' '.join(arguments)}\n{done.stdout}\n{done.stderr}")
        return done

    def query(self, database, text):
        connection = sqlite3.connect(self.folder / database)
        try:
            return connection.execute(text).fetchall()
        finally:
            connection.close()

    def books(self, run):
        self.assertEqual(self.query(".godwit/journal.db", "select * from books where difference <> 0"), [])
        rows = self.query(".godwit/journal.db", f"select flow, {', '.join(BUCKETS)} from flow_run where run = {run}")
        return {row[0]: dict(zip(BUCKETS, row[1:])) for row in rows}

    def dump(self):
        return {t: self.query("crm.db", f"select * from {t} order by 1") for t in TABLES.values()}

    maxDiff = None

    def test_the_whole_migration(self):
        truth = expected_books(self.folder / "extract" / "truth" / "expected_books.csv")
        self.assertEqual(expected_books(self.folder / "expected_books.csv"), truth)
        plan = json.loads(self.godwit("plan", "--json").stdout)
        empty = self.dump()
        self.godwit("run", "--plan", "1")
        books = self.books(1)
        self.assertEqual(books, truth)
        for flow in plan["flows"]:
            foreseen = {k: flow["counts"][k] for k in ("read", "created", "merged", "filtered", "set_aside")}
            self.assertEqual(foreseen, {k: books[flow["flow"]][k] for k in foreseen}, flow["flow"])
        for flow, table in TABLES.items():
            self.assertEqual(self.query("crm.db", f"select count(*) from {table}"), [(truth[flow]["created"],)])
        self.assertEqual(self.query("crm.db", "pragma foreign_key_check"), [])
        self.godwit("verify")
        self.assertEqual(self.query(".godwit/journal.db", "select sum(missing + extra + fields_differing + orphans) from verification"), [(0,)])
        self.godwit("report")
        report = next((self.folder / "reports").glob("*.json"))
        self.godwit("report", "--check", str(report))
        self.godwit("report", "--lang", "en", "--out", "for-head-office")  # the project speaks Chinese
        self.assertIn("Cutover report", next((self.folder / "for-head-office").glob("*.html")).read_text(encoding="utf-8"))

        loaded = self.dump()
        self.godwit("run")
        again = self.query(".godwit/journal.db", "select flow, unchanged, created + updated + deleted from flow_run where run = 2")
        self.assertEqual({flow: unchanged for flow, unchanged, _ in again}, {flow: truth[flow]["created"] for flow in TABLES})
        self.assertEqual({written for _, _, written in again}, {0})
        self.assertEqual(self.dump(), loaded)

        self.godwit("sample", "--out", "extract", "--revision", "1")
        self.godwit("run", "--delta")
        self.books(3)
        changed = self.query(".godwit/journal.db", "select sum(created), sum(updated) from flow_run where run = 3")
        self.assertGreater(min(changed[0]), 0)
        self.godwit("verify")
        for run in (3, 2, 1):
            self.godwit("undo", str(run))
            if run == 3:
                self.assertEqual(self.dump(), loaded)
        self.assertEqual(self.dump(), empty)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    args, rest = parser.parse_known_args()
    GODWIT = str(pathlib.Path(args.godwit).resolve())
    unittest.main(argv=[sys.argv[0], *rest])
