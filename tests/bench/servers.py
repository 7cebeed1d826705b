"""A private PostgreSQL for the workloads, and what they do with it. The server is the same for all contestants, and its work is in every wall time."""
import contextlib
import csv
import io
import pathlib
import subprocess
import sys

import gates

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "servers"))
import postgres_server  # noqa: E402

NULL = "\\N"  # as COPY prints a null; no text of the data is spelt so


@contextlib.contextmanager
def postgres():
    """A server with room for some gigabytes of log between checkpoints; durability as it comes (fsync and full_page_writes on)."""
    with postgres_server.Server(settings=("shared_buffers = 256MB", "max_wal_size = 16GB", "checkpoint_timeout = 1h", "autovacuum = off")) as server:
        yield server


def psql_command(server, *arguments):
    return [server.bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", server.url(), *arguments]


def fresh_tables(server, sql):
    """Makes the tables anew, outside of what is measured, and lets the server write what is left of the run before."""
    server.psql(sql + " checkpoint;")


def table_rows(server, query):
    """The rows of a query; nulls are None."""
    done = subprocess.run(psql_command(server, "-c", f"copy ({query}) to stdout (format csv, null '{NULL}')"), check=True, capture_output=True)
    csv.field_size_limit(1 << 30)
    for row in csv.reader(io.StringIO(done.stdout.decode("utf-8"), newline="")):
        yield [None if field == NULL else field for field in row]


def expect_rows(server, what, query, expected):
    """Raises gates.GateFailed unless the query's rows have the expected gates.Digest."""
    gates.expect_equal(what, gates.digest(table_rows(server, query)), expected)
