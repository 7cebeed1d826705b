"""What a first load of the extract must come to, worked out from the extract alone with Python's csv and decimal.

It shares nothing with the program but the files and the rules that the project states: this is the checker that decides.
"""

import collections
import csv
import decimal


def first_load(folder, limit=None):
    """(accounts, contacts, books) of the extract in `folder`: rows of the target without its own ids, parents and accounts by their legacy id, sorted; and per flow
    the buckets that are not zero. `limit`: only so many rows of each flow are read."""
    rows = _read(folder / "customers.csv")[:limit]
    books = {"accounts": collections.Counter(read=len(rows)), "contacts": collections.Counter()}
    loaded, claimed = {}, set()
    for row in rows:
        bucket = _account_bucket(row, claimed)
        books["accounts"][bucket] += 1
        if bucket == "created":
            loaded[row["cust_no"]] = row
    accounts = []
    for number, row in loaded.items():
        parent = row["parent_no"] or None
        if parent is not None and parent not in loaded:
            parent = None
            books["accounts"]["obligations_failed"] += 1
        elif parent is not None:
            books["accounts"]["obligations_set"] += 1
        revenue = decimal.Decimal(row["revenue"])
        books["accounts"]["warned"] += revenue < 0
        accounts.append((number, row["name"], f"{revenue:.2f}", parent))

    rows = _read(folder / "contacts.csv")[:limit]
    books["contacts"]["read"] = len(rows)
    contacts = {}
    for row in rows:
        if row["cust_no"] not in loaded:
            books["contacts"]["set_aside"] += 1
        elif row["contact_no"] in contacts:
            books["contacts"]["merged"] += 1
        else:
            books["contacts"]["created"] += 1
            contacts[row["contact_no"]] = (row["contact_no"], row["cust_no"], row["name"])
    return sorted(accounts, key=ordered), sorted(contacts.values()), {flow: {k: n for k, n in found.items() if n} for flow, found in books.items()}


def ordered(row):
    return tuple(value or "" for value in row)


def _account_bucket(row, claimed):
    if row["status"] == "X":
        return "filtered"
    try:
        decimal.Decimal(row["revenue"])
    except decimal.InvalidOperation:
        return "set_aside"
    if row["name"] == "" or row["cust_no"] in claimed:
        return "set_aside"
    claimed.add(row["cust_no"])
    return "created"


def _read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
