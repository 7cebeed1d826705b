"""The benchmark itself: that it runs and says what it should, that its data are what they claim to be, and that its gates see a wrong
result. Times are never judged here."""

import argparse
import collections
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import customers  # noqa: E402
import gates  # noqa: E402
import relations  # noqa: E402
import results  # noqa: E402
import w6_rest  # noqa: E402

GIVEN = None
MEMBERS = {"workload", "what", "value", "unit", "anchor", "ratio", "target"}


def bench(*arguments):
    return subprocess.run([sys.executable, HERE / "bench.py", "--godwit", GIVEN.godwit, "--programs", GIVEN.programs, *map(str, arguments)],
                          capture_output=True, text=True, timeout=600, check=False)


class Benchmark(unittest.TestCase):
    def test_all_workloads_run_and_say_what_they_measured(self):
        with tempfile.TemporaryDirectory() as folder:
            target = os.path.join(folder, "rows.json")
            done = bench("--rows", 2000, "--rounds", 1, "--json", target, "--folder", folder)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            rows = json.loads(pathlib.Path(target).read_text(encoding="utf-8"))
            self.assertFalse(os.path.exists(os.path.join(folder, "work")), "what was loaded is still there")
        self.assertEqual({r["workload"] for r in rows}, {"W1", "W3", "W4", "W6", "W7", "W8", "W9", "wide", "startup"})
        for r in rows:
            self.assertLessEqual(MEMBERS, set(r))
            self.assertIn(r["what"], ("wall", "cpu", "peak_mb", "gb_per_s", "bytes_per_row", "redone_rows", "restart_s", "efficiency", "refused", "lock_failures",
                                      "calls_per_s", "rows_per_s"))
            self.assertLessEqual(r["min"], r["value"])
            self.assertLessEqual(r["value"], r["max"])
            if r["what"] not in ("bytes_per_row", "redone_rows", "refused", "lock_failures"):
                self.assertGreater(r["value"], 0, r)
            self.assertEqual(not r["anchor_value"], r["ratio"] is None)
            if r["ratio"] is not None:
                self.assertAlmostEqual(r["ratio"], r["value"] / r["anchor_value"], delta=0.01 * r["ratio"] + 0.001)
            self.assertEqual(r["target"] is None, r["met"] is None)
        asked = {(r["workload"], r["what"], r["anchor"], r["target"]) for r in rows}
        self.assertLessEqual({("W3", "wall", "sqlite3 .import", "ratio <= 0.45"), ("W3", "wall", "prepared insert", None), ("W7", "peak_mb", None, "value <= 64"),
                              ("W9", "gb_per_s", None, "value >= 1.3"), ("W9", "gb_per_s", None, "value >= 2.2"),
                              ("W9", "gb_per_s", "structural scan", "ratio >= 0.55"), ("startup", "wall", None, "value <= 50"), ("W6", "rows_per_s", "a client whose CSV is ready", "ratio >= 0.95"),
                              ("W6", "lock_failures", None, "value <= 0.001"), ("W6", "rows_per_s", "loading", "ratio >= 0.5")}, asked)
        if w6_rest.TARGET.exists():
            self.assertLessEqual({("W6", "efficiency", w6_rest.ALONE, "value >= 0.99"), ("W6", "efficiency", None, "value >= 0.97"),
                                  ("W6", "refused", w6_rest.SIDE_BY_SIDE, "value <= 0.01")}, asked)
        self.assertIn("W3", done.stdout)

    def test_a_wrong_result_fails_the_workload_and_its_figures_are_not_printed(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            forgetful = folder / "godwit"  # a program that says it is done and loaded nothing
            forgetful.write_text("#!/bin/sh\nexit 0\n")
            forgetful.chmod(0o755)
            done = bench("--rows", 50, "--rounds", 1, "--only", "W3,startup", "--godwit", forgetful, "--folder", folder, "--json", folder / "rows.json")
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertRegex(done.stdout, r"W3 FAILED: .*accounts: seen Digest\(rows=0.*expected Digest\(rows=50")
            self.assertEqual({r["workload"] for r in json.loads((folder / "rows.json").read_text())}, {"startup"})

    def test_a_program_that_fails_fails_the_workload(self):
        with tempfile.TemporaryDirectory() as folder:
            done = bench("--rows", 50, "--rounds", 1, "--only", "W3", "--godwit", "/bin/false", "--folder", folder)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stdout, "W3 FAILED: /.*false run -q: exit code 1")

    def test_what_is_not_there_is_refused_by_name(self):
        for only, said in (("W5", "W5 is not built yet (finding doubles: needs the match step)"), ("w2A", "W2a is not built yet"),
                           ("W2b,W3", "W2b is not built yet"), ("W10", "no workload 'W10'")):
            done = bench("--only", only)
            self.assertEqual(done.returncode, 2)
            self.assertIn(said, done.stderr)
        self.assertEqual(bench("--rows", "0").returncode, 2)
        listed = bench("--only", "w9,W3", "--list").stdout.split("\n")
        self.assertEqual([line.split(" ")[0] for line in listed if line], ["W3", "W9"])
        described = bench("--help").stdout
        for name in ("W1", "W2b-upd", "W3", "W9", "wide", "not built yet"):
            self.assertIn(name, described)


