"""The sample extract into Zoho CRM, against the sandbox: the pipeline runs as it stands, finds nothing to do the second time, and is taken back; what goes wrong on the way ends in the
right bucket or in a stop from which the same command goes on. sqlite3 recounts what the organisation holds."""

import argparse
import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "servers"))
import sandbox_server  # noqa: E402

GODWIT = None
OBJECTS = {"accounts": "Accounts", "contacts": "Contacts", "deals": "Deals", "tasks": "Tasks", "calls": "Calls", "events": "Events"}


class Zoho(unittest.TestCase):
    rows = 700
    options = ()

    def setUp(self):
        kept = tempfile.TemporaryDirectory(prefix="godwit-zoho-")
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.project = self.folder / "project"
        shutil.copytree(ROOT / "pipelines" / "harbour-trading-zoho", self.project)
        subprocess.run([GODWIT, "sample", "--rows", str(self.rows), "--out", str(self.project / "extract")], check=True, stdout=subprocess.DEVNULL)
        self.set("share: 12%", "share: 90%")  # a small extract has too few rows for its shares to say much
        (self.folder / "org").mkdir()
        vendor, *options = (self.project / "sandbox").read_text(encoding="utf-8").split()
        self.sandbox = sandbox_server.Sandbox(GODWIT.with_name(f"godwit-sandbox-{vendor}"), self.folder / "org", *options, *self.options)
        self.addCleanup(self.sandbox.stop)

    def godwit(self, *arguments, expect=(0, 1)):
        environment = {**os.environ, "HARBOUR_CRM": self.sandbox.url, "XDG_STATE_HOME": str(self.folder / "state")}
        done = subprocess.run([GODWIT, *arguments, "--project", str(self.project)], env=environment, capture_output=True, text=True, timeout=600)
        self.assertIn(done.returncode, expect, done.stdout[-3000:] + done.stderr[-3000:])
        return done

    def set(self, old, new):
        text = (self.project / "godwit.yaml").read_text(encoding="utf-8")
        self.assertIn(old, text)
        (self.project / "godwit.yaml").write_text(text.replace(old, new), encoding="utf-8")

    def fault(self, *specs):
        return self.sandbox.faults({"faults": list(specs)})

    def journal(self, query):
        out = subprocess.run(["sqlite3", "-ascii", str(self.project / ".godwit" / "journal.db"), query], check=True, capture_output=True, text=True).stdout
        return [line.split("\x1f") for line in out.split("\x1e")[:-1]]

    def held(self):
        return [int(self.sandbox.sql(f"select count(*) from {table} where sandbox_deleted_ms is null")[0][0]) for table in OBJECTS.values()]

    def created(self):
        return [int(self.journal(f"select sum(created) from flow_run where flow = '{flow}'")[0][0]) for flow in OBJECTS]

    def expect_closed(self):
        self.assertEqual(self.journal("select * from books where difference <> 0"), [])
        for table in OBJECTS.values():
            self.assertEqual(*self.sandbox.sql(f"select count(*), count(distinct Ext_Id) from {table} where sandbox_deleted_ms is null")[0], f"{table}: a record was made twice")

    def expect_loaded(self):
        self.expect_closed()
        self.assertEqual(self.held(), self.created())
        self.assertGreater(min(self.held()), 15)
        self.assertEqual(self.journal("select sum(in_doubt) from flow_run"), [["0"]])


