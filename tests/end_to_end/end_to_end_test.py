"""Whole migrations by the front door: plan, run, re-run, delta, replay, undo, stop, bad input. After every run the books must close, and
sqlite3's own program recounts the target."""

import argparse
import contextlib
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

SCHEMA = ("create table accounts(id integer primary key, legacy_id text not null unique, name varchar(40) not null,"
          " status text check (status in ('active', 'closed')), parent_id integer references accounts(id), revenue decimal(12,2));"
          "create table contacts(id integer primary key, legacy_id text not null unique,"
          " account_id integer not null references accounts(id), last_name text not null, email text unique);")

ACCOUNTS = """from: legacy.customers
where: status <> 'X' or status is null
to: crm.accounts
key: {legacy_id: cust_no}
map:
  name: name | trim()
  status: value_map(status, maps/status.csv, otherwise => set_aside)
  parent_id: parent(accounts, parent_no)
  revenue: number(revenue)
validate:
  - require: [name]
  - check: revenue >= 0
    say: revenue is negative
"""

CONTACTS = """from: legacy.contacts
to: crm.contacts
key: {legacy_id: contact_no}
on_double: merge
map:
  account_id: parent(accounts, cust_no)
  last_name: name
  email: empty_to_null(email)
"""

CUSTOMERS = """cust_no,name,parent_no,revenue,status
C1,阿尔法公司,,100.50,A
C2,Beta,C3,20,A
C3,Gamma,,5,A
C4,,C1,7,A
C5,Delta,C4,8,C
C6,Epsilon,,9,X
C2,Beta again,,1,A
C7,Zeta,C99,abc,A
C8,Eta,,-5,A
C9,Theta,,1,Q
C10,A name that is far too long for the forty characters of the field,,1,A
C11,Iota,C1,3.25,
"""

PEOPLE = """contact_no,cust_no,name,email
P1,C1,Li,li@example.com
P2,C2,Wang,
P3,C4,Zhao,
P4,C6,Qian,
P5,C77,Sun,
P6,C5,Zhou,li@example.com
P1,C1,Li again,
"""


def godwit(*arguments, cwd, expect=None, env=None):
    done = subprocess.run([GODWIT, *arguments], cwd=cwd, capture_output=True, text=True, timeout=300,
                          env=dict(os.environ, **(env or {})))
    if expect is not None and done.returncode != expect:
        raise AssertionError(f"godwit {' '.join(arguments)} ended with {done.returncode}, not {expect}\n{done.stdout}\n{done.stderr}")
    return done


def query(database, text):
    connection = sqlite3.connect(database)
    try:
        return connection.execute(text).fetchall()
    finally:
        connection.close()


