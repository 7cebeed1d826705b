"""The project whose runs are harmed: small, with every kind of row, and the same for every target."""

import random

CUSTOMERS = 700

PROJECT = """project: faults
connections:
  legacy: {{connector: csv, path: extract/}}
  crm: {connection}
totals:
  revenue: {{flow: accounts, source: number_or_null(revenue), target: {names[revenue]}}}
"""

ACCOUNTS = """from: legacy.customers
where: status <> 'X'
delete_when: status = 'D'
to: crm.{names[accounts]}
key: {{{names[legacy_id]}: cust_no}}
map:
  {names[name]}: name
  {names[parent_id]}: parent(accounts, parent_no)
  {names[revenue]}: number(revenue)
validate:
  - require: [{names[name]}]
  - check: {names[revenue]} >= 0
    level: warning
    say: revenue is negative
"""

CONTACTS = """from: legacy.contacts
to: crm.{names[contacts]}
key: {{{names[legacy_id]}: contact_no}}
on_double: merge
map:
  {names[account_id]}: parent(accounts, cust_no)
  {names[last_name]}: name
"""


# What the target calls its objects and fields, unless it says otherwise.
NAMES = {name: name for name in ("accounts", "contacts", "legacy_id", "name", "parent_id", "revenue", "account_id", "last_name")}


def write_project(folder, connection, names, customers=CUSTOMERS):
    """Doubles, filtered and broken rows, self-references forward and backward, orphans, merged rows; `connection` is the target's, as YAML, `names` what it
    calls things that differ from NAMES."""
    names = {**NAMES, **names}
    (folder / "flows").mkdir(parents=True)
    (folder / "extract").mkdir()
    (folder / "godwit.yaml").write_text(PROJECT.format(connection=connection, names=names), encoding="utf-8")
    (folder / "flows" / "accounts.yaml").write_text(ACCOUNTS.format(names=names), encoding="utf-8")
    (folder / "flows" / "contacts.yaml").write_text(CONTACTS.format(names=names), encoding="utf-8")
    rng = random.Random(7)
    lines = ["cust_no,name,parent_no,revenue,status"]
    for i in range(1, customers + 1):
        number = i if i % 50 else i - 1                            # a doubled key now and then
        name = "" if i % 41 == 0 else f"客户 {i}, Ltd"
        parent = "" if i % 3 else f"C{rng.randint(1, customers + 20)}"
        revenue = "abc" if i % 67 == 0 else f"{rng.randint(-50, 9999)}.{i % 100:02d}"
        lines.append(f'C{number},"{name}",{parent},{revenue},{"X" if i % 29 == 0 else "A"}')
    (folder / "extract" / "customers.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    lines = ["contact_no,cust_no,name"]
    for i in range(1, customers + 1):
        lines.append(f"P{i if i % 60 else i - 1},C{rng.randint(1, customers + 30)},Contact {i}")
    (folder / "extract" / "contacts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _changed(name, i, line):
    """Row i of a later extract: some names change, some parents are other ones or gone, and so are some records."""
    if name == "customers" and i % 9 == 4:
        return line.rsplit(",", 1)[0] + ",D"
    if name == "customers" and i % 5 == 0:
        number, text, parent, *rest = line.split(",", 1)[0], *line.split('"')[1:2], *line.split('"')[2].split(",")[1:]
        parent = "" if i % 15 == 0 else f"C{i % 90 + 1}" if i % 10 == 0 else parent
        return ",".join([number, f'"{text or "new"} II"', parent, *rest])
    return line + " II" if name == "contacts" and i % 7 == 0 else line


def change_extract(folder):
    for name in ("customers", "contacts"):
        path = folder / "extract" / f"{name}.csv"
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        changed = [_changed(name, i, line) for i, line in enumerate(lines)] + [line.replace("C", "N", 1).replace("P", "Q", 1) for line in lines[3:60:2]]
        path.write_text("\n".join([header, *changed]) + "\n", encoding="utf-8")


# What people did to the target in the meantime.
NUMBER = "cast(substr(legacy_id, 2) as integer)"
EDITS = (f"update accounts set name = 'edited' where {NUMBER} % 11 = 0; update accounts set parent_id = (select id from accounts where legacy_id = 'C3') where {NUMBER} % 13 = 0;"
         f" update contacts set last_name = 'edited' where {NUMBER} % 17 = 0; delete from contacts where {NUMBER} % 37 = 0;")
