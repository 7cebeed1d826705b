"""--trace-boundary and --record show what crosses the boundary, and nothing of what stands in the rows."""

import argparse
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
SECRETS = ["Miriam", "Quackenbush", "miriam@", "4711", "上海", "s3cret", "C-0815"]


class Trace(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "extract").mkdir()
        (self.folder / "extract/customers.csv").write_text("no,name,mail,city,born\nC-0815,Miriam Quackenbush,miriam@example.com,上海,1984-11-30\nC-0816,,x@y.z,Bonn 4711,\n", encoding="utf-8")
        (self.folder / "godwit.yaml").write_text("project: traced\nconnections:\n  legacy: {connector: csv, path: extract/}\n  crm: {connector: sqlite, path: crm.db}\n")
        (self.folder / "flows").mkdir()
        (self.folder / "flows/customers.yaml").write_text("from: legacy.customers\nto: crm.customers\nkey: {no: no}\nmap:\n  name: name\n  mail: mail\n  city: city\n")
        with sqlite3.connect(self.folder / "crm.db") as db:
            db.execute("create table customers (id integer primary key, no text unique not null, name text, mail text, city text)")

    def godwit(self, *arguments, expect=0):
        done = subprocess.run([GODWIT, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=120, env={**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "detect_leaks=0")})
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done

    def test_each_call_is_a_line_with_its_duration_and_no_value(self):
        done = self.godwit("--trace-boundary", "run")
        lines = [line for line in done.stderr.splitlines() if line.startswith("boundary ")]
        for line in lines:
            self.assertRegex(line, r"^boundary (csv|sqlite)#\d+ [a-z_]+( customers)?: .*\d+\.\d{3} ms(, GW-\d+)?$")
        calls = {(line.split()[1].split("#")[0], line.split()[2].rstrip(":")) for line in lines}
        self.assertLessEqual({("csv", "open"), ("csv", "check"), ("csv", "describe"), ("csv", "open_reader"), ("csv", "read"),
                              ("sqlite", "open_writer"), ("sqlite", "prepare"), ("sqlite", "submit")}, calls)
        self.assertIn("2 rows", " ".join(line for line in lines if " read " in line))
        self.assertTrue(any("submit customers: unit 1, 2 rows, 0 refused" in line for line in lines), lines)
        for secret in SECRETS:
            self.assertNotIn(secret, done.stderr)
        with sqlite3.connect(self.folder / "crm.db") as db:
            self.assertEqual(db.execute("select count(*) from customers").fetchone(), (2,))

    def test_a_failing_call_says_its_number(self):
        done = self.godwit("--trace-boundary", "read", "legacy.nothing", expect=2)
        self.assertRegex(done.stderr, r"boundary csv#1 (describe|open_reader) nothing: \d+\.\d{3} ms, GW-3030")

    def test_without_it_nothing_is_said(self):
        self.assertNotIn("boundary", self.godwit("run").stderr)

    def test_the_exchange_is_written_with_masked_values(self):
        self.godwit("--record", "exchange.jsonl", "run")
        text = (self.folder / "exchange.jsonl").read_text(encoding="utf-8")
        for secret in SECRETS:
            self.assertNotIn(secret, text)
        self.assertNotRegex(text, r"1984|Bonn|example")
        lines = [json.loads(line) for line in text.splitlines()]
        reads = [line for line in lines if line["call"] == "read" and line["answer"]]
        self.assertIn(["X-9999", "Xxxxxx Xxxxxxxxxxx", "xxxxxx@xxxxxxx.xxx", "文文", "9999-99-99"], [row for r in reads for row in r["answer"]["rows"]])
        submit = next(line for line in lines if line["call"] == "submit")
        self.assertEqual(submit["answer"]["kinds"], {"created": 2})
        self.assertEqual([c["name"] for c in submit["request"]["chunks"][0]["columns"]], ["no", "name", "mail", "city"])
        opened = next(line for line in lines if line["call"] == "open" and line["connector"] == "csv")
        self.assertEqual(opened["request"]["path"], "xxxxxxx/")
        self.assertTrue(all(isinstance(line["us"], int) for line in lines))

    def test_a_file_that_cannot_be_made_is_an_error_before_anything_is_done(self):
        self.assertIn("GW-3038", self.godwit("--record", "no/such/folder/x", "run", expect=3).stderr)
        with sqlite3.connect(self.folder / "crm.db") as db:
            self.assertEqual(db.execute("select count(*) from customers").fetchone(), (0,))


def main():
    global GODWIT
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    args, rest = parser.parse_known_args()
    GODWIT = os.path.abspath(args.godwit)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
