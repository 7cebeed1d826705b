"""Migrations into and out of Salesforce, against the sandbox: what is killed, cut, locked or refused on the way ends in the right bucket or in a stop from which
the same command goes on. sqlite3 recounts what the org holds."""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "servers"))
import sandbox_server  # noqa: E402

GODWIT = None

ACCOUNTS = """from: legacy.accounts
to: crm.Account
key: {Legacy_Id__c: no}
map:
  Name: name
  AnnualRevenue: number(revenue, locale => en_US, scale => 2) | round(0)
  Customer_Since__c: date(since, formats => 'yyyy-MM-dd')
  ParentId: parent(accounts, parent)
"""
CONTACTS = """from: legacy.contacts
to: crm.Contact
key: {Legacy_Id__c: no}
map:
  LastName: last
  Email: mail
  Account.Legacy_Id__c: acc
"""
NOTES = """from: legacy.notes
to: crm.Task
map:
  Subject: subject
"""


class Salesforce(unittest.TestCase):
    accounts, contacts, notes = 600, 1500, 0
    options = ()

    def setUp(self):
        self.kept = tempfile.TemporaryDirectory(prefix="godwit-salesforce-")
        self.folder = pathlib.Path(self.kept.name)
        for name in ("extract", "flows", "state"):
            (self.folder / name).mkdir()
        self.sandbox = sandbox_server.Sandbox(GODWIT.with_name("godwit-sandbox-salesforce"), self.folder, "--daily", "10000000", *self.options)
        self.connect()
        self.extract()
        self.write("flows/accounts.yaml", ACCOUNTS)
        self.write("flows/contacts.yaml", CONTACTS)

    def tearDown(self):
        self.sandbox.stop()
        self.kept.cleanup()

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def connect(self, **settings):
        given = {"url": self.sandbox.url, "client_id": "sandbox-client", "client_secret": "sandbox-secret", "bulk_from": 0, "bulk_poll_ms": 20, **settings}
        crm = ", ".join(f'{name}: "{value}"' for name, value in given.items() if value is not None)
        self.write("godwit.yaml", f'project: sf\nlanguage: en\nconnections:\n  legacy: {{connector: csv, path: extract/, "null": ""}}\n  crm: {{connector: salesforce, {crm}}}\n')

    def extract(self):
        rng = random.Random(7)
        lines = ["no,name,parent,revenue,since"]
        for i in range(self.accounts):
            parent = f"A{rng.randrange(i)}" if i > 10 and i % 7 == 0 else ""
            lines.append(f"A{i},Firm {i},{parent},{i * 1.25:.2f},20{i % 20:02d}-01-{i % 28 + 1:02d}")
        self.write("extract/accounts.csv", "\n".join(lines) + "\n")
        lines = ["no,last,acc,mail"] + [f"C{i},Person {i},A{min(rng.randrange(self.accounts), rng.randrange(self.accounts))},p{i}@x.example" for i in range(self.contacts)]
        self.write("extract/contacts.csv", "\n".join(lines) + "\n")
        if self.notes:
            self.write("extract/notes.csv", "subject\n" + "".join(f"note {i}\n" for i in range(self.notes)))

    def environment(self):
        return {**os.environ, "XDG_STATE_HOME": str(self.folder / "state")}

    def godwit(self, *arguments, expect=0):
        done = subprocess.run([str(GODWIT), "-C", str(self.folder), *arguments], capture_output=True, text=True, env=self.environment(), timeout=600)
        if expect is not None:
            self.assertEqual(done.returncode, expect, f"godwit {' '.join(arguments)}\n{done.stdout}\n{done.stderr}")
        return done

    def until_finished(self, most=40):
        """Runs, and runs again as long as the run stopped where it can go on; how often it was started."""
        for n in range(1, most):
            done = self.godwit("run", expect=None)
            if done.returncode in (0, 1):
                return n
            self.assertIn(done.returncode, (3, 4), done.stdout + done.stderr)
        self.fail("the run never finished")

    def journal(self, query):
        path = self.folder / ".godwit" / "journal.db"
        out = subprocess.run(["sqlite3", "-json", str(path), query], check=True, capture_output=True, text=True).stdout
        return json.loads(out) if out.strip() else []

    def assert_loaded(self):
        """Every row is in the org exactly once, with its parent."""
        self.assertEqual(self.sandbox.sql("select count(*), count(distinct Legacy_Id__c), count(ParentId) from Account where IsDeleted = 0"),
                         [[str(self.accounts), str(self.accounts), str(sum(1 for i in range(11, self.accounts) if i % 7 == 0))]])
        self.assertEqual(self.sandbox.sql("select count(*), count(distinct Legacy_Id__c), count(AccountId) from Contact where IsDeleted = 0"),
                         [[str(self.contacts), str(self.contacts), str(self.contacts)]])
        verified = self.godwit("verify").stdout
        for flow, rows in (("accounts", self.accounts), ("contacts", self.contacts)):
            self.assertRegex(verified, rf"(?m)^{flow} +{rows:,} +{rows:,} +0 ")
        differences = self.journal("select flow, difference from books where difference <> 0")
        self.assertEqual(differences, [])

    def fault(self, *specs):
        """These go wrong from now on; none: nothing does any more."""
        request = urllib.request.Request(f"{self.sandbox.url}/__sandbox/faults", method="DELETE")
        urllib.request.urlopen(request, timeout=10).close()
        if specs:
            self.sandbox.faults({"faults": list(specs)})


