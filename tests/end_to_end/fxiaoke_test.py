"""The sample extract into 纷享销客, against the sandbox: the pipeline runs as it stands, and what goes wrong on the way ends in the right bucket or in a stop from
which the same command goes on. sqlite3 recounts what the tenant holds.
"""

import argparse
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
OBJECTS = {"accounts": "AccountObj", "contacts": "ContactObj", "activities": "ActiveRecordObj"}


class Fxiaoke(unittest.TestCase):
    rows = 700
    options = ()

    def setUp(self):
        self.kept = tempfile.TemporaryDirectory(prefix="godwit-fxiaoke-")
        self.addCleanup(self.kept.cleanup)
        self.folder = pathlib.Path(self.kept.name)
        self.project = self.folder / "project"
        shutil.copytree(ROOT / "pipelines" / "harbour-trading-fxiaoke", self.project)
        subprocess.run([GODWIT, "sample", "--rows", str(self.rows), "--out", str(self.project / "extract")], check=True, stdout=subprocess.DEVNULL)
        # A small extract has too few rows for its shares to say much.
        text = (self.project / "godwit.yaml").read_text(encoding="utf-8")
        (self.project / "godwit.yaml").write_text(text.replace("share: 12%", "share: 90%").replace('"1000"\n    calls', '"1000"\n    token_calls: "1000"\n    calls'), encoding="utf-8")
        (self.folder / "tenant").mkdir()
        self.sandbox = sandbox_server.Sandbox(GODWIT.with_name("godwit-sandbox-fxiaoke"), self.folder / "tenant", "--rate", "10000000", "--per", "20",
                                              "--set", "token_calls=1000", *self.options)
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

    def journal(self, query):
        out = subprocess.run(["sqlite3", "-ascii", str(self.project / ".godwit" / "journal.db"), query], check=True, capture_output=True, text=True).stdout
        return [line.split("\x1f") for line in out.split("\x1e")[:-1]]

    def held(self, table):
        return int(self.sandbox.sql(f"select count(*) from {table} where is_deleted = 0")[0][0])

    def expect_closed(self):
        self.assertEqual(self.journal("select * from books where difference <> 0"), [])
        for flow, table in OBJECTS.items():
            keys = f"select count(*), count(distinct legacy_id__c) from {table} where is_deleted = 0"
            self.assertEqual(*self.sandbox.sql(keys)[0], f"{table}: a record was made twice")

    def test_the_pipeline_runs_as_it_stands_and_is_taken_back(self):
        plan = {f["flow"]: f for f in json.loads(self.godwit("plan", "--json").stdout)["flows"]}
        self.godwit("run")
        self.expect_closed()
        for flow, table in OBJECTS.items():
            created = int(self.journal(f"select created from flow_run where run = 1 and flow = '{flow}'")[0][0])
            self.assertEqual((plan[flow]["counts"]["created"], self.held(table)), (created, created))
            self.assertGreaterEqual(plan[flow]["load"]["calls"], created)
            self.assertGreater(created, 50)
        # Every parent that the crosswalk knows is there, and none points at nothing.
        self.assertEqual(self.sandbox.sql("select count(*) from AccountObj a where parent_account_id is not null and not exists (select 1 from AccountObj p where p._id = a.parent_account_id)"), [["0"]])
        self.assertEqual(self.sandbox.sql("select count(*) from ContactObj c where not exists (select 1 from AccountObj a where a._id = c.account_id)"), [["0"]])
        # Approvals and workflows were kept off.
        self.assertEqual(self.sandbox.sql("select count(*) from AccountObj where life_status <> 'normal' or lock_status <> '0'"), [["0"]])
        self.godwit("verify", expect=(0,))
        self.godwit("run")
        self.assertEqual(self.journal("select sum(created), sum(updated), sum(deleted) from flow_run where run = 2"), [["0", "0", "0"]])
        self.godwit("undo", "2", expect=(0,))
        self.godwit("undo", "1", expect=(0,))
        self.assertEqual([self.held(table) for table in OBJECTS.values()], [0, 0, 0])

    def test_answers_that_are_lost_after_the_work_was_done_double_nothing(self):
        self.sandbox.faults({"faults": ["drop-after-commit:every=17,path=/cgi/crm", "truncate:every=41,path=/cgi/crm", "error-after-commit:every=53,path=/cgi/crm/v2/data/create"]})
        self.godwit("run")
        self.expect_closed()
        self.assertEqual(self.journal("select sum(in_doubt) from flow_run"), [["0"]])
        self.assertEqual([[str(self.held(t)) for t in OBJECTS.values()]], [[self.journal(f"select created from flow_run where flow = '{f}'")[0][0] for f in OBJECTS]])

    def test_a_token_that_is_revoked_in_mid_run_is_asked_for_anew(self):
        self.sandbox.faults({"faults": ["expire-token:every=60,path=/cgi/crm"]})
        self.godwit("run")
        self.expect_closed()

    def test_wrong_credentials_and_a_wrong_host_say_what_to_do(self):
        self.set("app_secret: sandbox-secret", "app_secret: wrong")
        self.assertIn("GW-3402", self.godwit("check", expect=(3,)).stderr)
        self.set("app_secret: wrong", "app_secret: sandbox-secret")
        self.sandbox.stop()
        self.sandbox.options += ["--set", "wrong_host=yes"]
        self.sandbox.start()
        self.assertIn("GW-3603", self.godwit("check", expect=(2, 3)).stderr)


class Quota(Fxiaoke):
    """The day's calls end in mid-run."""

    options = ("--daily", "400")
    rows = 700

    def test_the_run_stops_safely_and_goes_on_the_next_day(self):
        done = self.godwit("run", expect=(3, 4))
        self.assertRegex(done.stderr, "GW-34(01|03)")
        self.expect_closed()
        self.sandbox.stop()
        self.sandbox.options[self.sandbox.options.index("400")] = "1000000"
        self.sandbox.start()
        self.godwit("run")
        self.expect_closed()
        self.assertEqual(self.journal("select count(*) from run"), [["1"]])
        self.godwit("verify", expect=(0,))


def load_tests(loader, tests, pattern):
    suite = unittest.TestSuite(loader.loadTestsFromTestCase(Fxiaoke))
    suite.addTest(Quota("test_the_run_stops_safely_and_goes_on_the_next_day"))
    return suite


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True, type=pathlib.Path)
    arguments, rest = parser.parse_known_args()
    GODWIT = arguments.godwit.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
