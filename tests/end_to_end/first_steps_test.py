"""What a newcomer does with the project of `godwit new`, command by command; the truth is in the sample's own files and in what
sqlite3 finds in the target."""

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


class FirstSteps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(tempfile.mkdtemp(prefix="godwit-first-"))
        cls.folder = cls.root / "my first project"
        subprocess.run([GODWIT, "new", str(cls.folder)], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root, ignore_errors=True)

    def godwit(self, *arguments, expect=0):
        done = subprocess.run([GODWIT, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=300,
                              env=dict(os.environ, LC_ALL="C.UTF-8", USER="tester"))
        self.assertEqual(done.returncode, expect, f"godwit {' '.join(arguments)}\n{done.stdout}\n{done.stderr}")
        return done

    def objects(self, *arguments, expect=0):
        return [json.loads(line) for line in self.godwit(*arguments, "--json", expect=expect).stdout.splitlines()]

    def target(self, text):
        connection = sqlite3.connect(self.folder / "crm.db")
        try:
            return connection.execute(text).fetchall()
        finally:
            connection.close()

    # One walk through, in order: each step needs the one before.
    def test_walk(self):
        for step in (self.new, self.check, self.read, self.plan, self.run_it, self.verify, self.report, self.look, self.explain,
                     self.crosswalk, self.correct, self.undo):
            with self.subTest(step.__name__):
                step()

    def new(self):
        names = {str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file()}
        self.assertTrue({"godwit.yaml", ".gitignore", "crm.db", "flows/customers.yaml", "extract/customers.csv"} <= names, names)
        self.assertIn("my first project", (self.folder / "godwit.yaml").read_text())
        self.assertIn("/.godwit/", (self.folder / ".gitignore").read_text())
        again = subprocess.run([GODWIT, "new", str(self.folder)], capture_output=True, text=True)
        self.assertEqual(again.returncode, 2)
        self.assertIn("GW-2324", again.stderr)

    def check(self):
        found = self.objects("check")[0]
        self.assertEqual([f["flow"] for f in found["flows"]], ["customers", "contacts"], "parents come first")

    def read(self):
        with open(self.folder / "extract/customers.csv", encoding="utf-8", newline="") as file:
            truth = [{k: (v if v != "" else None) for k, v in row.items()} for row in csv.DictReader(file)]
        rows = self.objects("read", "extract/customers.csv")
        self.assertEqual([{k: v or None for k, v in row.items()} for row in rows], truth)
        self.assertEqual(self.objects("read", "old.customers"), rows)

    def plan(self):
        plan = self.objects("plan")[0]
        self.assertEqual(plan["plan"], 1)
        self.assertEqual({f["flow"]: (f["counts"]["created"], f["counts"]["set_aside"]) for f in plan["flows"]},
                         {"customers": (4, 3), "contacts": (4, 3)})
        self.assertEqual(self.target("select count(*) from accounts"), [(0,)], "a plan writes nothing")

    def run_it(self):
        done = self.objects("run", "--plan", "1")[-1]
        self.assertEqual(done["state"], "finished")
        self.assertEqual({f["flow"]: f["counts"]["created"] for f in done["flows"]}, {"customers": 4, "contacts": 4})
        self.assertEqual(self.target("select count(*) from accounts"), [(4,)])
        self.assertEqual(self.target("select country, revenue from accounts where legacy_id = '10002'"), [("CN", 880000.5)])
        status = self.objects("status")[0]
        self.assertEqual([f["counts"]["difference"] for f in status["flows"]], [0, 0])
        self.assertEqual(len(self.objects("runs")[0]), 1)

    def verify(self):
        verified = self.objects("verify")[0]
        self.assertFalse(verified["differs"])

    def report(self):
        made = self.objects("report")[0]
        self.assertTrue(pathlib.Path(made["html"]).exists())
        self.assertEqual(self.objects("report", "--check", made["html"])[0]["state"], "unchanged")
        html = pathlib.Path(made["html"])
        html.write_text(html.read_text().replace("customers", "cvstomers"))
        self.assertEqual(self.objects("report", "--check", str(html), expect=1)[0]["state"], "changed")

    def look(self):
        groups = self.objects("set-aside")[0]
        self.assertEqual(sum(g["rows"] for g in groups), 6)
        rows = self.objects("set-aside", "--rows", "--flow", "customers")
        self.assertEqual({r["key"] for r in rows}, {"10005", "10006", "10008"})
        self.assertEqual({r["key"]: r["original"]["branch"] for r in rows}["10006"], "X")
        fates = {key: self.objects("find", key)[0]["fate"] for key in ("10001", "10006", "10007")}
        self.assertEqual(fates, {"10001": "loaded", "10006": "set_aside", "10007": "filtered"})
        hit = self.objects("find", "上海港")[0]
        self.assertEqual((hit["key"], hit["events"][0]["fate"]), ("10002", "loaded"))
        self.assertIn("GW-2347", self.godwit("find", "nobody at all", expect=2).stderr)

    def explain(self):
        row = self.objects("explain", "crm.accounts", "10002")[0]
        fields = {f["name"]: f for f in row["fields"]}
        self.assertTrue(row["found"])
        self.assertEqual(fields["country"]["written"], "CN")
        self.assertEqual([(s["expression"], s["value"]) for s in fields["country"]["steps"]],
                         [("country", "中国"), ("country_code(country)", "CN")])
        self.assertEqual([s["expression"] for s in fields["name"]["steps"]],
                         ["name", "name | collapse_spaces()", "name | collapse_spaces() | trim()"])
        child = self.objects("explain", "contacts", "5")[0]
        self.assertEqual(child["fate"], "set_aside")
        self.assertIn("GW-1401", {f["name"]: f for f in child["fields"]}["account_id"]["steps"][-1]["note"])
        by_id = self.target("select id from accounts where legacy_id = '10003'")[0][0]
        self.assertIn("10003", {r["key"] for r in self.objects("explain", "accounts", str(by_id))})

    def crosswalk(self):
        entries = self.objects("crosswalk", "export", "--flow", "customers")
        truth = dict(self.target("select legacy_id, cast(id as text) from accounts"))
        self.assertEqual({e["source_key"]: e["target_id"] for e in entries}, truth)
        self.assertEqual(self.objects("crosswalk", "lookup", "10004")[0]["target_id"], truth["10004"])
        self.godwit("crosswalk", "export", "cw.csv")
        with open(self.folder / "cw.csv", encoding="utf-8", newline="") as file:
            self.assertEqual(len(list(csv.DictReader(file))), 8)

    def correct(self):
        self.godwit("set-aside", "--flow", "customers", "--export", "fix.csv")
        with open(self.folder / "fix.csv", encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), 3)
        mend = {"10005": ("revenue", "12"), "10006": ("branch", "M"), "10008": ("name", "Boulangerie Martin")}

        def save(change):
            for row in rows:
                change(row)
            with open(self.folder / "fix.csv", "w", encoding="utf-8-sig", newline="") as file:
                out = csv.DictWriter(file, rows[0].keys())
                out.writeheader()
                out.writerows(rows)

        save(lambda row: row.update({"cust_no": row["cust_no"] + ".0"}))  # what a spreadsheet program may make of it
        self.assertIn("GW-2345", self.godwit("set-aside", "--import", "fix.csv", expect=2).stderr)
        self.assertFalse((self.folder / "corrections").exists(), "nothing was imported")
        save(lambda row: row.update({"cust_no": row["cust_no"][:-2], mend[row["@key"]][0]: mend[row["@key"]][1]}))
        self.assertEqual(self.objects("set-aside", "--import", "fix.csv")[0]["corrections"], 3)
        with open(self.folder / "corrections/old.customers.csv", encoding="utf-8", newline="") as file:
            kept = list(csv.DictReader(file))
        self.assertEqual({(k["source_key"], k["field"], k["becomes"], k["who"]) for k in kept},
                         {(key, field, value, "tester") for key, (field, value) in mend.items()})
        self.objects("set-aside", "--import", "fix.csv")
        with open(self.folder / "corrections/old.customers.csv", encoding="utf-8", newline="") as file:
            self.assertEqual(len(list(csv.DictReader(file))), 3, "the same sheet twice corrects once")
        self.objects("replay", expect=1)  # two of three rows of contacts stay set aside: beyond the gate
        self.assertEqual(self.target("select count(*) from accounts"), [(7,)])
        self.assertEqual(self.target("select count(*) from contacts"), [(5,)], "the child of a corrected parent follows")
        self.assertEqual(self.objects("find", "10006")[0]["fate"], "loaded")
        again = self.objects("run")[-1]
        self.assertEqual({f["flow"]: f["counts"]["unchanged"] for f in again["flows"]}, {"customers": 7, "contacts": 5})

    def undo(self):
        for run in ("3", "2", "1"):
            self.objects("undo", run)
        self.assertEqual(self.target("select count(*) from accounts"), [(0,)])
        self.assertEqual(self.target("select count(*) from contacts"), [(0,)])
        self.assertEqual([r["undone_by"] for r in self.objects("runs")[0]], [None, None, None, 4, 5, 6])
        self.assertNotEqual(self.objects("find", "10001")[0].get("fate"), "loaded")