class Loading(Salesforce):
    def test_a_migration_is_loaded_verified_changed_and_taken_back(self):
        for bulk in (0, 500):
            with self.subTest(bulk_from=bulk):
                self.connect(bulk_from=bulk)
                self.godwit("run", "--new")
                self.assert_loaded()
                before = self.sandbox.stats()["rows"]
                self.godwit("run", "--new")  # nothing changed: nothing is sent
                self.assertEqual(self.sandbox.stats()["rows"], before)
                text = (self.folder / "extract" / "accounts.csv").read_text(encoding="utf-8")
                self.write("extract/accounts.csv", text.replace("A5,Firm 5,", "A5,Firm FIVE,"))
                self.godwit("run", "--new")
                self.assertEqual(self.sandbox.sql("select Name from Account where Legacy_Id__c = 'A5' and IsDeleted = 0"), [["Firm FIVE"]])
                numbers = [row["number"] for row in self.journal("select number from run where kind <> 'undo' and undone_by is null order by number desc")]
                for number in numbers:
                    self.godwit("undo", str(number))
                self.assertEqual(self.sandbox.sql("select count(*) from Account where IsDeleted = 0"), [["0"]])
                self.assertEqual(self.sandbox.sql("select count(*) from Contact where IsDeleted = 0"), [["0"]])
                self.write("extract/accounts.csv", text)

    def test_bad_rows_are_set_aside_with_the_orgs_own_words(self):
        lines = ["no,name,parent,revenue,since", "A1,Good,,1,2020-01-01", f"A2,{'x' * 300},,1,2020-01-01", "A3, blank ,,1,2020-01-01", "A4,Orphan,A77,1,2020-01-01"]
        self.write("extract/accounts.csv", "\n".join(lines) + "\n")
        self.write("extract/contacts.csv", "no,last,acc,mail\nC1,One,A1,a@x.example\nC2,Two,NONE,b@x.example\nC3,Three,A1,no-address\n")
        for bulk in (0, 1):
            with self.subTest(bulk_from=bulk):
                self.connect(bulk_from=bulk)
                self.godwit("run", "--new", expect=None)
                rows = self.journal("select source_key, number, json_extract(arguments, '$.words') words from set_aside where run = (select max(number) from run)")
                found = {row["source_key"]: (row["number"], row["words"] or "") for row in rows}
                self.assertEqual(found["A3"][0], 4110)
                self.assertIn(found["C2"][0], (4104, 4120))
                self.assertTrue(found["C2"][1])
                self.assertEqual(found["C3"][0], 3522)
                self.assertIn("INVALID_EMAIL_ADDRESS", found["C3"][1])
                self.assertIn("A2", found)
                self.assertEqual(self.sandbox.sql("select Legacy_Id__c from Contact where IsDeleted = 0"), [["C1"]])

    def test_objects_are_read_by_query_and_by_bulk_query_alike(self):
        self.godwit("run")
        read = {}
        for bulk in (0, 100):
            self.connect(bulk_query_from=bulk)
            out = self.godwit("read", "crm.Contact", "--json").stdout
            read[bulk] = sorted(out.splitlines())
        self.assertEqual(len(read[0]) - self.contacts, len(read[100]) - self.contacts)
        self.assertEqual(read[0], read[100])
        self.assertTrue(any("/jobs/query" in path for path in self.sandbox.stats()["paths"]))


