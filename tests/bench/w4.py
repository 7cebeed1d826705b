"""W4: PostgreSQL -> PostgreSQL, contacts whose `customer_no` becomes the id that the new accounts were given (1,000,000 keys); one in twenty refers to
nobody and has to be set aside. Source and target are two connections. Beside it binary COPY piped into binary COPY of the same table without
any look-up, and a join by the server piped the same way.
"""
import shutil

import customers
import gates
import measure
import migration
import results
import servers

TITLE = "PostgreSQL -> PostgreSQL with parent() over as many keys"
ROWS = 1_000_000
PARENT_BYTES = 48  # of memory beside the rows': what the map of the parents' ids may take of a key
PIPED, JOINED = "binary COPY piped, no look-up", "the server's own join, piped"

PLAIN = [c for c in customers.PERSON_COLUMNS if c not in ("person_no", "customer_no")]
TARGET = "create table {}(external_id text, account_id bigint not null, " + ", ".join(f"{c} text" for c in PLAIN) + ");"
ACCOUNTS = "from: files.customers\nto: crm.accounts\nkey: {external_id: external_id}\nmap:\n  name: name\n"
PERSONS = ("from: legacy.persons\nto: crm.contacts_new\nmap:\n  external_id: person_no\n  account_id: parent(accounts, customer_no)\n" +
           "".join(f"  {c}: {c}\n" for c in PLAIN))


def prepare(context, server, accounts, persons):
    """The source's table, the target's accounts loaded by Godwit (in a project that knows their ids), and empty tables for the contacts."""
    server.psql("create table accounts (id bigint generated always as identity primary key, external_id text not null unique, name text);"
                + "create table persons (" + ", ".join(f"{c} text" for c in customers.PERSON_COLUMNS) + ", primary key (person_no));"
                + TARGET.format("contacts_new") + TARGET.format("contacts_raw")
                + "create table contacts_src (like contacts_raw);")
    context.launcher.run(servers.psql_command(server, "-c", f"\\copy persons from '{persons}' (format csv, header, null '{servers.NULL}')"))
    server.psql("insert into contacts_src select person_no, 1, " + ", ".join(PLAIN) + " from persons; vacuum analyze persons; vacuum analyze contacts_src")
    text = ("project: bench\nlanguage: en\nconnections:\n  files: {connector: csv, path: extract/}\n"
            f"  legacy: {{connector: postgres, url: \"{server.url()}\", read_only: \"yes\"}}\n  crm: {{connector: postgres, url: \"{server.url()}\"}}\n"
            "gates:\n  set_aside: {share: 10%, on: stop}\n")
    flows = {"accounts": ACCOUNTS, "persons": PERSONS}
    migration.run_project(context, "w4-base", text, {"customers": accounts}, flows, arguments=("--only", "accounts"))


def run(context):
    rows = context.rows or ROWS
    accounts, persons = context.dataset("customers", rows), context.dataset("persons", rows)
    with servers.postgres() as server:
        prepare(context, server, accounts, persons)
        fresh = "truncate contacts_new, contacts_raw; truncate godwit_ledger;"
        gated = []

        def ours():
            servers.fresh_tables(server, fresh)
            shutil.rmtree(context.work / "w4", ignore_errors=True)
            shutil.copytree(context.work / "w4-base", context.work / "w4", symlinks=True)
            usage = context.launcher.run([context.godwit, "run", "-q", "--only", "persons"], folder=context.work / "w4")
            if not gated:
                gated.append(gate(server, rows))
            return usage

        def pipe(query):
            servers.fresh_tables(server, fresh)
            psql = " ".join(f"'{part}'" for part in servers.psql_command(server))
            return context.launcher.run(["sh", "-c", f"{psql} -c 'copy ({query}) to stdout (format binary)' | {psql} -c 'copy contacts_raw from stdin (format binary)'"])

        joined = "select p.person_no, a.id, " + ", ".join(f"p.{c}" for c in PLAIN) + " from persons p join accounts a on a.external_id = p.customer_no"
        timed = measure.in_turn({"godwit": ours, PIPED: lambda: pipe("select * from contacts_src"), JOINED: lambda: pipe(joined)}, context.rounds)
        for name in ("w4", "w4-base"):
            context.drop(name)
    target = results.Target("ratio", "<=", 1.15)
    for anchor in (PIPED, JOINED):
        context.results.append(results.row("W4", "", "wall", measure.series(timed["godwit"], "wall"), (anchor, measure.series(timed[anchor], "wall")),
                                           target if anchor == PIPED else None))
    context.results.append(results.row("W4", "", "cpu", measure.series(timed["godwit"], "cpu")))
    context.results.append(results.row("W4", "", "peak_mb", measure.series(timed["godwit"], "peak_mb"), None,
                                       results.Target("value", "<=", 64 + rows * PARENT_BYTES / 2 ** 20)))


def gate(server, rows):
    """No contact lost, none with a wrong parent, none of the orphans there: what the server's own join says."""
    columns = ", ".join(f"p.{c}" for c in PLAIN)
    expected = f"select p.person_no, a.id, {columns} from persons p join accounts a on a.external_id = p.customer_no"
    found = f"select external_id, account_id, {', '.join(PLAIN)} from contacts_new"
    differing = server.query(f"select count(*) from (({expected} except all {found}) union all ({found} except all {expected})) x")
    gates.expect_equal("W4: contacts that differ from the server's own join", differing, [["0"]])
    count = int(server.query("select count(*) from contacts_new")[0][0])
    gates.expect_equal("W4: contacts", count, rows - sum(map(customers.is_person_orphan, range(rows))))