class Imported(unittest.TestCase):
    """An earlier tool's knowledge of who became whom: its records are updated, not created again."""

    def test_records_of_an_earlier_tool_are_found(self):
        with tempfile.TemporaryDirectory(prefix="godwit-import-") as root:
            folder = pathlib.Path(root) / "p"
            subprocess.run([GODWIT, "new", str(folder)], check=True, capture_output=True)
            connection = sqlite3.connect(folder / "crm.db")
            connection.execute("insert into accounts (id, legacy_id, name) values (77, '10001', 'old name')")
            connection.commit()
            connection.close()
            (folder / "known.csv").write_text("source_key,target_id\n10001,77\n")
            (folder / "bad.csv").write_text("source_key,target_id\n10001,seventy\n")
            (folder / "twice.csv").write_text("source_key,target_id\n10001,77\n10001,78\n")

            def godwit(*arguments):
                return subprocess.run([GODWIT, *arguments], cwd=folder, capture_output=True, text=True, timeout=300)
            self.assertIn("GW-2351", godwit("crosswalk", "import", "bad.csv", "--flow", "customers").stderr)
            self.assertIn("GW-2352", godwit("crosswalk", "import", "twice.csv", "--flow", "customers").stderr)
            done = godwit("crosswalk", "import", "known.csv", "--flow", "customers", "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["rows"], 1)
            # Only the children run: parent() finds the record that the import made known.
            done = godwit("run", "--only", "contacts", "--json")
            connection = sqlite3.connect(folder / "crm.db")
            self.assertEqual(connection.execute("select account_id from contacts where legacy_id = '1'").fetchall(), [(77,)], done.stderr)
            connection.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    known, rest = parser.parse_known_args()
    GODWIT = str(pathlib.Path(known.godwit).resolve())
    unittest.main(argv=[sys.argv[0], *rest])