class UnderTheOtherSwitches(Loading):
    """What the contract leaves unconfirmed, the other way round."""

    options = tuple(word for switch in ("upsert_update_status=204", "polymorphic_type=required", "unknown_key=INVALID_CROSS_REFERENCE_KEY", "double_key=DUPLICATE_EXTERNAL_ID",
                                        "bulk_created_column=no", "bulk_order=input", "limit_info=no", "query_batch=250", "query_options=no",
                                        "lock_contention=on", "hide_archived=yes", "update_inactive_owners=no") for word in ("--set", switch))


class Harm(Salesforce):
    """Each of the sandbox's faults, while collections calls and while jobs are written."""

    def load_with(self, *faults, **settings):
        for bulk in (0, 400):
            with self.subTest(bulk_from=bulk, faults=faults):
                self.connect(bulk_from=bulk, **settings)
                self.fault(*faults)
                self.until_finished()
                self.fault()
                self.assert_loaded()
                self.godwit("undo", str(self.journal("select max(number) n from run")[0]["n"]))

    def test_answers_that_are_cut_off_after_the_work_was_done(self):
        self.load_with("drop-after-commit:share=0.1")

    def test_every_step_of_a_job_may_be_carried_out_and_its_answer_lost(self):
        for method in ("POST", "PUT", "PATCH", "GET"):
            with self.subTest(method):
                self.connect(bulk_from=400)
                self.fault(f"drop-after-commit:every=1,method={method},path=/services/data/v60.0/jobs,times=2")
                self.godwit("run")  # without a stop
                self.assertEqual(self.sandbox.stats()["failed"], 2)
                self.fault()
                self.assert_loaded()
                self.godwit("undo", str(self.journal("select max(number) n from run")[0]["n"]))
                self.sandbox.kill()
                self.sandbox.start()  # counts anew

    def test_errors_before_the_work_is_done(self):
        self.load_with("error-before-commit:share=0.1")

    def test_bodies_that_are_cut_in_half(self):
        self.load_with("truncate:share=0.1")

    def test_pages_instead_of_json(self):
        self.load_with("html:share=0.1")

    def test_tokens_that_expire(self):
        self.load_with("expire-token:every=7")

    def test_records_that_are_locked(self):
        self.load_with("lock:share=0.1")

    def test_a_daily_allowance_that_ends_is_a_stop_that_goes_on(self):
        self.fault("daily:at=12")
        done = self.godwit("run", expect=None)
        self.assertIn(done.returncode, (3, 4), done.stdout + done.stderr)
        self.assertIn("GW-3403", done.stdout + done.stderr)
        self.fault()
        shutil.rmtree(self.folder / "state", ignore_errors=True)  # as on the next day
        self.until_finished()
        self.assert_loaded()


class Allowance(Salesforce):
    accounts, contacts = 30, 0
    options = ("--daily", "100000")

    def test_what_was_sent_since_yesterday_is_held_against_the_orgs_own_figure(self):
        (self.folder / "flows" / "contacts.yaml").unlink()
        self.connect(daily_calls=90000)
        self.godwit("run")
        kept = next((self.folder / "state" / "godwit" / "usage").glob("salesforce-*.json"))
        use = json.loads(kept.read_text(encoding="utf-8"))
        use["daily calls"][-1][1] = 20000  # more than the smallest edition has
        kept.write_text(json.dumps(use), encoding="utf-8")
        self.connect()
        self.godwit("run", "--new")
        self.connect(daily_calls=15000)
        done = self.godwit("run", "--new", expect=None)
        self.assertIn(done.returncode, (3, 4))
        self.assertIn("GW-3403", done.stdout + done.stderr)


