"""NPSP and CumulusCI: SQL dumps of Salesforce orgs, brought into SQLite, whose lookups hold row numbers of other tables. mapping.yml beside each dump
tells which column becomes which field, and expected/ how many rows and lookups there are."""

import decimal
import json
import pathlib
import unittest

import real_input
from real_input import DATA, Migration, as_declared, as_found, query, script


def read_mapping(path):
    """A mapping.yml: nested keys by indentation, and lists of names."""
    root, stack = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if not text:
            continue
        indent = len(line) - len(line.lstrip())
        while stack and stack[-1][0] >= indent:
            stack.pop()
        parent = stack[-1][1] if stack else root
        if text.startswith("- "):
            parent[text[2:]] = text[2:]  # a field that is called alike on both sides
            continue
        key, _, value = text.partition(":")
        parent[key] = value.strip() or {}
        if not value.strip():
            stack.append((indent, parent[key]))
    return root


class Dump:
    """What both sets are tested for; mixed into a Migration, with `data`, `dump`, `expected_file`, `flow_of` (step -> flow),
    `totals` (name -> table and column of the dump) and `not_plain` (fields whose value is no copy)."""

    def bring_source(self):
        script(self.folder / "dump.db", (self.data / self.dump).read_text(encoding="utf-8"))
        self.mapping = read_mapping(self.data / "mapping.yml")
        self.expected = json.loads((DATA / "expected" / self.expected_file).read_text(encoding="utf-8"))
        for step, flow in self.flow_of.items():
            self.assertIn(step, self.mapping)
            self.assertTrue((self.folder / "flows" / f"{flow}.yaml").is_file())
        self.assertEqual(set(self.flow_of), set(self.mapping))
        sums = {}
        for name, (table, column) in self.totals.items():
            values = [decimal.Decimal(v) for (v,) in self.source(f'select "{column}" from "{table}"') if v]
            sums[name] = (sum(values), len(values))
        self.expect_totals(sums)

    def source(self, text, *values):
        return query(self.folder / "dump.db", text, *values)

    def lookups(self):
        """(child table, column, parent table) of every lookup of mapping.yml."""
        return [(step, name, lookup["table"]) for step, s in self.mapping.items() for name, lookup in s.get("lookups", {}).items()]

    def target_equals_source(self):
        for table, rows in self.expected["tables"].items():
            self.assertEqual(self.source(f'select count(*) from "{table}"'), [(rows,)], table)
            if table in self.mapping:
                self.assertEqual(self.target(f'select count(*) from "{table}"'), [(rows,)], table)
        self.assertEqual(len(self.expected["lookups"]), sum(len(s.get("lookups", {})) for s in self.mapping.values()) if self.expected["lookups"] else 0)
        for lookup in self.expected["lookups"]:
            table, column, (parent,) = lookup["table"], lookup["column"], lookup["to"]
            set_there = self.target(f'select count("{column}") from "{table}"')[0][0]
            orphans = self.target(f'select count(*) from "{table}" t left join "{parent}" p on p.Id = t."{column}" where t."{column}" is not null and p.Id is null')[0][0]
            self.assertEqual((set_there, orphans), (lookup["set"], lookup["orphans"]), lookup)
        for table, column, parent in self.lookups():
            held = self.target(f'select t.Legacy_Id__c, p.Legacy_Id__c from "{table}" t join "{parent}" p on p.Id = t."{column}" order by 1')
            wanted = self.source(f"""select id, cast("{column}" as integer) from "{table}" where "{column}" <> '' order by 1""")
            self.assertEqual(held, wanted, f"{table}.{column}")
        for table, step in self.mapping.items():
            types = self.declared(table)
            fields = step["fields"]
            names = ", ".join(f'"{f}"' for f in fields)
            columns = ", ".join(f'"{c}"' for c in fields.values())
            plain = [f for f in fields if (table, f) not in self.not_plain]
            held = self.target(f'select Legacy_Id__c, {names} from "{table}" order by 1')
            source = self.source(f'select id, {columns} from "{table}" order by 1')
            for h, s in zip(held, source, strict=True):
                h, s = dict(zip(["id", *fields], h)), dict(zip(["id", *fields], s))
                self.assertEqual([h["id"]] + [as_found(h[f], types[f]) for f in plain], [s["id"]] + [as_declared(s[f], types[f]) for f in plain], table)

    def totals_agree(self):
        for table, column in self.totals.values():
            target_column = next(f for f, c in self.mapping[table]["fields"].items() if c == column)
            wanted = sum(decimal.Decimal(v) for (v,) in self.source(f'select "{column}" from "{table}"') if v)
            held = sum(decimal.Decimal(repr(v)) for (v,) in self.target(f'select "{target_column}" from "{table}"') if v is not None)
            self.assertEqual(held, wanted, (table, column))

    def test_rows_lookups_values_and_totals_arrive_and_go_again(self):
        report = self.whole_life()
        self.assertEqual(report["verdict"], "passed")
        self.godwit("run")
        self.target_equals_source()
        self.totals_agree()


