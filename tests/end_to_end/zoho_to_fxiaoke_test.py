"""An organisation of Zoho CRM into a tenant of 纷享销客, between two sandboxes: the pipeline runs as it stands, finds nothing to do the second time, and is taken back. sqlite3
compares what both hold."""

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
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "servers"))
import sandbox_server  # noqa: E402

GODWIT = None
FLOWS = {"accounts": "AccountObj", "contacts": "ContactObj", "leads": "LeadsObj", "opportunities": "NewOpportunityObj", "calls": "ActiveRecordObj", "events": "ActiveRecordObj",
         "notes": "ActiveRecordObj", "tasks": "ActiveRecordObj"}


class ZohoToFxiaoke(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory(prefix="godwit-zoho-fxiaoke-")
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        for name in ("old", "new"):
            (self.folder / name).mkdir()
        self.old = sandbox_server.Sandbox(GODWIT.with_name("godwit-sandbox-zoho"), self.folder / "old", "--set", "edition=ultimate")
        self.addCleanup(self.old.stop)
        self.new = sandbox_server.Sandbox(GODWIT.with_name("godwit-sandbox-fxiaoke"), self.folder / "new", "--rate", "1000000", "--per", "20", "--set", "token_calls=1000")
        self.addCleanup(self.new.stop)
        self.project = self.folder / "project"
        shutil.copytree(ROOT / "pipelines" / "zoho-to-fxiaoke", self.project)
        self.fill()

    def fill(self):
        """The sample company by its own pipeline; leads, notes and tasks as people would have made them."""
        project = self.folder / "fill"
        shutil.copytree(ROOT / "pipelines" / "harbour-trading-zoho", project)
        subprocess.run([GODWIT, "sample", "--rows", "300", "--out", str(project / "extract")], check=True, stdout=subprocess.DEVNULL)
        text = (project / "godwit.yaml").read_text(encoding="utf-8")
        (project / "godwit.yaml").write_text(text.replace("share: 12%", "share: 90%"), encoding="utf-8")
        self.godwit("run", "-q", project=project, expect=(0, 1))  # 1: a gate asks for a look
        self.token = sandbox_server.zoho_token(self.old.url)
        leads = self.make("Leads", {"Last_Name": "王", "First_Name": "小明", "Company": "青岛港务", "Lead_Status": "Contacted", "Lead_Source": "Trade Show"},
                          {"Last_Name": "Baker", "First_Name": "Ann", "Company": "Acme"}, {"Last_Name": "Gone", "Company": "Converted"})
        self.call("POST", f"/crm/v8/Leads/{leads[2]}/actions/convert", {"data": [{"overwrite": True}]})
        account, deal, contact = (self.old.sql(f"select min(id) from {module}")[0][0] for module in ("Accounts", "Deals", "Contacts"))
        self.make("Notes", *({"Note_Title": f"on {module}", "Note_Content": "…", "Parent_Id": {"module": {"api_name": module}, "id": id}}
                             for module, id in (("Leads", leads[0]), ("Accounts", account), ("Deals", deal), ("Contacts", contact), ("Leads", leads[2]))))
        self.make("Tasks", {"Subject": "of a deal and a lead", "What_Id": {"id": deal}, "$se_module": "Deals", "Who_Id": {"id": leads[1]}, "Due_Date": "2026-03-04"},
                  {"Subject": "of an account", "What_Id": {"id": account}, "$se_module": "Accounts"})

    def call(self, method, path, body):
        headers = {"Authorization": f"Zoho-oauthtoken {self.token}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.old.url + path, data=json.dumps(body).encode(), method=method, headers=headers), timeout=20) as answer:
            return json.load(answer)

    def make(self, module, *records):
        return [item["details"]["id"] for item in self.call("POST", f"/crm/v8/{module}", {"data": records, "trigger": []})["data"]]

    def godwit(self, *arguments, expect=(0,), project=None):
        environment = {**os.environ, "HARBOUR_CRM": self.old.url, "OLD_CRM": self.old.url, "NEW_CRM": self.new.url, "XDG_STATE_HOME": str(self.folder / "state")}
        done = subprocess.run([GODWIT, *arguments, "--project", str(project or self.project)], env=environment, capture_output=True, text=True, timeout=600)
        self.assertIn(done.returncode, expect, done.stdout[-3000:] + done.stderr[-3000:])
        return done

    def journal(self, query):
        out = subprocess.run(["sqlite3", "-ascii", str(self.project / ".godwit" / "journal.db"), query], check=True, capture_output=True, text=True).stdout
        return [line.split("\x1f") for line in out.split("\x1e")[:-1]]

    def map(self, name):
        with open(self.project / "maps" / f"{name}.csv", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def both(self, query):
        """Rows of a query over both CRMs' data: the old one's tables are old.Accounts ..."""
        return self.new.sql(f"attach '{self.old.data}' as old; {query}")

    def test_the_pipeline_runs_as_it_stands_and_is_taken_back(self):
        self.godwit("run")
        self.assertEqual(self.journal("select * from books where difference <> 0"), [])
        self.assertEqual(self.journal("select flow, number from set_aside"), [["notes", "1414"]])  # the note on the lead that was converted
        self.assertEqual(self.journal("select bucket from total where name = 'deals' and bucket = 'difference' and value <> '0'"), [])
        for old, new in (("Accounts", "AccountObj"), ("Contacts", "ContactObj"), ("Deals", "NewOpportunityObj")):
            self.assertEqual(self.both(f"select count(*) from old.{old} o where sandbox_deleted_ms is null and not exists (select 1 from {new} n where n.legacy_id__c = o.id)"), [["0"]])
            self.assertGreater(int(self.new.sql(f"select count(*) from {new}")[0][0]), 30)
        self.expect_mapped()
        self.godwit("verify")
        self.godwit("run")
        self.assertEqual(self.journal("select sum(created), sum(updated), sum(deleted) from flow_run where run = 2"), [["0", "0", "0"]])
        self.godwit("undo", "2")
        self.godwit("undo", "1")
        self.assertEqual({t: self.new.sql(f"select count(*) from {t} where is_deleted = 0 and life_status <> 'invalid'") for t in FLOWS.values()}, {t: [["0"]] for t in FLOWS.values()})

    def expect_mapped(self):
        # References lead to the records that they led to.
        pairs = {"ContactObj.account_id": "Contacts.Account_Name", "AccountObj.parent_account_id": "Accounts.Parent_Account", "NewOpportunityObj.account_id": "Deals.Account_Name"}
        for new, old in pairs.items():
            (table, field), (module, source) = new.split("."), old.split(".")
            parent = "AccountObj"
            wrong = self.both(f"select count(*) from {table} n join old.{module} o on o.id = n.legacy_id__c left join {parent} p on p._id = n.{field} where p.legacy_id__c is not o.{source}")
            self.assertEqual(wrong, [["0"]], new)
        self.assertGreater(int(self.new.sql("select count(*) from AccountObj where parent_account_id is not null")[0][0]), 5)
        people = {row["old"]: row["new"] for row in self.map("people")}
        owners = self.both("select distinct u.email, p.employee_number from NewOpportunityObj n join old.Deals o on o.id = n.legacy_id__c join old.Users u on u.id = o.Owner"
                           " join PersonnelObj p on n.owner in (p._id, '[\"' || p._id || '\"]')")
        self.assertEqual([[mail, people[mail]] for mail, _ in owners], owners)
        self.assertGreater(len(owners), 1)
        stages = {row["old"]: [row["new"], row["status"]] for row in self.map("stages")}
        for stage, new, status in self.both("select distinct o.Stage, n.sales_stage, n.sales_status from NewOpportunityObj n join old.Deals o on o.id = n.legacy_id__c"):
            self.assertEqual([new, status], stages[stage])
        # Chinese names as they are written, others with a blank; converted leads are not there.
        self.assertEqual(sorted(self.new.sql("select name, company, source, biz_status from LeadsObj")), [["Ann Baker", "Acme", "", "un_processed"], ["王小明", "青岛港务", "2", "processed"]])
        # Notes and tasks are on what they were on.
        held = self.new.sql("select r.active_record_content, a._id is not null, c._id is not null, l.name, o._id is not null from ActiveRecordObj r left join AccountObj a on a._id = r.account_id"
                            " left join ContactObj c on c._id = r.contact_id left join LeadsObj l on l._id = r.leads_id left join NewOpportunityObj o on o._id = r.new_opportunity_id"
                            " where r.active_record_content like 'o% %' order by 1")
        self.assertEqual([row for row in held if row[0].startswith(("on ", "of "))],
                         [["of a deal and a lead", "0", "0", "Ann Baker", "1"], ["of an account", "1", "0", "", "0"], ["on Accounts · …", "1", "0", "", "0"],
                          ["on Contacts · …", "0", "1", "", "0"], ["on Deals · …", "0", "0", "", "1"], ["on Leads · …", "0", "0", "王小明", "0"]])
        # Made when it was made.
        self.assertEqual(self.both("select count(*) from AccountObj n join old.Accounts o on o.id = n.legacy_id__c where cast(n.create_time as integer) / 1000 <> unixepoch(substr(o.Created_Time, 1, 19))"), [["0"]])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True, type=pathlib.Path)
    arguments, rest = parser.parse_known_args()
    GODWIT = arguments.godwit.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
