"""The sample extract into Salesforce, against the sandbox: the pipeline runs as it stands, finds nothing to do the second time, and is taken back. sqlite3 recounts what
the org holds."""

import argparse
import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "servers"))
import sandbox_server  # noqa: E402

GODWIT = None
OBJECTS = {"accounts": "Account", "contacts": "Contact", "opportunities": "Opportunity", "tasks": "Task", "events": "Event"}


class Pipeline(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory(prefix="godwit-salesforce-")
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        self.project = self.folder / "project"
        shutil.copytree(ROOT / "pipelines" / "harbour-trading-salesforce", self.project)
        subprocess.run([GODWIT, "sample", "--rows", "700", "--out", str(self.project / "extract")], check=True, stdout=subprocess.DEVNULL)
        # A small extract has too few rows for its shares to say much.
        text = (self.project / "godwit.yaml").read_text(encoding="utf-8")
        (self.project / "godwit.yaml").write_text(text.replace("share: 12%", "share: 90%"), encoding="utf-8")
        (self.folder / "org").mkdir()
        vendor, *options = (self.project / "sandbox").read_text(encoding="utf-8").split()
        self.sandbox = sandbox_server.Sandbox(GODWIT.with_name(f"godwit-sandbox-{vendor}"), self.folder / "org", *options)
        self.addCleanup(self.sandbox.stop)

    def godwit(self, *arguments, expect=(0, 1)):
        environment = {**os.environ, "HARBOUR_CRM": self.sandbox.url, "XDG_STATE_HOME": str(self.folder / "state")}
        done = subprocess.run([GODWIT, *arguments, "--project", str(self.project)], env=environment, capture_output=True, text=True, timeout=600)
        self.assertIn(done.returncode, expect, done.stdout[-3000:] + done.stderr[-3000:])
        return done

    def journal(self, query):
        out = subprocess.run(["sqlite3", "-ascii", str(self.project / ".godwit" / "journal.db"), query], check=True, capture_output=True, text=True).stdout
        return [line.split("\x1f") for line in out.split("\x1e")[:-1]]

    def held(self):
        return [int(self.sandbox.sql(f"select count(*) from {table} where IsDeleted = 0")[0][0]) for table in OBJECTS.values()]

    def created(self):
        return [int(self.journal(f"select created from flow_run where run = 1 and flow = '{flow}'")[0][0]) for flow in OBJECTS]

    def expect_closed(self):
        self.assertEqual(self.journal("select * from books where difference <> 0"), [])
        for table in OBJECTS.values():
            self.assertEqual(*self.sandbox.sql(f"select count(*), count(distinct Legacy_Id__c) from {table} where IsDeleted = 0")[0], f"{table}: a record was made twice")

    def test_the_pipeline_runs_as_it_stands_and_is_taken_back(self):
        plan = {f["flow"]: f for f in json.loads(self.godwit("plan", "--json").stdout)["flows"]}
        self.godwit("run")
        self.expect_closed()
        self.assertEqual(self.held(), self.created())
        for flow, count in zip(OBJECTS, self.created()):
            self.assertEqual(plan[flow]["counts"]["created"], count)
            self.assertGreaterEqual(plan[flow]["load"]["calls"], count // 200)
            self.assertGreater(count, 50)
        self.expect_mapped()
        self.godwit("verify", expect=(0,))
        self.godwit("run")
        self.assertEqual(self.journal("select sum(created), sum(updated), sum(deleted) from flow_run where run = 2"), [["0", "0", "0"]])
        self.godwit("undo", "2", expect=(0,))
        self.godwit("undo", "1", expect=(0,))
        self.assertEqual(self.held(), [0] * len(OBJECTS))

    def expect_mapped(self):
        """What the mapping means, by the sheet and the org's own tables."""
        self.assertEqual(self.sandbox.sql("select count(*) from Account a where ParentId is not null and not exists (select 1 from Account p where p.Id = a.ParentId)"), [["0"]])
        self.assertGreater(int(self.sandbox.sql("select count(*) from Account where ParentId is not null")[0][0]), 10)
        # Created in the old system, at midnight in Shanghai.
        self.assertEqual(self.sandbox.sql("select count(*) from Account where CreatedDate <> strftime('%Y-%m-%dT%H:%M:%S', Customer_Since__c, '-8 hours') || '.000+0000'"
                                          " and Customer_Since__c > '1992-01-01'"), [["0"]])
        self.assertEqual(self.sandbox.sql("select distinct t.DeveloperName from Account a left join RecordType t on t.Id = a.RecordTypeId"), [["Customer"]])
        # Owners by map, everybody else's records to one person.
        with open(self.project / "maps" / "owner.csv", encoding="utf-8", newline="") as file:
            owners = {row["old"]: row["new"] for row in csv.DictReader(file)}
        pairs = self.sandbox.sql("select distinct a.Legacy_Owner__c, u.FederationIdentifier from Account a join User u on u.Id = a.OwnerId where a.Legacy_Owner__c is not null")
        self.assertEqual([[old, owners.get(old, "E0001")] for old, _ in pairs], pairs)
        self.assertGreater(len({new for _, new in pairs}), 1)
        with open(self.project / "offers" / "offers.csv", encoding="utf-8", newline="") as file:
            offers = {row["offer_no"]: row for row in csv.DictReader(file)}
        for number, amount, kind, account in self.sandbox.sql("select o.Legacy_Id__c, o.Amount, t.DeveloperName, a.Legacy_Id__c from Opportunity o join RecordType t on t.Id = o.RecordTypeId"
                                                              " join Account a on a.Id = o.AccountId"):
            offer = offers[number]
            self.assertEqual((float(amount), kind, account), (float(offer["amount"]), {"N": "New_Business", "R": "Renewal"}[offer["kind"]], offer["cust_no"]))
        # Visits and fairs are events, the rest are tasks, all of a contact and of its account.
        for table in ("Task", "Event"):
            self.assertEqual(self.sandbox.sql(f"select count(*) from {table} x left join Contact c on c.Id = x.WhoId where c.Id is null or c.AccountId is not x.AccountId"), [["0"]])

    def test_answers_that_are_lost_after_the_work_was_done_double_nothing(self):
        self.sandbox.faults({"faults": ["drop-after-commit:every=3,path=/services/data/v60.0/composite,times=6", "truncate:every=7,path=/services/data,times=6"]})
        self.godwit("run")
        self.assertGreater(self.sandbox.stats()["failed"], 6)
        self.expect_closed()
        self.assertEqual(self.held(), self.created())
        self.assertEqual(self.journal("select sum(in_doubt) from flow_run"), [["0"]])
        self.godwit("verify", expect=(0,))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True, type=pathlib.Path)
    arguments, rest = parser.parse_known_args()
    GODWIT = arguments.godwit.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
