"""W1: CSV -> PostgreSQL, 17 text columns into a table without constraints. Beside it psql's own \\copy of the same file, and COPY of a file that
somebody has made for the server before.

Once by a flow without key, and once with `key:` into a table with a primary key, which makes the run able to update, compare and undo later.
"""
import customers
import measure
import migration
import results
import servers

TITLE = "CSV -> PostgreSQL, 17 text columns"
ROWS = 1_000_000
COPY, LIMIT = "psql \\copy of the CSV", "COPY of a text file made before"


def project(server):
    return ("project: bench\nlanguage: en\nconnections:\n  legacy: {connector: csv, path: extract/}\n"
            f"  crm: {{connector: postgres, url: \"{server.url()}\"}}\n")


def measure_variant(context, server, source, variant, flow, key, target):
    fresh = "drop table if exists accounts, godwit_ledger; " + migration.table_sql("accounts", customers.COLUMNS, key)
    prepared = server.folder / "accounts.txt"

    def ours():
        servers.fresh_tables(server, fresh)
        return migration.run_project(context, f"w1-{variant}", project(server), {"customers": source}, {"accounts": flow})

    def copy(options):
        servers.fresh_tables(server, fresh)
        return context.launcher.run(servers.psql_command(server, "-c", f"\\copy accounts from '{options}"))

    def gate(what):
        servers.expect_rows(server, f"W1 {variant} by {what}: rows and hash of all columns of table accounts", "select * from accounts", context.digest(source))

    gated = set()

    def gated_run(name, run):
        usage = run()
        if name not in gated:
            gated.add(name)
            gate(name)
        return usage

    by_copy = lambda: copy(f"{source}' (format csv, header, null '{servers.NULL}')")  # noqa: E731
    by_copy()
    server.psql(f"copy accounts to '{prepared}'")
    timed = measure.in_turn({"godwit": lambda: gated_run("godwit", ours), COPY: lambda: gated_run(COPY, by_copy),
                             LIMIT: lambda: gated_run(LIMIT, lambda: copy(f"{prepared}'"))}, context.rounds)
    prepared.unlink()
    context.drop(f"w1-{variant}")
    for anchor in (COPY, LIMIT):
        bound = target if anchor == COPY else None
        context.results.append(results.row("W1", variant, "wall", measure.series(timed["godwit"], "wall"), (anchor, measure.series(timed[anchor], "wall")), bound))
    context.results.append(results.row("W1", variant, "cpu", measure.series(timed["godwit"], "cpu")))
    context.results.append(results.row("W1", variant, "peak_mb", measure.series(timed["godwit"], "peak_mb"), None, results.Target("value", "<=", 64)))


def run(context):
    source = context.dataset("customers", context.rows or ROWS)
    context.warm(source)
    with servers.postgres() as server:
        measure_variant(context, server, source, "no key", migration.ACCOUNTS, migration.PLAIN, results.Target("ratio", "<=", 1.0))
        measure_variant(context, server, source, "key", migration.KEYED_ACCOUNTS, migration.KEYED, None)