class Npsp(Dump, Migration):
    project = "npsp"
    data = DATA / "npsp" / "dev_org"
    dump = "test_data.sql"
    expected_file = pathlib.Path("npsp") / "dev_org.json"
    flow_of = {"Account": "accounts", "Address__c": "addresses", "Contact": "contacts", "Campaign": "campaigns", "CampaignMember": "campaign_members",
               "npe03__Recurring_Donation__c": "recurring_donations", "Opportunity": "opportunities", "OpportunityContactRole": "contact_roles",
               "Partial_Soft_Credit__c": "soft_credits", "npe01__OppPayment__c": "payments", "General_Accounting_Unit__c": "accounting_units",
               "Allocation__c": "allocations", "npe4__Relationship__c": "relationships"}
    totals = {"donations": ("Opportunity", "amount"), "payments": ("npe01__OppPayment__c", "npe01__Payment_Amount__c"),
              "allocations": ("Allocation__c", "Amount__c"), "soft_credits": ("Partial_Soft_Credit__c", "Amount__c")}
    not_plain = {("Account", "RecordTypeId")}  # an id of its own table in the new org

    def test_record_types_are_found_by_their_name(self):
        self.godwit("run")
        held = self.target("select a.Legacy_Id__c, r.DeveloperName from Account a join RecordType r on r.Id = a.RecordTypeId order by 1")
        wanted = self.source("select a.id, m.developer_name from Account a join Account_rt_mapping m on m.record_type_id = a.RecordTypeId order by 1")
        self.assertEqual(held, wanted)
        self.assertEqual(self.target("select count(*) from Account where RecordTypeId is null"), self.source("select count(*) from Account where RecordTypeId = ''"))

    def test_a_lost_account_takes_its_children_along_each_with_a_reason(self):
        lost = {("Account", self.source("select AccountId from Opportunity group by 1 order by count(*) desc, 1 limit 1")[0][0])}
        (_, account), = lost
        script(self.folder / "dump.db", f"delete from Account where id = {int(account)}")
        reasons = {}  # (table, id) -> possible numbers: the parent is unknown, or was set aside itself
        grown = True
        while grown:
            grown = False
            for table, column, parent in self.lookups():
                for row, key in self.source(f"""select id, "{column}" from "{table}" where "{column}" <> ''"""):
                    if (parent, key) in lost:
                        numbers = reasons.setdefault((table, row), set())
                        number = 1400 if (parent, key) == ("Account", account) else 1401
                        grown |= number not in numbers
                        numbers.add(number)
                        lost.add((table, str(row)))
        self.assertGreater(len(reasons), 500)
        self.godwit("plan")
        plan = {f["flow"]: f for f in json.loads(self.journal("select json from plan")[0][0])["flows"]}
        self.godwit("run", expect=1)  # more than the project's gate allows, and reported
        self.books_close()
        found = self.buckets(1)
        self.foreseen(plan, found)
        aside = {(flow, int(key)): number for flow, key, number in self.journal("select flow, source_key, number from set_aside")}
        self.assertEqual(set(aside), {(self.flow_of[table], row) for table, row in reasons})
        for (table, row), numbers in reasons.items():
            self.assertIn(aside[self.flow_of[table], row], numbers, (table, row))
        for table in self.mapping:
            rows = self.source(f'select count(*) from "{table}"')[0][0] - sum(t == table for t, _ in reasons)
            self.assertEqual(self.target(f'select count(*) from "{table}"'), [(rows,)], table)


class CumulusCi(Dump, Migration):
    project = "cumulusci"
    data = DATA / "cumulusci"
    dump = "sample.sql"
    expected_file = pathlib.Path("cumulusci") / "sample.json"
    flow_of = {"Account": "accounts", "Contact": "contacts", "Opportunity": "opportunities"}
    totals = {"amount": ("Opportunity", "Amount")}
    not_plain = set()


if __name__ == "__main__":
    real_input.main()
