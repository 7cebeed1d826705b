"""What is known before the first write and what is taken back after the last: set-up list, refusals foreseen, two candidates side by side, undo with preview,
a rehearsal emptied. Against the Salesforce sandbox; sqlite3 recounts what the org holds."""

import argparse
import csv
import http.server
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "servers"))
import sandbox_server  # noqa: E402

GODWIT = None

ACCOUNTS = """from: legacy.accounts
to: crm.Account
key: {Legacy_Id__c: no}
map:
  Name: name
  Region__c: region
  Territory__c: territory
  Strict_Key__c: strict
"""
CONTACTS = """from: legacy.contacts
to: crm.Contact
key: {Legacy_Id__c: no}
map:
  LastName: last
  AccountId: parent(accounts, acc)
"""


class Rehearsal(unittest.TestCase):
    options = ()
    rows = 60

    def setUp(self):
        kept = tempfile.TemporaryDirectory(prefix="godwit-plan-")
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        for name in ("extract", "flows", "state"):
            (self.folder / name).mkdir()
        self.sandbox = sandbox_server.Sandbox(GODWIT.with_name("godwit-sandbox-salesforce"), self.folder, "--daily", "1000000", *self.options)
        self.addCleanup(self.sandbox.stop)
        crm = f'connector: salesforce, url: "{self.sandbox.url}", client_id: sandbox-client, client_secret: sandbox-secret'
        self.write("godwit.yaml", f'project: sf\nlanguage: en\nconnections:\n  legacy: {{connector: csv, path: extract/, "null": ""}}\n  crm: {{{crm}}}\n'
                                  f'  base: {{connector: sqlite, path: crm.db}}\nenvironments:\n  trial: {{}}\n  live: {{production: true}}\n')
        self.write("extract/accounts.csv", "no,name,region,territory,strict,segment,since,owner\n"
                   + "".join(f"A{i},Firm {i},EMEA,Germany,S{i},{'gold' if i % 3 else 'silver'},2020-01-0{i % 9 + 1},nobody{i % 2}\n" for i in range(self.rows)))
        self.write("extract/contacts.csv", "no,last,acc\n" + "".join(f"C{i},Person {i},A{i}\n" for i in range(self.rows)))
        self.write("flows/accounts.yaml", ACCOUNTS)
        self.write("flows/contacts.yaml", CONTACTS)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def environment(self):
        return {**os.environ, "XDG_STATE_HOME": str(self.folder / "state")}

    def godwit(self, *arguments, expect=0):
        done = subprocess.run([str(GODWIT), "-C", str(self.folder), *arguments], capture_output=True, text=True, env=self.environment(), timeout=300)
        self.assertEqual(done.returncode, expect, f"godwit {' '.join(arguments)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done

    def plan(self, *arguments, expect=0):
        done = json.loads(self.godwit("plan", "--json", *arguments, expect=expect).stdout)
        return done, {f["flow"]: f for f in done["flows"]}

    def journal(self, query):
        with sqlite3.connect(f"file:{self.folder}/.godwit/journal.db?mode=ro", uri=True) as db:
            return db.execute(query).fetchall()

    def held(self, table):
        return int(self.sandbox.sql(f"select count(*) from {table} where IsDeleted = 0")[0][0])


class Planning(Rehearsal):
    def test_what_the_target_lacks_is_listed_whole_and_the_plan_goes_on(self):
        self.write("flows/accounts.yaml", ACCOUNTS.replace("key: {Legacy_Id__c: no}", "key: {Old_Code__c: no}")
                   + "  Segment__c: segment\n  Start__c: date(since, formats => 'yyyy-MM-dd')\n  CreatedDate: timestamp '2020-01-01 00:00:00Z'\n  NumberOfEmployees: segment\n"
                   "  OwnerId: lookup(crm.User, Username, owner)\nvalidate:\n  - in: {Segment__c: [gold]}\n")
        extract = self.folder / "extract" / "accounts.csv"
        extract.write_text(extract.read_text().replace("A7,Firm 7,EMEA", "A7,Firm 7,MARS"))
        book = self.folder / "list.xlsx"
        plan, flows = self.plan("--setup", str(book), expect=2)
        needs = {(n["kind"], n["field"]): n for n in flows["accounts"]["setup"]}
        self.assertEqual(set(needs), {("field", "Old_Code__c"), ("field", "Segment__c"), ("field", "Start__c"), ("right", "CreatedDate"), ("type", "NumberOfEmployees"),
                                      ("records", ""), ("choices", "Region__c")})
        segment = needs["field", "Segment__c"]
        self.assertEqual((segment["type"], segment["label"], segment["longest"], [v["value"] for v in segment["values"]]), ("picklist", "Segment", 6, ["gold", "silver"]))
        self.assertTrue(needs["field", "Old_Code__c"]["key"])
        self.assertEqual(needs["field", "Start__c"]["type"], "date")
        self.assertEqual({v["value"].strip("'\"") for v in needs["records", ""]["values"]}, {"nobody0", "nobody1"})
        self.assertEqual(sum(v["rows"] for v in needs["records", ""]["values"]), self.rows)
        self.assertTrue(plan["blocked"])
        for language, sheet in (("en", "Fields"), ("zh-CN", "字段")):
            self.godwit("plan", "--setup", str(book), "--lang", language, expect=2)
            with zipfile.ZipFile(book) as file:
                self.assertIn(f'name="{sheet}"', file.read("xl/workbook.xml").decode())
                strings = file.read("xl/sharedStrings.xml").decode()
            for word in ("Old_Code__c", "Segment__c", "Start__c", "gold", "nobody1"):
                self.assertIn(word, strings)
        # A run does not go where a plan was blocked.
        self.assertIn("GW-4003", self.godwit("run", expect=2).stderr)
        self.assertEqual(self.held("Account"), 0)

    def test_every_refusal_that_describe_lets_us_foresee_is_counted_before_the_first_write(self):
        bad = ["B1,,EMEA,Germany,T1", f"B2,{'x' * 300},EMEA,Germany,T2", "B3,Three,MARS,Germany,T3", "B4,Four,EMEA,Atlantis,T4", "B5,Five,EMEA,China,T5", "B6,Six,APAC,China,S1",
               "B7,Seven,AMER,Japan,T7", "B8,Eight,,Japan,T8"]
        extract = self.folder / "extract" / "accounts.csv"
        extract.write_text(extract.read_text() + "".join(f"{line},gold,2020-01-01,x\n" for line in bad))
        (self.folder / "extract" / "contacts.csv").write_text("no,last,acc\nC1,One,A1\nC2,,A1\nC3,Three,B1\n")
        plan, flows = self.plan("--env", "trial")
        foreseen = [(f, c["number"], c["field"], c["rows"], c["text"]) for f, flow in flows.items() for c in flow["causes"] if not c["warning"]]
        self.assertFalse(plan["blocked"])
        self.assertTrue(plan["cost"]["simulated"])
        choices = {n["field"]: n for n in flows["accounts"]["setup"] if n["kind"] == "choices"}
        self.assertEqual({f: [v["value"] for v in n["values"]] for f, n in choices.items()}, {"Region__c": ["MARS"], "Territory__c": ["Atlantis"]})
        self.assertIn("FORECAST FROM A SANDBOX", self.godwit("plan", "--env", "trial").stdout)
        self.assertEqual(self.held("Account"), 0)
        self.godwit("run", "--env", "trial")
        refused = {}
        for flow, key, field, number in self.journal("select flow, source_key, field, number from set_aside where run = 1"):
            refused.setdefault(flow, set()).add(key)
        counted = {flow: sum(cause[3] for cause in foreseen if cause[0] == flow) for flow in flows}
        self.assertEqual(counted, {flow: len(keys) for flow, keys in refused.items()}, (foreseen, refused))
        self.assertEqual({flow: flows[flow]["counts"]["created"] for flow in flows}, {"accounts": self.held("Account"), "contacts": self.held("Contact")})
        self.assertEqual(refused, {"accounts": {line[:2] for line in bad}, "contacts": {"C2", "C3"}})

    def test_two_candidates_stand_side_by_side(self):
        with sqlite3.connect(self.folder / "crm.db") as db:
            db.execute("create table Account (Id integer primary key, Legacy_Id__c text not null unique, Name varchar(8) not null, Region__c text check (Region__c in ('EMEA')), Strict_Key__c text)")
            db.execute("create table Contact (Id integer primary key, Legacy_Id__c text not null unique, LastName text not null, AccountId integer, Level integer not null)")
        compared = json.loads(self.godwit("plan", "--compare", "crm,base", "--json", "--export", str(self.folder / "compared.xlsx")).stdout)
        crm, base = compared["candidates"]
        self.assertEqual((crm["lines"]["fields"], base["lines"]["fields"], base["lines"]["required"]), ("0", "1", "1"))
        self.assertEqual((crm["lines"]["refused"], crm["lines"]["written"]), ("0", str(2 * self.rows)))
        self.assertEqual(base["lines"]["calls"], "-")
        self.assertGreater(int(crm["lines"]["calls"]), 0)
        texts = [d["text"] for d in compared["differences"] if d["of"] == ["base"]]
        self.assertTrue(any("Territory__c" in t for t in texts) and any("Level" in t for t in texts), texts)
        self.assertTrue(zipfile.is_zipfile(self.folder / "compared.xlsx"))
        shown = self.godwit("plan", "--compare", "trial,live").stdout
        self.assertIn("A SANDBOX", shown)
        self.assertEqual(self.held("Account"), 0)
        self.assertIn("GW-2384", self.godwit("plan", "--compare", "crm", expect=2).stderr)


class TakingBack(Rehearsal):
    options = ("--latency", "15")

    def edit(self, name):
        """As a person would, in the org's own screens: past the program."""
        with sqlite3.connect(self.sandbox.data, timeout=30) as db:
            db.execute("update Account set Name = ? where Legacy_Id__c = 'A5'", (name,))

    def test_a_preview_says_what_comes_back_and_a_rehearsal_is_emptied_through_kills(self):
        self.godwit("run", "--env", "trial")
        extract = self.folder / "extract" / "accounts.csv"
        extract.write_text(extract.read_text().replace("A1,Firm 1,", "A1,Firm ONE,").replace("A2,Firm 2,", "A2,Firm TWO,"))
        self.godwit("run", "--env", "trial")
        self.edit("Edited")
        preview = json.loads(self.godwit("undo", "2", "--env", "trial", "--preview", "--json").stdout)
        self.assertEqual([(f["restored"], f["removed"], f["left"]) for f in preview["flows"] if f["flow"] == "accounts"], [(2, 0, [])])
        self.assertIn("GW-4080", self.godwit("undo", "1", "--env", "trial", "--preview", expect=2).stderr)
        preview = json.loads(self.godwit("undo", "--all", "--env", "trial", "--preview", "--json", "--export", str(self.folder / "left.csv")).stdout)
        first = {f["flow"]: f for f in preview["flows"] if f["run"] == 1}
        self.assertEqual((preview["runs"], first["accounts"]["removed"], first["contacts"]["removed"]), ([2, 1], self.rows - 1, self.rows))
        self.assertEqual([(r["number"], r["rows"], r["example"]) for r in first["accounts"]["left"]], [("GW-1432", 1, "A5")])
        self.assertGreater(preview["cost"]["calls"], 0)
        self.assertTrue(preview["cost"]["simulated"])
        with open(self.folder / "left.csv", encoding="utf-8-sig", newline="") as file:
            self.assertEqual([(row["run"], row["key"], row["number"]) for row in csv.DictReader(file)], [("1", "A5", "GW-1432")])
        self.assertEqual((self.held("Account"), self.journal("select count(*) from run")[0][0]), (self.rows, 2))  # a preview changes nothing
        self.assertIn("GW-4088", self.godwit("undo", "--all", "--env", "live", expect=2).stderr)
        kills = 0
        for wait in (0.25, 0.45, 0.65, 0.85):
            running = subprocess.Popen([str(GODWIT), "-C", str(self.folder), "undo", "--all", "--env", "trial"], env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(wait)
            if running.poll() is None:
                running.send_signal(signal.SIGKILL)
                kills += 1
            running.wait()
        self.godwit("undo", "--all", "--env", "trial", expect=1 if self.journal("select count(*) from run where kind <> 'undo' and undone_by is null")[0][0] else 0)
        self.assertEqual((self.held("Contact"), self.sandbox.sql("select Legacy_Id__c, Name from Account where IsDeleted = 0")), (0, [["A5", "Edited"]]))
        self.assertEqual(self.journal("select number from run where kind <> 'undo' and undone_by is null"), [])
        self.assertEqual(self.journal("select source_key, number from set_aside where run in (select number from run where kind = 'undo')"), [("A5", 1432)])
        self.assertGreater(kills, 0)
        self.assertIn("no run to undo", self.godwit("undo", "--all", "--env", "trial").stdout)

    def test_what_cannot_be_taken_back_at_all_is_said_before_anything_is(self):
        self.write("flows/notes.yaml", "from: legacy.contacts\nto: crm.Task\nmap:\n  Subject: last\n")
        self.godwit("run")
        self.assertIn("GW-4082", self.godwit("undo", "1", expect=2).stderr)
        self.assertEqual((self.held("Contact"), self.held("Task")), (self.rows, self.rows))
        preview = json.loads(self.godwit("undo", "1", "--preview", "--json").stdout)
        self.assertEqual([(r["number"], r["rows"]) for f in preview["flows"] for r in f["left"]], [("GW-4082", self.rows)])
        self.godwit("undo", "1", "--leave", expect=1)
        self.assertEqual((self.held("Account"), self.held("Contact"), self.held("Task")), (0, 0, self.rows))


class ServiceByDescription(unittest.TestCase):
    """A service that is known by its description alone is forecast by the sizes, rates and allowances of that description."""

    def test_a_forecast_counts_calls_and_days(self):
        class Empty(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = b'{"items": []}'
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty)
        self.addCleanup(service.server_close)
        self.addCleanup(service.shutdown)
        threading.Thread(target=service.serve_forever, daemon=True).start()
        with tempfile.TemporaryDirectory(prefix="godwit-plan-") as name:
            folder = pathlib.Path(name)
            (folder / "flows").mkdir()
            (folder / "api.json").write_text(json.dumps({
                "http": {"budgets": [{"calls": 5, "per_s": 1}, {"name": "calls of the day", "calls": 20, "per_day": True, "reset": "00:00", "offset": "+00:00", "reserve": "50%"}], "state": ""},
                "objects": {"people": {"fields": [{"name": "id", "type": "integer", "generated": True}, {"name": "code", "nullable": False, "unique": True}, {"name": "name"}], "key": ["code"],
                                       "id": "id", "read": {"path": "/people?after={cursor}&limit={rows}", "rows": "/items", "by": "id", "page_rows": 500},
                                       "write": {"path": "/people", "in": "/items", "rows": 40, "results": "/results", "success": "/ok", "upserts": True},
                                       "lookup": {"path": "/people/find?codes={keys}", "field": "code", "rows": "/items"}}}}))
            (folder / "godwit.yaml").write_text(f'project: p\nconnections:\n  legacy: {{connector: csv, path: .}}\n  crm: {{connector: rest, url: "http://127.0.0.1:{service.server_address[1]}", api: api.json}}\n')
            (folder / "flows" / "people.yaml").write_text("from: legacy.p\nto: crm.people\nkey: {code: no}\nmap:\n  name: name\n")
            (folder / "p.csv").write_text("no,name\n" + "".join(f"K{i},Name {i}\n" for i in range(950)))
            done = subprocess.run([str(GODWIT), "-C", str(folder), "plan", "--json"], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            plan = json.loads(done.stdout)
        # 24 calls of 40 records, 10 of them a day: today, tomorrow and the day after.
        self.assertEqual(plan["flows"][0]["load"]["calls"], 24)
        self.assertAlmostEqual(plan["flows"][0]["load"]["seconds"], 24 / 5)
        self.assertEqual([(b["name"], b["needs"], b["limit"], b["windows"]) for b in plan["cost"]["budgets"]], [("calls of the day", 24, 10, 3)])
        self.assertTrue(plan["cost"]["simulated"])


def main():
    global GODWIT
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    options, rest = parser.parse_known_args()
    GODWIT = pathlib.Path(options.godwit).resolve()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
