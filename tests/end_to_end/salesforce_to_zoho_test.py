"""One CRM into another by the pipeline that ships: the sample company, loaded into a sandbox of Salesforce, goes on into one of Zoho CRM. sqlite3 holds the two against each
other."""

import argparse
import decimal
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
MODULES = {"accounts": ("Account", "Accounts"), "contacts": ("Contact", "Contacts"), "deals": ("Opportunity", "Deals"), "tasks": ("Task", "Tasks"), "events": ("Event", "Events")}


class SalesforceToZoho(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory(prefix="godwit-salesforce-zoho-")
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        for name in ("harbour-trading-salesforce", "salesforce-to-zoho"):
            shutil.copytree(ROOT / "pipelines" / name, self.folder / name)
            # A small extract has too few rows for its shares to say much.
            text = (self.folder / name / "godwit.yaml").read_text(encoding="utf-8")
            (self.folder / name / "godwit.yaml").write_text(text.replace("share: 12%", "share: 90%"), encoding="utf-8")
        self.old = self.sandbox("salesforce", "--set", "audit_fields=yes", "--set", "multi_currency=yes")
        self.new = self.sandbox("zoho")
        subprocess.run([GODWIT, "sample", "--rows", "500", "--out", str(self.folder / "harbour-trading-salesforce" / "extract")], check=True, stdout=subprocess.DEVNULL)
        self.godwit("harbour-trading-salesforce", "run", expect=(0, 1))  # 1: a gate asks for a look

    def sandbox(self, vendor, *options):
        (self.folder / vendor).mkdir()
        out = sandbox_server.Sandbox(GODWIT.with_name(f"godwit-sandbox-{vendor}"), self.folder / vendor, *options)
        self.addCleanup(out.stop)
        return out

    def godwit(self, project, *arguments, expect=(0,)):
        environment = {**os.environ, "HARBOUR_CRM": self.old.url, "OLD_CRM": self.old.url, "NEW_CRM": self.new.url, "XDG_STATE_HOME": str(self.folder / "state")}
        done = subprocess.run([GODWIT, *arguments, "--project", str(self.folder / project)], env=environment, capture_output=True, text=True, timeout=600)
        self.assertIn(done.returncode, expect, done.stdout[-3000:] + done.stderr[-3000:])
        return done.stdout

    def journal(self, query):
        out = subprocess.run(["sqlite3", "-ascii", str(self.folder / "salesforce-to-zoho" / ".godwit" / "journal.db"), query], check=True, capture_output=True, text=True).stdout
        return [line.split("\x1f") for line in out.split("\x1e")[:-1]]

    def both(self, query):
        """Rows of a query over both CRMs: the old one's tables by their names, the new one's with "zoho." before them."""
        return self.old.sql(f"attach '{self.new.data}' as zoho; {query}")

    def test_every_record_arrives_once_with_its_parents_and_is_taken_back(self):
        project = "salesforce-to-zoho"
        self.godwit(project, "run")
        self.assertEqual(self.journal("select * from books where difference <> 0"), [])
        self.assertEqual(self.journal("select sum(set_aside), sum(filtered), sum(in_doubt), sum(obligations_failed) from flow_run where run = 1"), [["0", "0", "0", "0"]])
        for flow, (old, new) in MODULES.items():
            count = self.old.sql(f"select count(*) from {old} where IsDeleted = 0")[0][0]
            self.assertGreater(int(count), 30)
            self.assertEqual(self.new.sql(f"select count(*), count(distinct Ext_Id) from {new}"), [[count, count]], flow)
        self.expect_mapped()
        self.godwit(project, "verify")
        self.godwit(project, "run")
        self.assertEqual(self.journal("select sum(created), sum(updated), sum(deleted) from flow_run where run = 2"), [["0", "0", "0"]])
        self.godwit(project, "undo", "2")
        self.godwit(project, "undo", "1")
        self.assertEqual([self.new.sql(f"select count(*) from {new} where sandbox_deleted_ms is null") for _, new in MODULES.values()], [[["0"]]] * len(MODULES))

    def expect_mapped(self):
        none = [["0"]]
        join = "from {old} o join zoho.{new} n on n.Ext_Id = o.Id"
        self.assertEqual(self.both("select count(*) " + join.format(old="Account", new="Accounts") + " left join zoho.Accounts p on p.id = n.Parent_Account where o.ParentId is not p.Ext_Id"), none)
        self.assertEqual(self.both("select count(*) " + join.format(old="Contact", new="Contacts") + " left join zoho.Accounts a on a.id = n.Account_Name where o.AccountId is not a.Ext_Id"
                                   " or o.LastName is not n.Last_Name"), none)
        for old, new in (("Task", "Tasks"), ("Event", "Events")):
            self.assertEqual(self.both("select count(*) " + join.format(old=old, new=new) + " left join zoho.Contacts c on c.id = n.Who_Id where o.WhoId is not c.Ext_Id"), none)
        rates = dict(line.split(",") for line in (self.folder / "salesforce-to-zoho" / "maps" / "rates.csv").read_text(encoding="utf-8").splitlines()[1:])
        deals = self.both("select o.Amount, o.CurrencyIsoCode, n.Amount, t.DeveloperName, n.Pipeline, o.StageName, n.Stage " + join.format(old="Opportunity", new="Deals") +
                          " join RecordType t on t.Id = o.RecordTypeId")
        for amount, currency, converted, kind, pipeline, old_stage, stage in deals:
            wanted = (decimal.Decimal(amount) * decimal.Decimal(rates[currency])).quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP)
            self.assertEqual(decimal.Decimal(converted).quantize(decimal.Decimal("0.01")), wanted)
            self.assertEqual(pipeline, {"New_Business": "Standard (Standard)", "Renewal": "Renewals"}[kind])
            self.assertEqual(stage, "Negotiation/Review" if kind == "Renewal" and old_stage == "Proposal/Price Quote" else old_stage)
        people = dict(line.split(",") for line in (self.folder / "salesforce-to-zoho" / "maps" / "people.csv").read_text(encoding="utf-8").splitlines()[1:])
        owners = self.both("select distinct u.Username, p.email " + join.format(old="Account", new="Accounts") + " join User u on u.Id = o.OwnerId join zoho.Users p on p.id = n.Owner")
        self.assertGreater(len(owners), 1)
        self.assertEqual([[old, people[old]] for old, _ in owners], owners)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True, type=pathlib.Path)
    arguments, rest = parser.parse_known_args()
    GODWIT = arguments.godwit.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
