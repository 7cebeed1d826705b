"""W3: CSV -> SQLite, 17 text columns, every commit durable. Beside it `sqlite3 .import` and a bare prepared insert of the same file.

Once into a table without constraints by a flow without key, and once as projects have it: a table with a primary key and a flow with
`key:`, which makes the run able to update, compare and undo later.
"""
import customers
import gates
import measure
import migration
import results

TITLE = "CSV -> SQLite, 17 text columns, full durability"
ROWS = 1_000_000
IMPORT, INSERT = "sqlite3 .import", "prepared insert"


def measure_variant(context, source, variant, flow, sql, target):
    sources, flows = {"customers": source}, {"accounts": flow}
    ours, by_import, by_insert = f"w3-{variant}-godwit", f"w3-{variant}-import", f"w3-{variant}-insert"
    timed = measure.in_turn({
        ours: lambda: migration.run_godwit(context, ours, sources, flows, [sql]),
        by_import: lambda: migration.run_import(context, by_import, source, "accounts", sql),
        by_insert: lambda: migration.run_prepared_insert(context, by_insert, source, "accounts", sql),
    }, context.rounds)
    for name in timed:
        database = context.work / name / "crm.db"
        gates.expect_equal(f"{name}: rows and hash of all columns of table accounts", gates.digest(gates.table_rows(database, "accounts")),
                           context.digest(source))
        context.drop(name)
    for what in ("wall", "cpu", "peak_mb"):
        values = measure.series(timed[ours], what)
        for anchor, name in ((IMPORT, by_import), (INSERT, by_insert)):
            bound = target if what == "wall" and anchor == IMPORT else None
            context.results.append(results.row("W3", variant, what, values, (anchor, measure.series(timed[name], what)), bound))


def run(context):
    source = context.dataset("customers", context.rows or ROWS)
    context.warm(source)
    target = results.Target("ratio", "<=", 0.45)
    measure_variant(context, source, "no key", migration.ACCOUNTS, migration.table_sql("accounts", customers.COLUMNS), target)
    measure_variant(context, source, "key", migration.KEYED_ACCOUNTS, migration.table_sql("accounts", customers.COLUMNS, migration.KEYED), None)