class Project(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="godwit-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        for name in ("flows", "extract", "maps"):
            (self.folder / name).mkdir()
        self.write("godwit.yaml", "project: test\nconnections:\n  legacy: {connector: csv, path: extract/}\n"
                                  "  crm: {connector: sqlite, path: crm.db}\n"
                                  "totals:\n  revenue: {flow: accounts, source: number_or_null(revenue), target: revenue}\n")
        self.write("flows/accounts.yaml", ACCOUNTS)
        self.write("flows/contacts.yaml", CONTACTS)
        self.write("maps/status.csv", "from,to\nA,active\nC,closed\n\"\",active\n")
        self.write("extract/customers.csv", CUSTOMERS)
        self.write("extract/contacts.csv", PEOPLE)
        self.change_target(SCHEMA)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def godwit(self, *arguments, expect=0, **more):
        return godwit(*arguments, cwd=self.folder, expect=expect, **more)

    def target(self, text):
        return query(self.folder / "crm.db", text)

    def change_target(self, script):
        subprocess.run(["sqlite3", str(self.folder / "crm.db"), script], check=True)

    def journal(self, text):
        return query(self.folder / ".godwit" / "journal.db", text)

    def books_close(self):
        self.assertEqual(self.journal("select * from books where difference <> 0"), [])
        self.assertEqual(self.journal("select flow from flow_run where obligations_open <> 0"), [])

    def buckets(self, run, flow):
        names = ("read", "created", "updated", "unchanged", "merged", "filtered", "set_aside", "deleted")
        row = self.journal(f"select {', '.join(names)} from flow_run where run = {run} and flow = '{flow}'")
        return {name: n for name, n in zip(names, row[0]) if n}

    def dump(self):
        return self.target("select * from accounts order by id") + self.target("select * from contacts order by id")


class Runs(Project):
    def test_a_computed_key_is_known_by_the_columns_that_it_reads(self):
        self.write("flows/accounts.yaml", ACCOUNTS.replace("key: {legacy_id: cust_no}", "let: {number_of: upper(trim(cust_no))}\nkey: {legacy_id: \"'X-' || number_of\"}"))
        self.godwit("run")
        self.books_close()
        self.assertEqual(self.target("select c.legacy_id, a.legacy_id from contacts c join accounts a on a.id = c.account_id order by 1"),
                         [("P1", "X-C1"), ("P2", "X-C2")])
        self.assertIn("C2,crm.accounts,", self.godwit("crosswalk", "export", "--flow", "accounts").stdout)
        self.assertIn("C11 is crm.accounts", self.godwit("find", "C11").stdout)
        self.assertIn(("C9",), self.journal("select source_key from set_aside where flow = 'accounts'"))
        self.godwit("verify")
        self.godwit("run")
        self.assertEqual(self.buckets(2, "accounts"), {"read": 12, "unchanged": 5, "filtered": 1, "set_aside": 6})

    def test_rows_end_in_the_bucket_that_the_plan_foresaw(self):
        plan = json.loads(self.godwit("plan", "--json").stdout)
        self.godwit("run")
        self.books_close()
        self.assertEqual(self.buckets(1, "accounts"), {"read": 12, "created": 5, "filtered": 1, "set_aside": 6})
        self.assertEqual(self.buckets(1, "contacts"), {"read": 7, "created": 2, "merged": 1, "set_aside": 4})
        for flow in plan["flows"]:
            foreseen = {k: v for k, v in flow["counts"].items() if v and k in ("read", "created", "filtered", "set_aside", "merged")}
            found = self.buckets(1, flow["flow"])
            self.assertEqual(foreseen, found, flow["flow"])
        # P6 has P1's e-mail, which no rule of the project forbids: the plan knows it from the target's unique index.
        self.assertEqual(self.journal("select number from set_aside where source_key = 'P6'"), [(4102,)])
        self.assertEqual(self.target("select count(*) from accounts"), [(5,)])
        self.assertEqual(self.target("select c.legacy_id, a.legacy_id from contacts c join accounts a on a.id = c.account_id order by 1"),
                         [("P1", "C1"), ("P2", "C2")])
        self.assertEqual(self.target("select a.legacy_id, p.legacy_id from accounts a join accounts p on p.id = a.parent_id order by 1"),
                         [("C11", "C1"), ("C2", "C3")])
        numbers = dict(self.journal("select source_key, number from set_aside where flow = 'contacts'"))
        self.assertEqual({k: numbers[k] for k in ("P3", "P4", "P5")}, {"P3": 1401, "P4": 1402, "P5": 1400})
        reasons = dict(self.journal("select source_key, number from set_aside where flow = 'accounts'"))
        self.assertEqual(reasons["C10"], 1421)
        self.assertEqual(reasons["C8"], 1414)
        verify = self.godwit("verify", "--json")
        self.assertEqual(self.journal("select sum(missing + extra + fields_differing + orphans) from verification"), [(0,)], verify.stdout)

    def test_a_second_run_changes_nothing(self):
        self.godwit("run")
        before = self.dump()
        self.godwit("run")
        self.books_close()
        self.assertEqual(self.dump(), before)
        self.assertEqual(self.buckets(2, "accounts"), {"read": 12, "unchanged": 5, "filtered": 1, "set_aside": 6})

    def test_a_key_that_is_computed_still_tells_the_rows_of_the_source_apart(self):
        self.write("flows/accounts.yaml", ACCOUNTS.replace("key: {legacy_id: cust_no}", "key: {legacy_id: lower(code)}\nlet: {code: trim(cust_no)}"))
        self.godwit("run")
        before = self.dump()
        self.assertEqual(self.target("select c.legacy_id, a.legacy_id from contacts c join accounts a on a.id = c.account_id order by 1"),
                         [("P1", "c1"), ("P2", "c2")])
        self.assertEqual(self.journal("select source_key from set_aside where flow = 'accounts' and number = 1414"), [("C8",)])
        self.godwit("run")
        self.assertEqual(self.buckets(2, "accounts"), {"read": 12, "unchanged": 5, "filtered": 1, "set_aside": 6})
        self.assertEqual(self.dump(), before)
        self.assertIn("C8", self.godwit("find", "Eta").stdout)  # by a text of the source, which names the row by its key
        self.godwit("undo", "2")
        self.godwit("undo", "1")
        self.assertEqual(self.dump(), [])

    def test_rules_that_compare_two_new_parents_are_foreseen(self):
        self.change_target("create table links(id integer primary key, legacy_id text not null unique, one integer not null"
                           " references accounts(id), other integer not null references accounts(id))")
        self.write("extract/links.csv", "no,one,other\nL1,C1,C2\nL2,C2,C3\nL3,C3,C3\n")
        self.write("flows/links.yaml", "from: legacy.links\nto: crm.links\nkey: {legacy_id: no}\nmap:\n  one: parent(accounts, one)\n"
                                       "  other: parent(accounts, other)\nvalidate:\n  - check: one <> other\n    say: linked to itself\n  - unique: one\n")
        plan = {f["flow"]: f for f in json.loads(self.godwit("plan", "--json").stdout)["flows"]}
        self.godwit("run")
        self.assertEqual(self.buckets(1, "links"), {"read": 3, "created": 2, "set_aside": 1})
        self.assertEqual({k: v for k, v in plan["links"]["counts"].items() if v}, {"read": 3, "created": 2, "set_aside": 1})

    def test_a_delta_compares_three_values_and_keeps_what_people_edited(self):
        self.godwit("run")
        self.write("extract/customers.csv", CUSTOMERS.replace("C1,阿尔法公司", "C1,阿尔法集团").replace("C5,Delta", "C5,Delta Two"))
        self.change_target("update accounts set name = 'Beta (called)' where legacy_id = 'C2'; update accounts set name = 'Delta (merged)' where legacy_id = 'C5'")
        self.godwit("run", "--delta")
        self.books_close()
        names = dict(self.target("select legacy_id, name from accounts"))
        self.assertEqual(names["C1"], "阿尔法集团")      # only the source changed
        self.assertEqual(names["C2"], "Beta (called)")   # only the target changed
        self.assertEqual(names["C5"], "Delta (merged)")  # both changed: a conflict, left alone
        self.assertEqual(self.journal("select source_key from set_aside where run = 2 and number = 1430"), [("C5",)])

    def test_a_delta_compares_references_that_are_filled_in_a_second_pass(self):
        rows = ["cust_no,name,parent_no,revenue,status"] + [f"D{i},Name {i},{'D1' if i > 2 else ''},{i},A" for i in range(1, 10)]
        self.write("extract/customers.csv", "\n".join(rows) + "\n")
        self.godwit("run")
        parents = "select a.legacy_id, p.legacy_id from accounts a left join accounts p on p.id = a.parent_id order by 1"
        self.assertEqual(dict(self.target(parents)), {f"D{i}": "D1" if i > 2 else None for i in range(1, 10)})
        moved = "update accounts set parent_id = (select id from accounts where legacy_id = 'D9') where legacy_id in ('D6', 'D7')"
        self.change_target(moved)
        rows[3] = "D3,Other name,D1,3,A"     # something else changed: the parent stays
        rows[4] = "D4,Name 4,,4,A"           # the parent is gone in the source
        rows[5] = "D5,Name 5,D2,5,A"         # another parent
        rows[6] = "D6,Other name,D1,6,A"     # moved by a person, and something else changed: it stays moved
        rows[7] = "D7,Name 7,D2,7,A"         # moved by a person and in the source: a conflict
        rows[8] = "D8,Other name,D77,8,A"    # a parent that is nowhere
        self.write("extract/customers.csv", "\n".join(rows) + "\n")
        self.godwit("run", "--delta")
        self.books_close()
        self.assertEqual(dict(self.target(parents)), {"D1": None, "D2": None, "D3": "D1", "D4": None, "D5": "D2", "D6": "D9", "D7": "D9",
                                                      "D8": None, "D9": "D1"})
        self.assertEqual(self.journal("select source_key, number from failed_obligation where run = 2 order by 1"), [("D7", 1430), ("D8", 1400)])
        self.godwit("undo", "2")
        self.assertEqual(dict(self.target(parents)), {f"D{i}": "D9" if i in (6, 7) else "D1" if i > 2 else None for i in range(1, 10)})

    def test_a_record_that_the_source_gave_up_is_deleted_and_comes_back_whole(self):
        self.write("flows/accounts.yaml", ACCOUNTS.replace("where:", "delete_when: status = 'D'\nwhere:") + "  - unique: name\n")
        self.write("flows/contacts.yaml", CONTACTS)
        self.change_target("alter table accounts add column remark text; alter table accounts add column rating integer default 3")
        self.write("extract/customers.csv", CUSTOMERS + "C40,Gone before we came,,1,D\n")
        self.godwit("run")
        self.books_close()
        self.assertEqual(self.buckets(1, "accounts"), {"read": 13, "created": 5, "filtered": 2, "set_aside": 6})
        self.change_target("update accounts set remark = 'known for years', rating = 7 where legacy_id = 'C11'")
        before = self.dump()
        self.write("extract/customers.csv", CUSTOMERS.replace("C11,Iota,C1,3.25,", "C12,Iota,,2,A\nC11,Iota,,,D").replace("C1,阿尔法公司,,100.50,A", "C1,阿尔法公司,,100.50,D"))
        plan = json.loads(self.godwit("plan", "--json").stdout)
        self.godwit("run", "--delta", expect=0)
        self.books_close()
        # C1 has contacts and children: the target refuses to let it go, in its own words.
        self.assertEqual(self.buckets(2, "accounts"), {"read": 13, "created": 1, "unchanged": 3, "filtered": 1, "set_aside": 7, "deleted": 1})
        self.assertEqual({f["flow"]: f["counts"]["deleted"] for f in plan["flows"]}["accounts"], 2)
        self.assertEqual(self.target("select legacy_id from accounts where legacy_id in ('C1', 'C11')"), [("C1",)])
        self.assertEqual(self.journal("select flow, source_key from set_aside where run = 2 and number between 4100 and 4199 and source_key = 'C1'"), [("accounts", "C1")])
        self.godwit("undo", "2")
        self.assertEqual(self.dump(), before)

    def test_undo_brings_back_what_was_and_leaves_what_people_edited(self):
        self.godwit("run")
        first = self.dump()
        self.write("extract/customers.csv", CUSTOMERS.replace("C1,阿尔法公司", "C1,阿尔法集团").replace("C3,Gamma,,5", "C3,Gamma,C1,6"))
        self.godwit("run", "--delta")
        self.assertNotEqual(self.dump(), first)
        self.godwit("undo", "2")
        self.assertEqual(self.dump(), first)
        self.change_target("update contacts set last_name = 'edited' where legacy_id = 'P2'")
        self.godwit("undo", "1", expect=1)
        self.assertEqual(self.target("select legacy_id from contacts"), [("P2",)])
        self.assertIn(("P2",), self.journal("select source_key from set_aside where number = 1432"))
        self.books_close()

    def test_a_correction_sheet_is_replayed(self):
        self.godwit("run")
        self.godwit("set-aside", "--flow", "accounts", "--export", "sheet.csv")
        with open(self.folder / "sheet.csv", encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            if row["@key"] == "C8":
                row["revenue"], row["@why"] = "5", "sign lost in the export"
        with open(self.folder / "sheet.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        self.godwit("set-aside", "--import", "sheet.csv")
        self.godwit("replay")
        self.books_close()
        self.assertEqual(self.target("select revenue from accounts where legacy_id = 'C8'"), [(5,)])
        self.assertEqual(self.journal("select state from set_aside where run = 1 and source_key = 'C8'"), [("replayed",)])

    def test_a_stop_gate_ends_the_run_resumable(self):
        with open(self.folder / "godwit.yaml", "a", encoding="utf-8") as file:
            file.write("gates:\n  set_aside: {rows: 2, on: stop}\n")
        done = self.godwit("run", expect=4)
        self.assertIn("GW-4072", done.stdout + done.stderr)
        self.assertEqual(self.journal("select state from run"), [("stopped",)])


class Refusals(Project):
    def refused(self, number, *arguments, expect=2):
        done = self.godwit(*arguments, expect=expect)
        self.assertIn(f"GW-{number}", done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_an_unknown_target_field_is_named_with_its_nearest(self):
        self.write("flows/contacts.yaml", CONTACTS.replace("last_name: name", "last_nme: name"))
        text = self.refused(4003, "check")
        self.assertIn("flows/contacts.yaml:", text)
        self.assertIn("last_name", text)

    def test_a_wrong_type_has_a_caret_under_its_place(self):
        self.write("flows/accounts.yaml", ACCOUNTS.replace("number(revenue)", "revenue + 1"))
        done = self.godwit("check", expect=2)
        self.assertIn("^", done.stdout + done.stderr)
        self.assertIn("flows/accounts.yaml:", done.stdout + done.stderr)

    def test_a_missing_file_is_named(self):
        (self.folder / "extract" / "contacts.csv").unlink()
        done = self.godwit("check", expect=2)
        self.assertIn("contacts", done.stdout + done.stderr)

    def test_a_circle_that_cannot_be_broken_is_refused(self):
        self.change_target("drop table contacts; drop table accounts;"
                           + SCHEMA.replace("parent_id integer references", "parent_id integer not null references"))
        self.refused(4007, "check")

    def test_a_key_that_is_the_same_for_every_row_is_refused(self):
        self.write("flows/accounts.yaml", ACCOUNTS.replace("key: {legacy_id: cust_no}", "key: {legacy_id: {const: one}}"))
        self.assertIn("flows/accounts.yaml:4:7", self.refused(4014, "check"))

    def test_production_needs_to_be_meant(self):
        with open(self.folder / "godwit.yaml", "a", encoding="utf-8") as file:
            file.write("environments:\n  live: {production: true}\n")
        self.refused(4070, "run", "--env", "live")
        self.refused(4073, "run", "--cutover")

    def test_what_has_changed_in_the_target_since_the_last_plan_is_named_breaking_or_harmless(self):
        self.assertNotIn("changes", json.loads(self.godwit("plan", "--json").stdout)["flows"][0])
        with contextlib.closing(sqlite3.connect(self.folder / "crm.db")) as crm:
            crm.executescript("alter table accounts add column fax text; alter table accounts add column region text;"
                              "drop table contacts; create table contacts(id integer primary key, legacy_id text not null unique,"
                              " account_id integer not null references accounts(id), last_name varchar(3) not null, email text unique, role text not null default 'x');")
        plan = {f["flow"]: f for f in json.loads(self.godwit("plan", "--json").stdout)["flows"]}
        self.assertEqual([(c["field"], c["breaking"]) for c in plan["accounts"]["changes"]], [("fax", False), ("region", False)])
        self.assertEqual([(c["field"], c["breaking"], c["becomes"]) for c in plan["contacts"]["changes"]], [("last_name", True, "3"), ("role", False, "text")])
        self.assertNotIn("changes", json.loads(self.godwit("plan", "--json").stdout)["flows"][0])

    def test_a_plan_that_no_longer_holds_is_refused(self):
        self.godwit("plan")
        self.write("extract/customers.csv", CUSTOMERS + "C20,New,,1,A\n")
        self.refused(4077, "run", "--plan", "1")

    def test_the_same_header_twice_and_ragged_rows_do_not_stop_the_run(self):
        self.write("extract/customers.csv", CUSTOMERS + "C30,too,few\nC31,one,,1,A,surplus,cells\nC32,Fine,,1,A\n")
        self.godwit("run")
        self.books_close()
        self.assertEqual(self.target("select count(*) from accounts where legacy_id = 'C32'"), [(1,)])

    def test_wrong_encoding_sets_rows_aside_with_their_place(self):
        (self.folder / "extract" / "customers.csv").write_bytes(CUSTOMERS.encode("utf-8") + b"C40,\xd6\xd0,,1,A\n")
        self.godwit("run")
        self.books_close()
        self.assertEqual(len(self.journal("select * from set_aside where line = 14 and flow = 'accounts'")), 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    arguments, rest = parser.parse_known_args()
    GODWIT = os.path.abspath(arguments.godwit)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=1)
