"""The part of W6 that is about a CRM as a whole: Salesforce's bulk jobs, records that lock their parents, and taking a load back. The target is the sandbox of
the connector's folder; sqlite3 recounts what it holds.
"""
import contextlib
import csv
import decimal
import pathlib
import sys

import gates
import migration
import relations
import results

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "servers"))
import sandbox_server  # noqa: E402

ROWS = 1_000_000  # of the bulk load, and of the activities
LIVE = "sandbox_deleted_ms is null"
READY = "a client whose CSV is ready"


@contextlib.contextmanager
def sandbox(context, *options):
    folder = context.fresh("w6-sandbox")
    with sandbox_server.Sandbox(context.godwit.with_name("godwit-sandbox-salesforce"), folder, "--daily", "1000000000", *options) as server:
        yield server
    context.drop("w6-sandbox")


def files(context, accounts, names):
    """name -> file of relations.py, made when they are not there."""
    folder = context.data / f"relations-{accounts}"
    missing = [n for n in names if not (folder / f"{n}.csv").exists()]
    if missing:
        context.say(f"making {folder}")
        folder.mkdir(exist_ok=True)
        relations.write(accounts, folder, missing)
    return {n: folder / f"{n}.csv" for n in names}


def ready_csv(source, target):
    """What the mapping of FLOWS["accounts"] makes, as a bulk job takes it."""
    with open(source, encoding="utf-8", newline="") as rows, open(target, "w", encoding="utf-8", newline="") as out:
        reader, writer = csv.reader(rows), csv.writer(out, lineterminator="\n")
        next(reader)
        writer.writerow(("Legacy_Id__c", "Name", "Industry", "Phone", "BillingCity", "BillingPostalCode", "AnnualRevenue"))
        for no, name, industry, phone, city, postcode, revenue in reader:
            writer.writerow((no, name, industry, phone, city, postcode, decimal.Decimal(revenue).quantize(1, decimal.ROUND_HALF_UP)))


def held(server):
    """The gates.Digest of the sandbox's accounts, in the columns of ready_csv()."""
    columns = "Legacy_Id__c, Name, Industry, Phone, BillingCity, BillingPostalCode, cast(cast(AnnualRevenue as integer) as text)"
    return gates.digest(gates.table_rows(server.data, "Account", columns))


def bulk(context, accounts):
    """All accounts by bulk jobs into an empty org."""
    source = files(context, accounts, ["accounts"])["accounts"]
    ready = context.data / f"relations-{accounts}" / "ready.csv"
    if not ready.exists():
        ready_csv(source, ready)
    context.warm(source, ready)
    expected = gates.digest(gates.csv_rows(ready))
    with sandbox(context) as server:
        plain = context.launcher.run([sys.executable, HERE / "bulk_client.py", server.url, "Account", "Legacy_Id__c", ready])
        gates.expect_equal("W6: accounts that the plain client loaded", held(server), expected)
    with sandbox(context) as server:
        settings = {} if accounts >= 100_000 else {"bulk_from": 1, "bulk_poll_ms": 20}
        ours = migration.run_project(context, "w6-bulk", relations.project(server.url, settings), {"accounts": source}, {"accounts": relations.FLOWS["accounts"]})
        gates.expect_equal("W6: accounts in bulk jobs", held(server), expected)
    context.drop("w6-bulk")
    for left in ready.parent.glob("ready.csv.*"):
        left.unlink()
    context.results.append(results.row("W6", "bulk jobs", "rows_per_s", [accounts / ours.wall], (READY, [accounts / plain.wall]), results.Target("ratio", ">=", 0.95)))
    context.results.append(results.row("W6", "bulk jobs", "peak_mb", [ours.peak_mb], None, results.Target("value", "<=", 128)))


def relations_and_undo(context, accounts):
    """Accounts, three times as many contacts, five times as many activities; a parent is locked while its children are written."""
    sources = files(context, accounts, list(relations.COLUMNS))
    context.warm(*sources.values())
    total = accounts * (1 + relations.CONTACTS_PER_ACCOUNT + relations.ACTIVITIES_PER_ACCOUNT)
    with sandbox(context, "--set", "lock_contention=on") as server:
        loaded = migration.run_project(context, "w6-relations", relations.project(server.url), sources, relations.FLOWS)
        expect_relations(server, accounts)
        failures = server.stats()["lock_failures"]
        folder = context.work / "w6-relations"
        undone = context.launcher.run([context.godwit, "undo", "-q", "1"], folder=folder)
        for table in ("Account", "Contact", "Task"):
            gates.expect_equal(f"W6: records of {table} after undo", server.sql(f"select count(*) from {table} where {LIVE}"), [["0"]])
    context.drop("w6-relations")
    context.results.append(results.row("W6", "relations", "rows_per_s", [total / loaded.wall]))
    context.results.append(results.row("W6", "relations", "lock_failures", [failures / total], None, results.Target("value", "<=", 0.001)))
    context.results.append(results.row("W6", "relations", "peak_mb", [loaded.peak_mb], None, results.Target("value", "<=", 128)))
    context.results.append(results.row("W6", "undo", "rows_per_s", [total / undone.wall], ("loading", [total / loaded.wall]), results.Target("ratio", ">=", 0.5)))


def expect_relations(server, accounts):
    """Every record is there once, and every child with the parent that the generator gave it."""
    count = {t: int(server.sql(f"select count(distinct Legacy_Id__c) from {t} where {LIVE}")[0][0]) for t in ("Account", "Contact", "Task")}
    gates.expect_equal("W6: accounts, contacts, activities", count, {"Account": accounts, "Contact": 3 * accounts, "Task": 5 * accounts})
    every = {t: int(server.sql(f"select count(*) from {t} where {LIVE}")[0][0]) for t in count}
    gates.expect_equal("W6: records under one key", every, count)
    parents = server.sql("select c.Legacy_Id__c, a.Legacy_Id__c from Contact c join Account a on a.Id = c.AccountId")
    expected = {f"C{i:08d}": f"A{relations.account_of(i, accounts):08d}" for i in range(3 * accounts)}
    gates.expect_equal("W6: contacts with the wrong account", sum(expected[c] != a for c, a in parents) + 3 * accounts - len(parents), 0)
    del expected, parents
    wrong = server.sql("select count(*) from Task t left join Contact c on c.Id = t.WhoId left join Account a on a.Id = t.WhatId where c.AccountId is not a.Id")
    gates.expect_equal("W6: activities whose contact is not of their account", wrong, [["0"]])
    chosen = server.sql("select t.Legacy_Id__c, c.Legacy_Id__c from Task t join Contact c on c.Id = t.WhoId where t.Legacy_Id__c like '%7'")
    gates.expect_equal("W6: activities with the wrong contact", [t for t, c in chosen if c != f"C{relations.contact_of(int(t[1:]), accounts):08d}"][:3], [])


def run(context):
    rows = context.rows or ROWS
    bulk(context, rows)
    relations_and_undo(context, max(1, rows // relations.ACTIVITIES_PER_ACCOUNT))
