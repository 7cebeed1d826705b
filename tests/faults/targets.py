"""The systems that are loaded, each looked at with its own program: sqlite3 and psql."""

import contextlib
import subprocess

# Without the target's own ids: a sequence that was drawn from and rolled back leaves gaps.
ACCOUNTS = ("select a.legacy_id, a.name, a.revenue, p.legacy_id from accounts a left join accounts p on p.id = a.parent_id order by a.legacy_id")
CONTACTS = "select c.legacy_id, a.legacy_id, c.last_name from contacts c join accounts a on a.id = c.account_id order by c.legacy_id"
DOUBLES = "select legacy_id from accounts group by 1 having count(*) > 1 union all select legacy_id from contacts group by 1 having count(*) > 1"
IDS = "select 'accounts', legacy_id, id from accounts union all select 'contacts', legacy_id, id from contacts"
LEDGER = "select sum(rows) from godwit_ledger"


class Sqlite:
    """A file in the project's folder."""

    name = "sqlite"
    files = "/killed/crm.db"  # the paths whose changes are calls of the target
    port = None
    connection = "{connector: sqlite, path: crm.db}"

    def create(self, folder):
        self.sql(folder, "create table accounts(id integer primary key, legacy_id text not null unique, name text not null,"
                 " parent_id integer references accounts(id), revenue decimal(12,2) check (revenue <> 4242));"
                 " create table contacts(id integer primary key, legacy_id text not null unique,"
                 " account_id integer not null references accounts(id), last_name text not null);")

    def keep(self, folder, name):
        """Keeps the target's state under a name ..."""

    def bring_back(self, folder, name):
        """... and brings it back, for a copy of the project in `folder`: here it was copied with the folder."""

    def sql(self, folder, text):
        """The rows of a query, as lists of texts."""
        out = subprocess.run(["sqlite3", "-ascii", str(folder / "crm.db"), text], check=True, capture_output=True, text=True).stdout
        return [line.split("\x1f") for line in out.split("\x1e")[:-1]]


def state(target, folder):
    """What the target holds, as comparable lists."""
    return {"accounts": target.sql(folder, ACCOUNTS), "contacts": target.sql(folder, CONTACTS), "ledger": target.sql(folder, LEDGER)}


@contextlib.contextmanager
def open_target(name, folder):
    """The target of this name, started in a private folder and stopped afterwards."""
    if name == "sqlite":
        yield Sqlite()
