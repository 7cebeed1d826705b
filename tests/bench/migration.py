"""A small godwit project from CSV files into an SQLite file, and the anchors that load the same file into the same tables."""
import sqlite3

import customers

PLAIN, KEYED = "", " primary key not null"


def table_sql(table, columns, key=PLAIN):
    """All columns are text; the first is the key, where there is one."""
    return f"create table {table} (" + ", ".join(f'"{c}" text{key if i == 0 else ""}' for i, c in enumerate(columns)) + ");"


def flow(source, target, columns, key=None, mapped=None, validate=()):
    """The text of a flow that copies `columns`, `key` among them; `mapped` has the expressions of those that are not copied as they are."""
    lines = [f"from: legacy.{source}", f"to: crm.{target}"]
    if key:
        lines.append(f"key: {{{key}: {key}}}")
    lines.append("map:")
    lines += [f"  {c}: {(mapped or {}).get(c, c)}" for c in columns if c != key]
    if validate:
        lines += ["validate:", *(f"  - {rule}" for rule in validate)]
    return "\n".join(lines) + "\n"


ACCOUNTS = flow("customers", "accounts", customers.COLUMNS)
KEYED_ACCOUNTS = flow("customers", "accounts", customers.COLUMNS, key="external_id")
UNIQUE_ACCOUNTS = flow("customers", "accounts", customers.COLUMNS, key="external_id", validate=["unique: external_id", "unique: email"])
CONTACTS = flow("contacts", "contacts", customers.CONTACT_COLUMNS, key="contact_id", mapped={"account_id": "parent(accounts, account_id)"})


def empty_database(path, *tables):
    """A new SQLite file with these tables, as SQLite makes it: rollback journal, pages of 4 KiB."""
    connection = sqlite3.connect(path)
    for sql in tables:
        connection.execute(sql)
    connection.commit()
    connection.close()


def write_project(folder, text, sources, flows):
    """A project in the empty `folder`: `text` is its godwit.yaml, `sources` are object name -> CSV file, `flows` flow name -> text."""
    (folder / "extract").mkdir()
    for name, path in sources.items():
        (folder / "extract" / f"{name}.csv").symlink_to(path.resolve())
    (folder / "flows").mkdir()
    for name, mapping in flows.items():
        (folder / "flows" / f"{name}.yaml").write_text(mapping, encoding="utf-8")
    (folder / "godwit.yaml").write_text(text, encoding="utf-8")


def make_project(folder, sources, flows, tables):
    """A project that loads files into a new SQLite file with these tables."""
    write_project(folder, "project: bench\nlanguage: en\nconnections:\n  legacy: {connector: csv, path: extract/}\n  crm: {connector: sqlite, path: crm.db}\n",
                  sources, flows)
    empty_database(folder / "crm.db", *tables)


def run_project(context, name, text, sources, flows, arguments=()):
    """Runs the project in a new folder `name`; only `godwit run` is measured."""
    folder = context.fresh(name)
    write_project(folder, text, sources, flows)
    return context.launcher.run([context.godwit, "run", "-q", *arguments], folder=folder)


def run_godwit(context, name, sources, flows, tables, codes=(0,)):
    """Migrates in a new folder `name`, journal and durability as they come; only `godwit run` is measured."""
    folder = context.fresh(name)
    make_project(folder, sources, flows, tables)
    return context.launcher.run([context.godwit, "run", "-q"], folder=folder, codes=codes)


def run_import(context, name, source, table, sql):
    """`sqlite3 .import --csv`, which loads the file in one transaction."""
    folder = context.fresh(name)
    empty_database(folder / "crm.db", sql)
    script = f"pragma synchronous=full;\n.import --csv --skip 1 '{source.resolve()}' {table}\n"
    return context.launcher.run(["sqlite3", "-bail", "crm.db"], folder=folder, stdin=script)


def run_prepared_insert(context, name, source, table, sql):
    """See prepared_insert.c."""
    folder = context.fresh(name)
    empty_database(folder / "crm.db", sql)
    return context.launcher.run([context.programs / "bench_prepared_insert", source.resolve(), "crm.db", table], folder=folder)
