"""Correctness gates: the content of files and tables as Python's own csv and sqlite3 modules see it. No code of the product is asked."""
import csv
import dataclasses
import hashlib
import sqlite3

MASK = (1 << 64) - 1
SEPARATOR = "\x1f"


class GateFailed(Exception):
    """A workload gave a wrong result: its figures count for nothing."""


@dataclasses.dataclass(frozen=True)
class Digest:
    """How many rows there are, and a hash of all their columns that does not depend on the order of the rows."""
    rows: int
    hash: str


def digest(rows):
    """The Digest of an iterable of rows. A null is another value than an empty text, and a field ends where it ends."""
    count, total = 0, 0
    blake = hashlib.blake2b
    for row in rows:
        count += 1
        try:
            text = SEPARATOR.join(row)
            plain = text.count(SEPARATOR) == len(row) - 1
        except TypeError:  # a null or a number
            plain = False
        if not plain:
            text = repr(tuple(row))
        total += int.from_bytes(blake(text.encode("utf-8", "surrogateescape"), digest_size=8).digest(), "little")
    return Digest(count, f"{total & MASK:016x}")


def csv_rows(path):
    """The records of a UTF-8 file without its header."""
    csv.field_size_limit(1 << 30)
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows


def table_rows(database, table, columns="*"):
    """The rows of a table of an SQLite file."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        yield from connection.execute(f'select {columns} from "{table}"')
    finally:
        connection.close()


def expect_equal(what, seen, expected):
    """Raises GateFailed unless both Digests (or other values) are equal."""
    if seen != expected:
        raise GateFailed(f"{what}: seen {seen}, expected {expected}")


def expect_same_rows(csv_path, database, table):
    """Raises GateFailed unless the table holds exactly the records of the file, in any order."""
    expect_equal(f"{database}: table {table} against {csv_path}", digest(table_rows(database, table)), digest(csv_rows(csv_path)))
