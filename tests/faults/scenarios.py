"""What is under way when the harm comes: each says how its project is prepared, which run is harmed, and what it must come to."""

import csv

import extract
from wrong import Wrong


class Load:
    """A first load into an empty target."""

    name = "load"
    command = ["run"]
    limit = None
    flows = ("accounts", "contacts")

    def prepare(self, lab):
        pass

    def judge(self, lab):
        lab.judge_first_load(self.limit)


class Pilot(Load):
    """The same with a limit: a pilot that is resumed takes the rows that its limit leaves, no more."""

    name = "pilot"
    command = ["run", "--limit", "300"]
    limit = 300


class Append:
    """A load by a flow without key into a table that nothing ties together: units are on their way side by side."""

    name = "append"
    command = ["run"]
    flows = ()

    def prepare(self, lab):
        for flow in Load.flows:
            (lab.work / "flows" / f"{flow}.yaml").unlink()
        (lab.work / "flows" / "entries.yaml").write_text("from: legacy.contacts\nto: crm.entries\nmap:\n  code: contact_no\n  customer: cust_no\n  note: name\n"
                                                         "validate:\n  - check: code <> 'P7'\n", encoding="utf-8")
        text = (lab.work / "godwit.yaml").read_text(encoding="utf-8")
        (lab.work / "godwit.yaml").write_text(text[:text.index("totals:")], encoding="utf-8")
        lab.target.sql(lab.work, "create table entries (code text, customer text, note text)")

    def judge(self, lab):
        with open(lab.work / "extract" / "contacts.csv", encoding="utf-8", newline="") as file:
            rows = [[r["contact_no"], r["cust_no"], r["name"]] for r in csv.DictReader(file) if r["contact_no"] != "P7"]
        if sorted(lab.target.sql(lab.work, "select code, customer, note from entries")) != sorted(rows):
            raise Wrong("the table does not hold each row of the extract once")


class AfterLoad:
    """The second run of a project whose first one is done."""

    flows = Load.flows

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
        lab.target.sql(lab.work, f"update accounts set name = 'edited' where {extract.NUMBER} % 11 = 0; update contacts set last_name = 'edited' where {extract.NUMBER} % 17 = 0;")

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


ALL = [Load(), Pilot(), Append(), Delta(), Undo(), Replay()]