class Loading(Zoho):
    def test_the_pipeline_runs_as_it_stands_and_is_taken_back(self):
        plan = {f["flow"]: f for f in json.loads(self.godwit("plan", "--json").stdout)["flows"]}
        self.godwit("run")
        self.expect_loaded()
        for flow, count in zip(OBJECTS, self.created()):
            self.assertEqual(plan[flow]["counts"]["created"], count)
            self.assertGreaterEqual(plan[flow]["load"]["calls"], (count + 99) // 100)
        self.expect_mapped()
        self.godwit("verify", expect=(0,))
        written = self.sandbox.stats()["rows"]
        self.godwit("run")
        self.assertEqual(self.journal("select sum(created), sum(updated), sum(deleted) from flow_run where run = 2"), [["0", "0", "0"]])
        self.assertEqual(self.sandbox.stats()["rows"], written)
        self.godwit("undo", "2", expect=(0,))
        self.godwit("undo", "1", expect=(0,))
        self.assertEqual(self.held(), [0] * len(OBJECTS))

    def expect_mapped(self):
        """What the mapping means, by the sheets and the organisation's own tables."""
        sql = self.sandbox.sql
        self.assertEqual(sql("select count(*) from Accounts a where Parent_Account is not null and not exists (select 1 from Accounts p where p.id = a.Parent_Account)"), [["0"]])
        self.assertGreater(int(sql("select count(*) from Accounts where Parent_Account is not null")[0][0]), 10)
        self.assertEqual(sql("select count(*) from Contacts c where not exists (select 1 from Accounts a where a.id = c.Account_Name)"), [["0"]])
        for table in ("Tasks", "Calls", "Events"):
            self.assertEqual(sql(f"select count(*) from {table} t where not exists (select 1 from Contacts c where c.id = t.Who_Id)"), [["0"]])
        with open(self.project / "offers" / "offers.csv", encoding="utf-8", newline="") as file:
            offers = {row["offer_no"]: row for row in csv.DictReader(file)}
        with open(self.project / "maps" / "owner.csv", encoding="utf-8", newline="") as file:
            owners = {row["old"]: row["new"] for row in csv.DictReader(file)}
        deals = sql("select d.Ext_Id, d.Amount, a.Ext_Id, u.email from Deals d join Accounts a on a.id = d.Account_Name join Users u on u.id = d.Owner")
        self.assertEqual(len(deals), self.held()[2])
        for number, amount, account, owner in deals:
            offer = offers[number]
            self.assertEqual((float(amount), account, owner), (float(offer["amount"]), offer["cust_no"], owners.get(offer["owner_code"], "mei.chen@sandbox.example")))
        self.assertEqual(sql("select count(*) from Events where julianday(End_DateTime) <= julianday(Start_DateTime)"), [["0"]])

    def test_answers_that_are_lost_after_the_work_was_done_double_nothing(self):
        self.fault("drop-after-commit:every=3,path=/crm/v8,method=POST,times=9", "truncate:every=7,path=/crm/v8,times=6", "error-after-commit:every=5,path=/crm/v8/Contacts,times=3")
        self.godwit("run")
        self.assertGreater(self.sandbox.stats()["failed"], 9)
        self.expect_loaded()
        self.godwit("verify", expect=(0,))

    def test_refusals_locks_pages_and_expired_tokens_are_waited_out(self):
        self.fault("rate:at=4,path=/crm/v8", "lock:at=2,method=POST,path=/crm/v8/Accounts", "html:at=9,path=/crm/v8,method=GET", "expire-token:at=12,path=/crm/v8", "error-before-commit:at=15,path=/crm/v8")
        for _ in range(3):  # a page instead of an answer is a stop from which the run goes on
            if self.godwit("run", expect=(0, 1, 2, 3, 4)).returncode in (0, 1):
                break
        self.expect_loaded()
        self.assertEqual(self.journal("select count(*) from run"), [["1"]])

    def test_credits_that_are_gone_are_a_stop_from_which_the_run_goes_on(self):
        self.fault("daily:at=9,path=/crm/v8")
        done = self.godwit("run", expect=(3, 4))
        self.assertIn("GW-3403", done.stdout + done.stderr)
        self.expect_closed()
        self.fault()
        shutil.rmtree(self.folder / "state", ignore_errors=True)  # as on the next day
        self.godwit("run")
        self.expect_loaded()
        self.assertEqual(self.journal("select count(*) from run"), [["1"]])

    def test_wrong_credentials_say_what_to_do(self):
        self.set("client_secret: sandbox-secret", "client_secret: wrong")
        self.assertIn("GW-3402", self.godwit("check", expect=(3,)).stderr)


class BadRows(Zoho):
    """Rows that Zoho refuses stand apart with its own words; the others of their call are taken."""

    rows = 200

    def test_refused_rows_are_set_aside_with_zohos_own_words(self):
        for flow in self.project.glob("flows/*.yaml"):
            flow.unlink()
        (self.project / "flows" / "contacts.yaml").write_text("from: sheets.people\nto: crm.Contacts\nkey: {Ext_Id: no}\nmap: {Last_Name: name, Email: mail, Account_Name: account, Owner: owner, Title: job}\n", encoding="utf-8")
        good, gone = "4150868000000000002", "4150868000000000006"
        lines = ["no,name,mail,account,owner,job", f"P1,Good,a@x.example,,{good},", f"P2,{'x' * 81},b@x.example,,{good},", f"P3,Mail,no-address,,{good},", f"P4,Left,d@x.example,,{gone},", f"P5,Orphan,e@x.example,4150868000009999999,{good},",
                 f"P6,Fine,f@x.example,,{good},"]
        (self.project / "offers" / "people.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.godwit("run", expect=(0, 1))
        found = {row[0]: (row[1], row[2]) for row in self.journal("select source_key, number, coalesce(json_extract(arguments, '$.words'), '') from set_aside")}
        self.assertEqual(sorted(found), ["P2", "P3", "P4", "P5"])
        self.assertEqual((found["P3"][0], found["P4"][0]), ("4106", "3720"))
        for key in ("P3", "P4", "P5"):
            self.assertIn("INVALID_DATA", found[key][1])
        self.assertEqual(sorted(row[0] for row in self.sandbox.sql("select Ext_Id from Contacts")), ["P1", "P6"])


class Bulk(Zoho):
    """New rows by jobs, in numbers."""

    rows = 200
    people = 1500

    def prepare(self, settings):
        for flow in self.project.glob("flows/*.yaml"):
            flow.unlink()
        (self.project / "flows" / "contacts.yaml").write_text("from: sheets.people\nto: crm.Contacts\nkey: {Ext_Id: no}\nmap:\n  Last_Name: name\n  Email: mail\n  Description: remark\n  Email_Opt_Out: parse_boolean(out)\n"
                                                              "  Date_of_Birth: date(born, formats => 'yyyy-MM-dd')\n  Tags__c: tags\n  Owner: owner\n", encoding="utf-8")
        lines = ["no,name,mail,remark,out,born,tags,owner"]
        for i in range(self.people):
            name = "y" * 81 if i % 400 == 7 else f'"{i} ""客户"", Ltd"'
            mail = "nobody" if i % 400 == 9 else f"p{i}@x.example"
            remark = '" kept \nas it is "' if i % 10 == 3 else f"c;d:{i}" if i % 2 else ""
            lines.append(f"P{i},{name},{mail},{remark},{'yes' if i % 3 else 'no'},19{10 + i % 90}-02-03,{'Key;VIP' if i % 25 == 1 else ''},4150868000000000002")
        (self.project / "offers" / "people.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.set("    blanks: clear", f"    blanks: clear\n    bulk_poll_ms: \"10\"\n    bulk_poll_most_ms: \"50\"\n{settings}")

    def jobs(self):
        return sum(path["calls"] for name, path in self.sandbox.stats()["paths"].items() if name.startswith("POST /crm/bulk/"))

    def content(self):
        return self.sandbox.sql("select Ext_Id, Last_Name, Email, Description, Email_Opt_Out, Date_of_Birth, Tags__c, Owner from Contacts where sandbox_deleted_ms is null order by 1")

    def expect_all(self):
        bad = {f"P{i}" for i in range(self.people) if i % 400 in (7, 9)}
        self.assertEqual({row[0] for row in self.journal("select source_key from set_aside")}, bad)
        self.assertEqual([row[0] for row in self.content()], sorted({f"P{i}" for i in range(self.people)} - bad))
        self.assertEqual(self.journal("select * from books where difference <> 0"), [])
        self.assertEqual(self.journal("select sum(created) from flow_run where flow = 'contacts'"), [[str(self.people - len(bad))]])
        self.godwit("verify", expect=(0,))

    def test_jobs_and_calls_write_the_same(self):
        self.prepare('    bulk_from: "200"\n    bulk_rows: "500"\n')
        self.godwit("run", expect=(0, 1))
        self.assertEqual(self.jobs(), 3)
        by_jobs = self.content()
        self.expect_all()
        self.assertIn("INVALID_DATA", self.journal("select json_extract(arguments, '$.words') from set_aside where source_key = 'P9'")[0][0])
        self.godwit("undo", "1", expect=(0,))
        # What was deleted is listed, page by page.
        deleted = [json.loads(line) for line in self.godwit("read", "crm.Deleted_Contacts", "--json").stdout.splitlines() if line.startswith("{")]
        ids = {row[0] for row in self.sandbox.sql("select id from Contacts where sandbox_deleted_ms is not null")}
        self.assertEqual({row["id"] for row in deleted if "id" in row}, ids)
        self.assertEqual(len(ids), len(by_jobs))
        self.set('bulk_from: "200"', 'bulk_from: "0"')
        self.godwit("run", "--new", expect=(0, 1))
        self.assertEqual((self.jobs(), self.content()), (3, by_jobs))

    def test_jobs_that_fail_are_late_or_lost_leave_no_row_behind(self):
        self.prepare('    bulk_from: "200"\n    bulk_rows: "500"\n')
        self.fault("error-before-commit:at=2,method=JOB", "slow:at=4,method=JOB,ms=300", "drop-after-commit:at=1,path=/crm/bulk,method=POST", "truncate:at=3,path=/crm/bulk", "error-after-commit:at=1,path=/crm/v8/upload")
        self.godwit("run", expect=(0, 1))
        self.assertGreaterEqual(self.jobs(), 4)
        self.expect_all()

    def test_a_job_that_does_not_end_is_a_stop_and_is_asked_after_later(self):
        self.prepare('    bulk_from: "200"\n    bulk_patience: "1"\n')
        self.fault("slow:at=2,method=JOB,ms=600000")
        with open(self.folder / "out", "w", encoding="utf-8") as out:
            environment = {**os.environ, "HARBOUR_CRM": self.sandbox.url, "XDG_STATE_HOME": str(self.folder / "state")}
            running = subprocess.Popen([GODWIT, "run", "--project", str(self.project)], env=environment, stdout=out, stderr=out)
            until = time.monotonic() + 60
            while time.monotonic() < until and not self.journal_or_nothing("select 1 from unit_memory where name like 'job %'"):
                time.sleep(0.05)
            running.kill()
            running.wait(20)
        self.assertTrue(self.journal_or_nothing("select 1 from unit_memory where name like 'job %'"))
        self.fault()
        self.sandbox.stop()
        self.sandbox.start()  # takes the job up where it stood
        self.godwit("run", expect=(0, 1))
        self.assertEqual(self.journal("select count(*) from run"), [["1"]])
        self.assertEqual(self.jobs(), 0)  # of the sandbox's new life: the job of before was waited for
        self.expect_all()

    def journal_or_nothing(self, query):
        path = self.project / ".godwit" / "journal.db"
        done = subprocess.run(["sqlite3", "-cmd", ".timeout 5000", str(path), query], capture_output=True, text=True) if path.exists() else None
        return done is not None and done.stdout.strip() != ""


def load_tests(loader, tests, pattern):
    return unittest.TestSuite([*loader.loadTestsFromTestCase(Loading), *loader.loadTestsFromTestCase(BadRows), *loader.loadTestsFromTestCase(Bulk)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True, type=pathlib.Path)
    arguments, rest = parser.parse_known_args()
    GODWIT = arguments.godwit.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
