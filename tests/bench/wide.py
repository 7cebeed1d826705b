"""wide: a contact table of 300 columns with long texts, CSV -> SQLite; bytes of the source per second beside those of W3's 17 columns."""
import customers
import gates
import measure
import migration
import results

TITLE = "300 columns with long texts, CSV -> SQLite, beside 17 columns"
ROWS = 1_000_000
WIDE_SHARE = 25  # as many bytes in one wide row as in about so many rows of 17 columns


def run(context):
    rows = context.rows or ROWS
    narrow, wide = context.dataset("customers", rows), context.dataset("wide", max(1, rows // WIDE_SHARE))
    context.warm(narrow, wide)
    projects = {
        "wide-17": (narrow, {"accounts": migration.ACCOUNTS}, "customers", migration.table_sql("accounts", customers.COLUMNS), "accounts"),
        "wide-300": (wide, {"contacts": migration.flow("wide", "contacts", customers.WIDE_COLUMNS)}, "wide",
                     migration.table_sql("contacts", customers.WIDE_COLUMNS), "contacts"),
    }
    contestants = {name: lambda n=name, p=path, f=flows, o=source, s=sql: migration.run_godwit(context, n, {o: p}, f, [s])
                   for name, (path, flows, source, sql, _) in projects.items()}
    contestants["wide-import"] = lambda: migration.run_import(context, "wide-import", wide, "contacts", projects["wide-300"][3])
    timed = measure.in_turn(contestants, context.rounds)
    for name, (path, _, _, _, table) in projects.items():
        gates.expect_equal(f"{name}: rows and hash of all columns of table {table}", gates.digest(gates.table_rows(context.work / name / "crm.db", table)),
                           context.digest(path))
    for name in timed:
        context.drop(name)

    def speed(name, what, size):
        return [size / 1e9 / seconds for seconds in measure.series(timed[name], what)]

    wide_bytes, narrow_bytes = wide.stat().st_size, narrow.stat().st_size
    wished = results.Target("ratio", ">=", 1.0)
    for what, variant in (("wall", "per second"), ("cpu", "per processor second")):
        ours = speed("wide-300", what, wide_bytes)
        context.results.append(results.row("wide", variant, "gb_per_s", ours, ("17 columns", speed("wide-17", what, narrow_bytes)), wished))
        context.results.append(results.row("wide", variant, "gb_per_s", ours, ("sqlite3 .import", speed("wide-import", what, wide_bytes))))
    context.results.append(results.row("wide", "300 columns", "peak_mb", measure.series(timed["wide-300"], "peak_mb")))