class Gates(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.csv = pathlib.Path(self.folder.name) / "a.csv"
        self.csv.write_bytes('x,y\n1,"a\n""b"\n2,\n3,ü\n'.encode())

    def database(self, name, rows):
        path = pathlib.Path(self.folder.name) / name
        connection = sqlite3.connect(path)
        connection.execute("create table t (x text, y text)")
        connection.executemany("insert into t values (?, ?)", rows)
        connection.commit()
        connection.close()
        return path

    def test_equal_rows_in_another_order_pass(self):
        gates.expect_same_rows(self.csv, self.database("same.db", [("3", "ü"), ("2", ""), ("1", 'a\n"b')]), "t")

    def test_any_difference_fails(self):
        right = [("1", 'a\n"b'), ("2", ""), ("3", "ü")]
        for name, rows in {"one letter": [("1", 'a\n"c'), *right[1:]], "lost": right[:2], "doubled": [*right, right[0]], "null": [right[0], ("2", None), right[2]],
                           "shifted": [right[0], ("", "2"), right[2]], "a row for another": [right[0], right[0], right[2]], "line end": [("1", 'a\r\n"b'), *right[1:]],
                           "a swap within a column": [("1", ""), ("2", 'a\n"b'), right[2]], "number": [("1", 'a\n"b'), ("2", ""), ("3.0", "ü")],
                           "two doubled, two lost": [right[0], right[0], right[0]]}.items():
            with self.subTest(name), self.assertRaises(gates.GateFailed):
                gates.expect_same_rows(self.csv, self.database(name + ".db", rows), "t")

    def test_a_separator_within_a_field_ends_no_field(self):
        self.assertNotEqual(gates.digest([("a\x1fb", "c")]), gates.digest([("a", "b\x1fc")]))
        self.assertNotEqual(gates.digest([("a\x1fb",)]), gates.digest([("a", "b")]))


class Data(unittest.TestCase):
    def make(self, kind, rows):
        path = os.path.join(self.folder.name, f"{kind}-{rows}.csv")
        subprocess.run([sys.executable, HERE / "customers.py", kind, str(rows), path], check=True)
        return pathlib.Path(path)

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def test_customers_have_the_shape_they_claim(self):
        path = self.make("customers", 20000)
        rows = list(gates.csv_rows(path))
        self.assertEqual(len(rows), 20000)
        self.assertEqual({len(r) for r in rows}, {17})
        self.assertAlmostEqual(path.stat().st_size / 20000, 198, delta=5)
        self.assertEqual(sum(any("\n" in f for f in r) for r in rows), 2000)
        self.assertEqual(len({r[0] for r in rows}), 20000)
        self.assertEqual(len({r[3] for r in rows}), 20000)
        names = "".join(r[1] for r in rows)
        self.assertTrue(all(c in names for c in "üß陈"))

    def test_the_first_rows_of_a_large_file_are_a_small_file_and_blocks_have_keys_of_their_own(self):
        small, large = self.make("customers", 300).read_bytes(), self.make("customers", customers.BLOCK + 500)
        self.assertTrue(large.read_bytes().startswith(small))
        rows = list(gates.csv_rows(large))
        self.assertEqual(len({r[0] for r in rows}), customers.BLOCK + 500)
        self.assertEqual(rows[customers.BLOCK][4:], rows[0][4:])

    def test_contacts_refer_to_customers_except_for_the_orphans(self):
        keys = {r[0] for r in gates.csv_rows(self.make("customers", 5000))}
        contacts = list(gates.csv_rows(self.make("contacts", 5000)))
        self.assertEqual([i for i, c in enumerate(contacts) if c[1] not in keys], [i for i in range(5000) if customers.is_orphan(i)])
        self.assertEqual(len({c[1] for c in contacts}), 5000)

    def test_relations_are_those_that_the_gates_expect_and_large_accounts_have_many_contacts(self):
        accounts = 4000
        relations.write(accounts, self.folder.name)
        rows = {n: list(gates.csv_rows(pathlib.Path(self.folder.name) / f"{n}.csv")) for n in relations.COLUMNS}
        self.assertEqual({n: len(r) for n, r in rows.items()}, {"accounts": accounts, "contacts": 3 * accounts, "activities": 5 * accounts})
        for name, columns in relations.COLUMNS.items():
            self.assertEqual({len(r) for r in rows[name]}, {len(columns)})
            self.assertEqual(len({r[0] for r in rows[name]}), len(rows[name]))
        keys, of_contact = {r[0] for r in rows["accounts"]}, {r[0]: r[1] for r in rows["contacts"]}
        self.assertEqual([c for c, a in of_contact.items() if a not in keys], [])
        self.assertEqual([r for r in rows["activities"] if of_contact.get(r[2]) != r[1]], [])
        children = collections.Counter(of_contact.values())
        self.assertGreater(children.most_common(2)[1][1], 100)
        self.assertGreater(len(children), 0.9 * accounts)
        again = tempfile.mkdtemp(dir=self.folder.name)
        relations.write(accounts, again, ["contacts"])
        self.assertEqual(os.listdir(again), ["contacts.csv"])
        self.assertEqual((pathlib.Path(again) / "contacts.csv").read_bytes(), (pathlib.Path(self.folder.name) / "contacts.csv").read_bytes())

    def test_wide_rows_have_300_columns_and_long_texts(self):
        rows = list(gates.csv_rows(self.make("wide", 600)))
        self.assertEqual({len(r) for r in rows}, {300})
        self.assertGreater(max(len(f.encode()) for r in rows for f in r), 1500)
        self.assertGreater(sum(any("\n" in f for f in r) for r in rows), 30)


class Results(unittest.TestCase):
    def test_ratios_are_of_medians_and_targets_bind(self):
        row = results.row("W3", "", "wall", [2.0, 1.0, 9.0], ("anchor", [4.0, 5.0, 1.0]), results.Target("ratio", "<=", 0.45))
        self.assertEqual((row.value, row.least, row.most, row.anchor_value, row.ratio, row.met()), (2.0, 1.0, 9.0, 4.0, 0.5, False))
        self.assertIn("MISSED", results.table([row]))
        self.assertTrue(results.row("W9", "", "gb_per_s", [1.4], target=results.Target("value", ">=", 1.3)).met())
        self.assertIsNone(results.row("W9", "", "gb_per_s", [1.4]).met())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", type=pathlib.Path, required=True)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    GIVEN, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
