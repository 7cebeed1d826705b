"""What is under way when the harm comes: each says how its project is prepared, which run is harmed, and what it must come to."""

import csv

import extract
from wrong import Wrong


class Load:
    """A first load into an empty target."""

    name = "load"
    command = ["run"]
    limit = None

    def prepare(self, lab):
        pass

    def judge(self, lab):
        lab.judge_first_load(self.limit)


class Pilot(Load):
    """The same with a limit: a pilot that is resumed takes the rows that its limit leaves, no more."""

    name = "pilot"
    command = ["run", "--limit", "300"]
    limit = 300


class AfterLoad:
    """The second run of a project whose first one is done."""

    def prepare(self, lab):
        lab.program("run", "--json", *lab.unit_rows)
        lab.run_number = 2
        self.change(lab)

    def judge(self, lab):
        pass


class Delta(AfterLoad):
    """A delta, when both the extract and the target have changed."""

    name = "delta"
    command = ["run", "--delta"]

    def change(self, lab):
        extract.change_extract(lab.work)
        lab.target.sql(lab.work, extract.EDITS)


class Undo(AfterLoad):
    """The first load is taken back, some of whose records people have edited."""

    name = "undo"
    command = ["undo", "1"]

    def change(self, lab):
        lab.target.sql(lab.work, "update accounts set name = 'edited' where id % 11 = 0; update contacts set last_name = 'edited' where id % 17 = 0;")

    def judge(self, lab):
        left = lab.target.sql(lab.work, "select distinct last_name from contacts")
        if left != [["edited"]]:
            raise Wrong(f"undo left contacts that nobody edited, or took edited ones: {left}")


class Replay(AfterLoad):
    """Rows that were set aside come again, with their corrections."""

    name = "replay"
    command = ["replay"]

    def change(self, lab):
        sheet = lab.folder / "sheet.csv"
        lab.program("set-aside", "--flow", "accounts", "--export", str(sheet))
        with open(sheet, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        for n, row in enumerate(rows):
            if row["revenue"] == "abc":
                row["revenue"] = str(n)
            if row["name"] == "":
                row["name"] = f"name {n}"
            row["@why"] = "asked the customer"
        with open(sheet, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        lab.program("set-aside", "--import", str(sheet))

    def judge(self, lab):
        if lab.target.sql(lab.work, "select count(*) from accounts where name like 'name %'") == [["0"]]:
            raise Wrong("no corrected row arrived")


ALL = [Load(), Pilot(), Delta(), Undo(), Replay()]
