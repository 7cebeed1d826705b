"""W7: the peak of the resident memory as the source grows. Memory may not depend on the number of rows, nor of keys.

Four projects: the plain copy of W3, the same with `key:`, with `unique` over two columns, and with a second flow whose rows refer to
those of the first by `parent`. Sizes 1 and 3 million rows, with --full 10 million as well.
"""
import customers
import gates
import migration
import results

TITLE = "peak memory at 1 and 3 million rows (10 million with --full), also with unique and parent"
SIZES, FULL_SIZES = (1_000_000, 3_000_000), (1_000_000, 3_000_000, 10_000_000)
TARGET = results.Target("value", "<=", 64)


def size_name(rows):
    return f"{rows // 1_000_000} M" if rows % 1_000_000 == 0 else f"{rows}"


def expect_contacts(database, rows):
    """Exactly the contacts whose customer is there, each still with its own customer, which differs from row to row."""
    expected = gates.digest((f"P{i:08d}", f"C{i * customers.CONTACT_STEP % rows:08d}") for i in range(rows) if not customers.is_orphan(i))
    gates.expect_equal(f"{database}: contacts and their accounts", gates.digest(gates.table_rows(database, "contacts", "contact_id, account_id")), expected)


def measure_size(context, variant, flow, key, rows):
    name = "w7"
    sources, flows = {"customers": context.dataset("customers", rows)}, {"accounts": flow}
    tables = [migration.table_sql("accounts", customers.COLUMNS, key)]
    if variant == "parent":
        sources["contacts"] = context.dataset("contacts", rows)
        flows["contacts"] = migration.CONTACTS
        tables.append(migration.table_sql("contacts", customers.CONTACT_COLUMNS, key))
    usage = migration.run_godwit(context, name, sources, flows, tables)
    database = context.work / name / "crm.db"
    gates.expect_equal(f"{variant}, {rows} rows: rows and hash of all columns of table accounts", gates.digest(gates.table_rows(database, "accounts")),
                       context.digest(sources["customers"]))
    if variant == "parent":
        expect_contacts(database, rows)
    context.drop(name)
    return usage


def run(context):
    sizes = FULL_SIZES if context.full else SIZES
    if context.rows:
        sizes = (context.rows, 3 * context.rows)
    variants = {"plain": (migration.ACCOUNTS, migration.PLAIN), "key": (migration.KEYED_ACCOUNTS, migration.KEYED),
                "unique": (migration.UNIQUE_ACCOUNTS, migration.KEYED), "parent": (migration.KEYED_ACCOUNTS, migration.KEYED)}
    for variant, (flow, key) in variants.items():
        peaks = {}
        for rows in sizes:
            usage = measure_size(context, variant, flow, key, rows)
            peaks[rows] = usage.peak_mb
            label = f"{variant}, {size_name(rows)}"
            context.results.append(results.row("W7", label, "peak_mb", [usage.peak_mb], target=TARGET))
            context.results.append(results.row("W7", label, "wall", [usage.wall]))
            context.results.append(results.row("W7", label, "cpu", [usage.cpu]))
        slope = (peaks[sizes[-1]] - peaks[sizes[0]]) * 2 ** 20 / (sizes[-1] - sizes[0])
        context.results.append(results.row("W7", f"{variant}, {size_name(sizes[0])} to {size_name(sizes[-1])}", "bytes_per_row", [slope]))