class Killed(Salesforce):
    accounts, contacts = 1000, 3000
    options = ("--latency", "20")

    def test_a_run_that_is_killed_anywhere_ends_like_one_that_was_left_alone(self):
        rng = random.Random(11)
        for bulk in (0, 200):
            kills = 0
            with self.subTest(bulk_from=bulk):
                self.connect(bulk_from=bulk)
                for _ in range(14):
                    running = subprocess.Popen([str(GODWIT), "-C", str(self.folder), "run", "--unit-rows", "400"], env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    time.sleep(0.02 + rng.random() * 0.5)
                    if running.poll() is None:
                        running.send_signal(signal.SIGKILL)
                        kills += 1
                    running.wait()
                self.until_finished()
                self.assert_loaded()
                self.assertGreater(kills, 3)
                # Counted once, by the life that learned of it.
                created = self.journal("select flow, sum(created) created from books where run in (select number from run where kind <> 'undo' and undone_by is null) group by flow")
                self.assertEqual({row["flow"]: row["created"] for row in created}, {"accounts": self.accounts, "contacts": self.contacts})
                for row in self.journal("select number from run where kind <> 'undo' and undone_by is null order by number desc"):
                    self.godwit("undo", str(row["number"]))


class SideBySide(Salesforce):
    """Units that are on their way together, whose records hang on the same parents."""
    accounts, contacts = 60, 3000
    options = ("--set", "lock_contention=on", "--set", "lock_hold_ms=10", "--latency", "20")

    def test_units_side_by_side_do_not_lock_each_others_parents(self):
        # Calls know which parents others lock. Of jobs the next begins when the one before is nearly through: of what they lock, little is the same.
        for bulk, most in ((0, 0), (100, self.contacts // 20)):
            with self.subTest(bulk_from=bulk):
                self.connect(bulk_from=bulk)
                before = self.sandbox.stats()["lock_failures"]
                self.godwit("run", "--unit-rows", "300")
                self.assertEqual(self.journal("select count(*) n from unit where flow = 'contacts' and run = (select max(number) from run)"), [{"n": 10}])
                self.assertLessEqual(self.sandbox.stats()["lock_failures"] - before, most)
                self.assert_loaded()
                self.godwit("undo", str(self.journal("select max(number) n from run where kind <> 'undo'")[0]["n"]))


class Rules(Salesforce):
    """What an org knows about people and kinds of records."""

    accounts, contacts = 3, 0
    options = ("--set", "duplicate_rules=alert")

    def setUp(self):
        super().setUp()
        (self.folder / "flows" / "contacts.yaml").unlink()

    def refused(self):
        rows = self.journal("select source_key, number, json_extract(arguments, '$.words') words from set_aside where run = (select max(number) from run)")
        return {row["source_key"]: (row["number"], row["words"] or "") for row in rows}

    def test_owners_are_people_or_queues_and_those_who_left_are_refused_in_the_orgs_own_words(self):
        self.write("flows/accounts.yaml", "from: legacy.accounts\nto: crm.Task\nkey: {Legacy_Id__c: no}\nmap:\n  Subject: name\n  OwnerId: |\n"
                   "    case when starts_with(owner, 'Q') then lookup(crm.Group, DeveloperName, substring(owner, 2))\n"
                   "         else lookup(crm.User, FederationIdentifier, owner, otherwise_value => 'E0003') end\n")
        self.write("extract/accounts.csv", "no,name,owner\nT1,by a person,E0002\nT2,by a queue,QInbound_Queue\nT3,by one who left,E0004\nT4,by nobody known,E0099\nT5,no such queue,QNone\n")
        for bulk in (0, 1):
            with self.subTest(bulk_from=bulk):
                self.connect(bulk_from=bulk)
                self.godwit("run", "--new", expect=None)
                held = self.sandbox.sql("select t.Legacy_Id__c, coalesce(u.FederationIdentifier, g.DeveloperName) from Task t left join User u on u.Id = t.OwnerId"
                                        " left join \"Group\" g on g.Id = t.OwnerId where t.IsDeleted = 0 order by 1")
                self.assertEqual(held, [["T1", "E0002"], ["T2", "Inbound_Queue"], ["T4", "E0003"]])
                refused = self.refused()
                self.assertEqual((refused["T3"][0], refused["T5"][0], len(refused)), (3521, 1403, 2))
                self.assertIn("INACTIVE_OWNER_OR_USER", refused["T3"][1])
                self.godwit("undo", str(self.journal("select max(number) n from run")[0]["n"]))

    def test_record_types_are_named_by_developer_name_and_limit_choices(self):
        self.write("flows/accounts.yaml", "from: legacy.accounts\nto: crm.Account\nkey: {Legacy_Id__c: no}\nmap:\n  Name: name\n  RecordType.DeveloperName: kind\n  Region__c: region\n"
                   "  Territory__c: territory\n")
        self.write("extract/accounts.csv", "no,name,kind,region,territory\nA1,One,Customer,AMER,United States\nA2,Two,Partner,EMEA,Germany\nA3,Three,Partner,AMER,\nA4,Four,Nobody,,\nA5,Five,,APAC,Japan\n"
                   "A6,Six,Customer,APAC,Germany\n")
        for bulk in (0, 1):
            with self.subTest(bulk_from=bulk):
                self.connect(bulk_from=bulk)
                plan = self.godwit("plan", expect=None).stdout
                self.assertIn("Nobody", plan)  # foreseen, since describe says which there are
                self.godwit("run", "--new", expect=None)
                held = self.sandbox.sql("select a.Legacy_Id__c, t.DeveloperName, a.Territory__c from Account a left join RecordType t on t.Id = a.RecordTypeId where a.IsDeleted = 0 order by 1")
                self.assertEqual([row[0] for row in held], ["A1", "A2", "A5"])
                self.assertEqual(held[:2], [["A1", "Customer", "United States"], ["A2", "Partner", "Germany"]])
                self.assertEqual({key: number for key, (number, _) in self.refused().items()}, {"A3": 4118, "A4": 1422, "A6": 4118})
                self.godwit("verify")
                self.godwit("undo", str(self.journal("select max(number) n from run")[0]["n"]))

    def test_duplicate_rules_set_aside_or_save(self):
        self.write("extract/accounts.csv", "no,name,parent,revenue,since\nA1,Same,,1,2020-01-01\n")
        self.connect()
        self.godwit("run")
        self.write("extract/accounts.csv", "no,name,parent,revenue,since\nA1,Same,,1,2020-01-01\nA2,same,,1,2020-01-01\n")
        self.godwit("run", "--new", expect=None)
        self.assertEqual(self.refused()["A2"][0], 3520)
        self.assertIn("DUPLICATES_DETECTED", self.refused()["A2"][1])
        self.connect(duplicate_rules="save")
        self.godwit("run", "--new", expect=None)
        self.assertEqual(self.sandbox.sql("select count(*) from Account where IsDeleted = 0"), [["2"]])

    def test_a_record_that_others_hang_on_is_not_deleted_with_them(self):
        self.write("extract/contacts.csv", "no,last,acc,mail\nC1,One,A1,\nC2,Two,A2,\n")
        self.write("flows/contacts.yaml", CONTACTS)
        for cascades, accounts in (("refuse", [["A1"]]), ("follow", [])):
            with self.subTest(cascades=cascades):
                self.connect(cascades=cascades)
                self.godwit("run", "--new")
                number = str(self.journal("select max(number) n from run")[0]["n"])
                self.sandbox.sql("update Contact set LastName = 'edited since', Name = 'edited since' where Legacy_Id__c = 'C1'")
                self.godwit("undo", number, expect=None)
                self.assertEqual(self.sandbox.sql("select Legacy_Id__c from Account where IsDeleted = 0"), accounts)
                self.assertEqual(self.sandbox.sql("select count(*) from Contact where IsDeleted = 0"), [[str(len(accounts))]])
                listed = self.journal("select flow, number from set_aside where run = (select max(number) from run) order by flow desc")
                self.assertEqual([row["flow"] for row in listed], ["contacts", "accounts"][:1 + len(accounts)])
                self.assertEqual([row["number"] for row in listed][1:], [4105] * len(accounts))
                self.sandbox.sql("delete from Contact; delete from Account")


class WithoutKey(Salesforce):
    accounts, contacts, notes = 20, 20, 900
    options = ("--latency", "5")

    def test_rows_without_a_key_are_never_sent_twice(self):
        self.write("flows/notes.yaml", NOTES)
        self.fault("drop-after-commit:share=0.2,path=/services/data/v60.0/composite")
        self.until_finished()
        self.fault()
        held = self.sandbox.sql("select count(*), count(distinct Subject) from Task where IsDeleted = 0")[0]
        self.assertEqual(held[0], held[1], "a note came twice")
        books = self.journal("select created, in_doubt from books where flow = 'notes' and run = (select max(number) from run)")[0]
        self.assertEqual(books["created"] + books["in_doubt"], self.notes)
        self.assertGreater(books["in_doubt"], 0)
        self.assertEqual(int(held[0]), self.notes)  # what is in doubt was carried out here, and nobody could know


def main():
    global GODWIT
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    options, rest = parser.parse_known_args()
    GODWIT = pathlib.Path(options.godwit).resolve()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
