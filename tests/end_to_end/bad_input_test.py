"""What goes wrong from outside, by the front door: files, folders, disks, plugins and targets that are not as they should be. Each must end in a numbered
message that says where, what was seen and what to do, and nothing may be lost: once the cause is gone, the same command goes on and the books close."""

import argparse
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

import end_to_end_test
from end_to_end_test import ACCOUNTS, CONTACTS, CUSTOMERS, SCHEMA, Project

NOBODY = 65534
MANY = 120_000  # rows that keep a run busy for a good part of a second


class BadInput(Project):
    def says(self, done, number, *words):
        """The message `number` is printed with all these words, and what to do stands below it."""
        text = done.stdout + done.stderr
        self.assertNotIn("GW-5900", text)
        message = re.search(rf"(?m)^GW-{number} .*(?:\n  .*)+", text)
        self.assertIsNotNone(message, text)
        for word in words:
            self.assertIn(str(word), message.group(0))
        return message.group(0)

    def refused(self, number, *words, command="check", expect=2, **more):
        return self.says(self.godwit(*command.split(), expect=expect, **more), number, *words)

    def aside(self, key=None, flow="accounts"):
        """(number, field, line) of the rows that the newest run set aside, by source key."""
        rows = self.journal(f"select source_key, number, field, line from set_aside where flow = '{flow}' and run = (select max(number) from run)")
        found = {row[0]: row[1:] for row in rows}
        return found if key is None else found.get(key)

    def many_customers(self, filler=""):
        """Customers enough to disturb a run among them; `filler` stands in a column of each that nothing maps, so that reading takes its time."""
        lines = ["cust_no,name,parent_no,revenue,status,filler", *(f"C{i},Name {i},,{i}.25,A,{filler}" for i in range(MANY))]
        self.write("extract/customers.csv", "\n".join(lines) + "\n")
        self.write("extract/contacts.csv", "contact_no,cust_no,name,email\nP1,C1,Li,\n")

    def start(self):
        """A run that is at work: begun, and some rows of it settled."""
        run = subprocess.Popen([end_to_end_test.GODWIT, "run"], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(run.stdout.close)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        journal = self.folder / ".godwit" / "journal.db"
        for _ in range(2000):
            try:
                if journal.exists() and self.journal("select sum(read) from flow_run")[0][0]:
                    return run
            except sqlite3.Error:
                pass  # not made yet
            self.assertIsNone(run.poll(), "the run ended before it could be disturbed")
            time.sleep(0.005)
        self.fail("the run settled nothing")

    def all_arrived(self, rows=MANY):
        self.books_close()
        self.assertEqual(self.target("select count(*), count(distinct legacy_id) from accounts"), [(rows, rows)])


class Sources(BadInput):
    def test_a_missing_file_or_folder(self):
        (self.folder / "extract" / "contacts.csv").unlink()
        self.refused(3030, "extract/", "contacts", "customers")
        shutil.rmtree(self.folder / "extract")
        self.refused(3101, self.folder / "extract")

    def test_a_folder_where_a_file_should_be(self):
        (self.folder / "extract" / "contacts.csv").unlink()
        (self.folder / "extract" / "contacts.csv").mkdir()
        done = self.godwit("check", expect=2)
        self.assertRegex(done.stdout + done.stderr, r"GW-(3030|3103) .*extract")

    def test_an_empty_file_has_no_columns(self):
        self.write("extract/contacts.csv", "")
        done = self.godwit("check", expect=2)
        self.assertRegex(done.stdout + done.stderr, r"GW-\d{4} .*\n")

    def test_ragged_rows_stray_quotes_nul_and_foreign_bytes_are_set_aside_one_by_one(self):
        broken = [b"C50,too,few", b"C51,one,,1,A,surplus", b'C52,"half" quoted,,1,A', b"C53,n\0l,,1,A", b"C54,\xd6\xd0,,1,A"]
        (self.folder / "extract" / "customers.csv").write_bytes(CUSTOMERS.encode() + b"\n".join(broken) + b"\nC55,Fine,,1,A\n")
        self.godwit("run")
        self.books_close()
        first = len(CUSTOMERS.splitlines()) + 1
        found = dict(self.journal(f"select line, number from set_aside where flow = 'accounts' and line >= {first} order by line"))
        self.assertEqual(list(found), list(range(first, first + len(broken))))
        self.assertEqual(len(set(found.values())), len(broken), found)  # each with a reason of its own
        for number in found.values():
            self.assertIn(f"GW-{number}", self.godwit("set-aside").stdout)
        self.assertEqual(self.target("select name from accounts where legacy_id = 'C55'"), [("Fine",)])

    def test_a_field_of_a_hundred_megabytes_is_one_row_among_others(self):
        with open(self.folder / "extract" / "customers.csv", "a", encoding="utf-8") as file:
            file.write('C70,"' + "x" * 100_000_000 + '",,1,A\nC71,Fine,,1,A\n')
        # One that may be as long as it likes goes into a field that takes it.
        with open(self.folder / "extract" / "contacts.csv", "a", encoding="utf-8") as file:
            file.write('P70,C71,"' + "y" * 100_000_000 + '",\n')
        subprocess.run(["sqlite3", str(self.folder / "crm.db"), "alter table contacts add column note text"], check=True)
        self.write("flows/contacts.yaml", CONTACTS.replace("last_name: name", "last_name: contact_no\n  note: name"))
        self.godwit("run")
        self.books_close()
        number, _, line = self.aside("C70")
        self.assertEqual((number, line), (1259, 14))
        self.assertEqual(self.target("select name from accounts where legacy_id = 'C71'"), [("Fine",)])
        self.assertEqual(self.target("select length(note) from contacts where legacy_id = 'P70'"), [(100_000_000,)])

    def test_a_header_that_names_a_column_twice(self):
        self.write("extract/customers.csv", CUSTOMERS.replace("parent_no", "name", 1))
        done = self.godwit("check", expect=2)
        self.assertIn("GW-3108", done.stderr)
        self.assertEqual(done.stdout, "")  # results only: programs read it
        self.says(done, 2115, "flows/accounts.yaml:8", "parent_no", "name_2")
        self.write("flows/accounts.yaml", ACCOUNTS.replace("parent(accounts, parent_no)", "parent(accounts, name_2)"))
        json.loads(self.godwit("plan", "--json").stdout)
        self.godwit("run")
        self.books_close()
        self.assertEqual(self.target("select count(*) from accounts where parent_id is not null"), [(2,)])

    def test_a_file_that_is_cut_while_it_is_read(self):
        self.many_customers("x" * 600)
        source = self.folder / "extract" / "customers.csv"
        kept = self.folder / "kept.csv"
        shutil.copy2(source, kept)
        run = self.start()
        os.truncate(source, 200_000)
        text = run.communicate(timeout=120)[0]
        self.assertEqual(run.returncode, 4, text)
        self.assertRegex(text, r"GW-3105 .*customers.csv: .*200000 bytes.*\n  ")
        self.books_close()
        self.refused(4075, "customers", "accounts", "--accept-changes", command="run")
        shutil.copy2(kept, source)
        self.godwit("run")
        self.all_arrived()

    def test_a_file_that_is_written_anew_while_it_is_read(self):
        self.many_customers("x" * 600)
        source = self.folder / "extract" / "customers.csv"
        kept = source.read_bytes()
        run = self.start()
        with open(source, "r+b") as file:
            file.write(kept.replace(b"Name 1,", b"Mane 1,"))
        text = run.communicate(timeout=120)[0]
        self.assertEqual(run.returncode, 4, text)
        self.assertRegex(text, r"GW-3106 .*customers.csv: .*\n  ")
        source.write_bytes(kept)
        self.refused(4075, "customers", command="run")  # its time is another, and its rows may be
        self.godwit("run", "--accept-changes")
        self.all_arrived()

    def test_a_file_that_grows_while_it_is_read_ends_where_it_did(self):
        self.many_customers("x" * 600)
        run = self.start()
        with open(self.folder / "extract" / "customers.csv", "a", encoding="utf-8") as file:
            file.write("LATE,Late,,1,A,\n")
        text = run.communicate(timeout=120)[0]
        self.assertEqual(run.returncode, 0, text)
        self.all_arrived()
        self.godwit("run")
        self.all_arrived(MANY + 1)


class Mappings(BadInput):
    def test_a_circle_of_two_flows_that_cannot_be_broken(self):
        subprocess.run(["sqlite3", str(self.folder / "crm.db"), "drop table contacts; drop table accounts;"
                        "create table accounts(id integer primary key, legacy_id text not null unique, name text, status text, revenue decimal(12,2),"
                        " parent_id integer not null references contacts(id));"
                        "create table contacts(id integer primary key, legacy_id text not null unique,"
                        " account_id integer not null references accounts(id), last_name text, email text)"], check=True)
        self.write("flows/accounts.yaml", ACCOUNTS.replace("parent(accounts, parent_no)", "parent(contacts, parent_no)"))
        self.refused(4007, "flows/contacts.yaml:6:15", "account_id")

    def test_a_wrong_type_has_its_caret_under_the_place(self):
        self.write("flows/accounts.yaml", ACCOUNTS.replace("number(revenue)", "number(revenue) + upper(name)"))
        lines = self.refused(2155, "flows/accounts.yaml:9:28").splitlines()
        caret = next(i for i, line in enumerate(lines) if line.strip() == "^")
        self.assertEqual(lines[caret - 1][lines[caret].index("^")], "+")

    def test_a_text_does_not_go_into_a_number(self):
        self.write("flows/accounts.yaml", ACCOUNTS.replace("number(revenue)", "revenue"))
        self.refused(4005, "flows/accounts.yaml:9", "revenue", "decimal(12,2)")

    def test_a_target_column_that_is_missing_is_named_everywhere(self):
        subprocess.run(["sqlite3", str(self.folder / "crm.db"), "alter table accounts drop column revenue"], check=True)
        self.refused(4003, "flows/accounts.yaml:9:3", "revenue")
        text = self.godwit("check", expect=2).stderr
        self.assertRegex(text, r'GW-4003 godwit.yaml:6:3: .*"revenue"; the nearest name is "\w+"')

    def test_a_required_target_column_that_nothing_fills(self):
        self.write("flows/contacts.yaml", CONTACTS.replace("  last_name: name\n", ""))
        self.refused(4008, "flows/contacts.yaml", "last_name")

    def test_a_target_column_that_is_too_short_is_foreseen(self):
        subprocess.run(["sqlite3", str(self.folder / "crm.db"), "drop table contacts; drop table accounts;" + SCHEMA.replace("varchar(40)", "varchar(5)")], check=True)
        self.assertIn("GW-1421", self.godwit("plan").stdout)
        self.godwit("run")
        self.books_close()
        self.assertEqual(self.aside("C6"), None)     # filtered
        self.assertEqual(self.aside("C10")[:2], (1421, "name"))
        self.assertEqual(self.target("select legacy_id from accounts where length(name) > 5"), [])

    def test_numbers_that_do_not_fit_the_target(self):
        self.write("extract/customers.csv", CUSTOMERS + "C60,Big,,123456789012345.5,A\nC61,Fine,,1.005,A\nC62,Huge,,1" + "0" * 60 + ",A\n")
        self.godwit("run")
        self.books_close()
        self.assertEqual(self.aside("C60")[:2], (1221, "revenue"))
        self.assertEqual(self.aside("C61")[:2], (1220, "revenue"))
        self.assertEqual(self.aside("C62")[1], "revenue")


class Surroundings(BadInput):
    def as_nobody(self):
        """Keywords that run a command as a user who may read here and not write."""
        if os.geteuid() != 0:
            return {}
        self.folder.chmod(0o755)
        return {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    def godwit_as(self, who, *arguments):
        return subprocess.run([end_to_end_test.GODWIT, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=300, **who)

    def reachable(self):
        # The program may stand in a folder that other users cannot enter.
        who = self.as_nobody()
        try:
            if self.godwit_as(who, "--version").returncode == 0:
                return who
        except PermissionError:
            pass
        self.skipTest("another user cannot start the program from where it stands")

    def test_a_project_folder_that_is_read_only(self):
        who = self.reachable()
        self.addCleanup(self.folder.chmod, 0o755)
        self.folder.chmod(0o555)
        done = self.godwit_as(who, "run")
        self.assertEqual(done.returncode, 3)
        self.says(done, 5009, self.folder / ".godwit", "Permission denied")
        self.folder.chmod(0o755)
        self.godwit("run")
        self.books_close()
        (self.folder / ".godwit").chmod(0o000 if who == {} else 0o700)
        self.addCleanup((self.folder / ".godwit").chmod, 0o700)
        done = self.godwit_as(who, "status")  # a journal that may not be read is no missing one
        self.assertEqual(done.returncode, 3)
        self.says(done, 5009, self.folder / ".godwit", "Permission denied")

    def test_a_target_that_is_read_only(self):
        who = self.reachable()
        (self.folder / "crm.db").chmod(0o444)
        done = self.godwit_as(who, "check")
        self.assertEqual(done.returncode, 3)
        self.says(done, 4062, "flows/accounts.yaml", "crm")

    def test_a_source_that_may_not_be_read(self):
        who = self.reachable()
        (self.folder / "extract" / "customers.csv").chmod(0o000)
        done = self.godwit_as(who, "check")
        self.assertEqual(done.returncode, 3)
        self.says(done, 3102, "customers.csv", "Permission denied")

    def full_disk(self, folder, size):
        """Mounts a disk of that size on a new folder; gives it more room when called with the answer."""
        folder.mkdir(mode=0o700)
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)], capture_output=True).returncode != 0:
            self.skipTest("no right to mount a small disk")
        self.addCleanup(subprocess.run, ["umount", "-l", str(folder)])
        return lambda: subprocess.run(["mount", "-o", "remount,size=200m", str(folder)], check=True)

    def test_a_full_disk_under_the_target(self):
        more_room = self.full_disk(self.folder / "small", "1m")
        self.many_customers()
        shutil.move(self.folder / "crm.db", self.folder / "small" / "crm.db")
        os.symlink("small/crm.db", self.folder / "crm.db")
        self.refused(3205, "crm.db", "full", command="run", expect=4)
        self.books_close()
        self.assertIn("godwit run", self.godwit("status").stdout)
        more_room()
        self.godwit("run")
        self.all_arrived()

    def test_a_full_disk_under_the_journal(self):
        more_room = self.full_disk(self.folder / ".godwit", "200k")
        self.many_customers()
        self.refused(5011, ".godwit", "full", command="run", expect=4)
        self.assertRegex(self.godwit("status").stdout, r"interrupted(?s:.*)godwit run")
        more_room()
        self.godwit("run")
        self.all_arrived()

    def test_a_limit_on_the_size_of_files(self):
        self.many_customers()
        limited = subprocess.run([end_to_end_test.GODWIT, "run"], cwd=self.folder, capture_output=True, text=True, timeout=300,
                                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)))
        self.assertEqual(limited.returncode, 4, limited.stdout + limited.stderr)
        self.assertRegex(limited.stderr, r"(?m)^GW-\d{4} /.*\n  ")
        self.godwit("run")
        self.all_arrived()

    def test_a_second_run_beside_a_running_one(self):
        self.many_customers()
        run = self.start()
        self.refused(5002, ".godwit", run.pid, "godwit stop", command="run", expect=3)
        self.refused(5002, ".godwit", run.pid, command="plan", expect=3)
        self.assertIn("running", self.godwit("status").stdout)
        text = run.communicate(timeout=120)[0]
        self.assertEqual(run.returncode, 0, text)
        self.all_arrived()

    def test_a_run_that_was_killed_is_not_shown_as_running(self):
        self.many_customers()
        run = self.start()
        run.send_signal(signal.SIGKILL)
        run.wait()
        self.assertRegex(self.godwit("status").stdout, r"interrupted(?s:.*)godwit run")
        self.assertNotIn("running", self.godwit("runs").stdout)
        self.refused(4071, command="stop")
        self.godwit("run")
        self.all_arrived()

    def test_a_library_that_is_no_plugin(self):
        shipped = pathlib.Path(os.environ.get("GODWIT_PLUGINS", pathlib.Path(end_to_end_test.GODWIT).parent.parent / "plugins"))
        plugins = self.folder / "plugins"
        plugins.mkdir()
        for file in shipped.glob("godwit-*"):
            shutil.copy2(file, plugins)
        library = plugins / "godwit-sqlite.so"
        if not library.exists():
            self.skipTest("this build has its connectors inside the program")
        where = {"GODWIT_PLUGINS": str(plugins), "HOME": str(self.folder)}
        self.godwit("check", env=where)
        whole = library.read_bytes()
        other = next(path for path in map(pathlib.Path, ("/lib/x86_64-linux-gnu/libz.so.1", "/lib/aarch64-linux-gnu/libz.so.1", "/usr/lib/libz.so.1")) if path.exists())
        # A library that is cut off ends the process that tries it out, or is found out before.
        for wrong, numbers in ((other.read_bytes(), "3003"), (b"no library at all", "3002"), (whole[: len(whole) // 2], "(?:3002|3005)")):
            library.write_bytes(wrong)
            self.refused(numbers, library, env=where)
        library.unlink()
        self.refused(3001, library, "manifest", env=where)
        shutil.copy2(shipped / "godwit-sqlite.so", library)
        self.godwit("run", env=where)
        self.books_close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    arguments, rest = parser.parse_known_args()
    end_to_end_test.GODWIT = os.path.abspath(arguments.godwit)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=1)
