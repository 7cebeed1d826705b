"""A run that is killed at any instant and resumed ends as if nobody had killed it.

The program is killed by a preloaded library at a chosen operation on the journal's or the target's files, or by a signal at a
random time; then it is started again until it finishes. Target, books, rows set aside, merged rows, failed references, totals and
crosswalk must equal those of a run that was left alone. sqlite3's own program reads both sides.
"""

import argparse
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CUSTOMERS = 700


def write_project(folder):
    """An extract with every kind of row: doubles, filtered, broken, self-references, orphans, merged branches."""
    (folder / "flows").mkdir(parents=True)
    (folder / "extract").mkdir()
    (folder / "godwit.yaml").write_text(
        "project: kill\nconnections:\n  legacy: {connector: csv, path: extract/}\n  crm: {connector: sqlite, path: crm.db}\n"
        "totals:\n  revenue: {flow: accounts, source: number_or_null(revenue), target: revenue}\n")
    (folder / "flows" / "accounts.yaml").write_text(
        "from: legacy.customers\nwhere: status <> 'X'\ndelete_when: status = 'D'\nto: crm.accounts\nkey: {legacy_id: cust_no}\n"
        "map:\n  name: name\n  parent_id: parent(accounts, parent_no)\n  revenue: number(revenue)\n"
        "validate:\n  - require: [name]\n  - check: revenue >= 0\n    level: warning\n    say: revenue is negative\n")
    (folder / "flows" / "contacts.yaml").write_text(
        "from: legacy.contacts\nto: crm.contacts\nkey: {legacy_id: contact_no}\non_double: merge\n"
        "map:\n  account_id: parent(accounts, cust_no)\n  last_name: name\n")
    rng = random.Random(7)
    lines = ["cust_no,name,parent_no,revenue,status"]
    for i in range(1, CUSTOMERS + 1):
        number = i if i % 50 else i - 1                            # a doubled key now and then
        name = "" if i % 41 == 0 else f"客户 {i}, Ltd"
        parent = "" if i % 3 else f"C{rng.randint(1, CUSTOMERS + 20)}"
        revenue = "abc" if i % 67 == 0 else f"{rng.randint(-50, 9999)}.{i % 100:02d}"
        lines.append(f'C{number},"{name}",{parent},{revenue},{"X" if i % 29 == 0 else "A"}')
    (folder / "extract" / "customers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = ["contact_no,cust_no,name"]
    for i in range(1, CUSTOMERS + 1):
        lines.append(f"P{i if i % 60 else i - 1},C{rng.randint(1, CUSTOMERS + 30)},Contact {i}")
    (folder / "extract" / "contacts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sql(folder / "crm.db",
        "create table accounts(id integer primary key, legacy_id text not null unique, name text not null,"
        " parent_id integer references accounts(id), revenue decimal(12,2) check (revenue <> 4242));"
        "create table contacts(id integer primary key, legacy_id text not null unique,"
        " account_id integer not null references accounts(id), last_name text not null);")


def change(name, i, line):
    """Row i of a later extract: some names change, some parents are other ones or gone, and so are some records."""
    if name == "customers" and i % 9 == 4:
        return line.rsplit(",", 1)[0] + ",D"
    if name == "customers" and i % 5 == 0:
        number, text, parent, *rest = line.split(",", 1)[0], *line.split('"')[1:2], *line.split('"')[2].split(",")[1:]
        parent = "" if i % 15 == 0 else f"C{i % 90 + 1}" if i % 10 == 0 else parent
        return ",".join([number, f'"{text or "new"} II"', parent, *rest])
    return line + " II" if name == "contacts" and i % 7 == 0 else line


def sql(database, text):
    return subprocess.run(["sqlite3", str(database), text], check=True, capture_output=True, text=True).stdout


TARGET = ("select * from accounts order by id; select * from contacts order by id;"
          " select count(*), sum(rows) from godwit_ledger;")
JOURNAL = ("select * from books order by run, flow;"
           "select run, flow, stage, warned, obligations_open, obligations_set, obligations_failed, target_before from flow_run order by 1, 2;"
           "select run, flow, source, source_key, hex(key_hash), locator, line, number, field, arguments, cause, original, state from set_aside order by flow, locator;"
           "select run, flow, source_key, number, field, arguments from warning order by flow, locator;"
           "select run, flow, source_key, survivor_key, locator, line from merged order by flow, locator;"
           "select run, flow, source_key, field, number, arguments from failed_obligation order by flow, source_key, field;"
           "select * from total order by name, currency, bucket;"
           "select number, kind, state, exit_code from run;"
           "select count(*) from unit where state <> 'settled';")


class Lab:
    def __init__(self, godwit, library, folder, unit_rows, *options):
        self.godwit, self.library, self.folder = godwit, library, folder
        self.options = ["--unit-rows", str(unit_rows), *options]
        folder.mkdir(exist_ok=True)
        self.number = 1  # of the run that is killed
        self.template = folder / "template"
        write_project(self.template)

    def load_and_change(self):
        """From now on the run that is killed is a delta: the extract was loaded, then both it and the target changed."""
        done = self.run(self.template)
        if done.returncode != 0:
            raise SystemExit(f"the first run failed\n{done.stdout}\n{done.stderr}")
        self.number += 1
        self.options.append("--delta")
        for name in ("customers", "contacts"):
            path = self.template / "extract" / f"{name}.csv"
            header, *lines = path.read_text(encoding="utf-8").splitlines()
            changed = [change(name, i, line) for i, line in enumerate(lines)] + [line.replace("C", "N", 1).replace("P", "Q", 1) for line in lines[3:60:2]]
            path.write_text("\n".join([header, *changed]) + "\n", encoding="utf-8")
        sql(self.template / "crm.db", "update accounts set name = 'edited' where id % 11 = 0; update accounts set parent_id = 3 where id % 13 = 0;"
            " update contacts set last_name = 'edited' where id % 17 = 0; delete from contacts where id % 37 = 0")

    def fresh(self):
        work = self.folder / "killed"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(self.template, work)
        return work

    def run(self, work, **kill):
        environment = dict(os.environ, **{k: str(v) for k, v in kill.items()})
        if kill:
            environment["LD_PRELOAD"] = str(self.library)
            environment["ASAN_OPTIONS"] = "verify_asan_link_order=0:detect_leaks=0"
        return subprocess.run(self.command(work), env=environment, capture_output=True, text=True, timeout=120)

    def command(self, work):
        return [self.godwit, "run", "--project", str(work), "--json", *self.options]

    def state(self, work):
        crosswalk = ""
        for flow in ("accounts", "contacts"):
            out = subprocess.run([self.godwit, "crosswalk", "export", "--flow", flow, "--project", str(work)], capture_output=True, text=True, check=True)
            if out.stdout.count("\n") < 100:
                raise SystemExit(f"the crosswalk of {flow} holds next to nothing: {out.stdout}")
            crosswalk += "\n".join(sorted(out.stdout.splitlines()))
        # The number of units depends on where a restart cut them; what they carried does not.
        return (sql(work / "crm.db", TARGET.replace("count(*), ", "")), sql(work / ".godwit" / "journal.db", JOURNAL), crosswalk)

    def uninterrupted(self):
        """The state that a run leaves when nobody kills it, and how long it took, in seconds."""
        work = self.fresh()
        began = time.monotonic()
        first = self.run(work)
        length = time.monotonic() - began
        if first.returncode != 0:
            raise SystemExit(f"the uninterrupted run failed\n{first.stdout}\n{first.stderr}")
        state = self.state(work)
        if "|0\n" not in state[1]:
            raise SystemExit("the uninterrupted run left nothing to compare")
        return state, length

    def count(self, match):
        """Writes that an uninterrupted run makes to the files whose path holds `match`."""
        self.run(self.fresh(), KILL_MATCH=match, KILL_COUNT=self.folder / "count")
        return int((self.folder / "count").read_text())

    def kill_and_resume(self, match, point, expected, place):
        work = self.fresh()
        killed = self.run(work, KILL_MATCH=match, KILL_AT=point, KILL_TORN=point % 2)
        if killed.returncode not in (-signal.SIGKILL, 0):
            raise SystemExit(f"{place}: ended with {killed.returncode}\n{killed.stderr}")
        self.resume(work, place)
        self.compare(expected, work, place)

    def resume(self, work, place):
        journal = work / ".godwit" / "journal.db"
        if journal.exists() and sql(journal, "select count(*) from sqlite_schema where name = 'run'") != "0\n" and "finished" in sql(journal, f"select state from run where number = {self.number}"):
            return  # the kill came when all was done; another start would be another run
        for _ in range(3):
            done = self.run(work)
            if done.returncode in (0, 1):
                return
            if done.returncode != 4:
                break
        raise SystemExit(f"{place}: resume failed with {done.returncode}\n{done.stdout}\n{done.stderr}")

    def compare(self, expected, work, place):
        found = self.state(work)
        for name, a, b in zip(("target", "journal", "crosswalk"), expected, found):
            if a == b:
                continue
            lines = [line for line in b.splitlines() if line not in set(a.splitlines())][:5]
            gone = [line for line in a.splitlines() if line not in set(b.splitlines())][:5]
            raise SystemExit(f"{place}: the {name} differs from an uninterrupted run\n  only here: {lines}\n  missing: {gone}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--points", type=int, default=60, help="kill points of each kind; 0: every one of the first thousand")
    parser.add_argument("--random", type=int, default=10, help="kills at a random time")
    parser.add_argument("--unit-rows", type=int, default=40, help="rows of a unit; fewer make more writes to be killed at")
    parser.add_argument("--seed", type=int, default=int(time.strftime("%j")))
    args = parser.parse_args()
    if os.environ.get("GODWIT_SLOW"):
        args.points, args.random = 0, 200
    rng = random.Random(args.seed)
    with tempfile.TemporaryDirectory(prefix="godwit-kill-") as folder:
        lab = Lab(args.godwit, args.library, pathlib.Path(folder), args.unit_rows)
        expected, length = lab.uninterrupted()
        tried = {}
        for name, match in (("journal", "/killed/.godwit/"), ("target", "/killed/crm.db")):
            operations = min(1000, lab.count(match))  # the first thousand
            points = list(range(1, operations + 1))
            if args.points and args.points < operations:
                points = sorted(rng.sample(points, args.points))
            for point in points:
                lab.kill_and_resume(match, point, expected, f"killed at {name} write {point} of {operations} (seed {args.seed})")
            tried[name] = f"{len(points)} of {operations}"
        # A pilot that was killed takes the rows that its limit leaves, no more; a delta compares what it would have compared.
        pilot = Lab(args.godwit, args.library, pathlib.Path(folder) / "pilot", args.unit_rows, "--limit", "300")
        delta = Lab(args.godwit, args.library, pathlib.Path(folder) / "delta", args.unit_rows)
        delta.load_and_change()
        for name, other in (("pilot", pilot), ("delta", delta)):
            expected_here, _ = other.uninterrupted()
            for match in ("/killed/crm.db", "/killed/.godwit/"):
                operations = min(1000, other.count(match))
                points = sorted(rng.sample(range(1, operations + 1), min(operations, args.points // 6 + 2 if args.points else 1000)))
                for point in points:
                    other.kill_and_resume(match, point, expected_here, f"{name} killed at write {point} of {operations} to {match} (seed {args.seed})")
                tried[name] = tried.get(name, 0) + len(points)
        for n in range(args.random):
            work = lab.fresh()
            process = subprocess.Popen(lab.command(work), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rng.random() * length)
            process.kill()
            process.wait()
            place = f"random kill {n} (seed {args.seed})"
            lab.resume(work, place)
            lab.compare(expected, work, place)
        print(f"kill points tried: journal {tried['journal']}, target {tried['target']}, pilot {tried['pilot']}, delta {tried['delta']},"
              f" random {args.random}; seed {args.seed}")


if __name__ == "__main__":
    sys.exit(main())
