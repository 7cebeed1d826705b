#!/usr/bin/env python3
"""A company's customers with their relations, as a legacy extract, and the project that takes them into a CRM: for N accounts 3 N contacts and 5 N activities.

  relations.py N FOLDER    accounts.csv, contacts.csv and activities.csv, the same bytes for the same N

Neighbours in a file belong to accounts that are far apart, and one contact in twenty belongs to one of a few large accounts: a target that locks a parent
while its children are written meets the same parents in many calls.
"""
import pathlib
import random
import sys

import customers

CONTACTS_PER_ACCOUNT, ACTIVITIES_PER_ACCOUNT = 3, 5
LARGE_EVERY = 20      # each so-manieth contact belongs to a large account
LARGE_SHARE = 2_000   # one account in so many is large, and there is at least one
STEP = 7_368_787      # prime, so that all parents have their turn
BLOCK = 50_000
COLUMNS = {"accounts": ("account_no", "name", "industry", "phone", "city", "postcode", "revenue"),
           "contacts": ("contact_no", "account_no", "family", "given", "email", "phone", "title"),
           "activities": ("activity_no", "account_no", "contact_no", "subject", "day", "state", "notes")}
INDUSTRIES = "Agriculture Banking Chemicals Construction Education Electronics Energy Healthcare Manufacturing Retail".split()
SUBJECTS = ("called back", "offer sent", "Angebot besprochen", "Reklamation angenommen", "拜访客户", "确认交货日期", "visit at the fair", "contract renewed")
STATES = ("Not Started", "In Progress", "Completed", "Completed", "Completed", "Deferred")


def account_of(contact, accounts):
    """The number of the account that a contact belongs to."""
    if contact % LARGE_EVERY == 3:
        return contact // LARGE_EVERY % max(1, accounts // LARGE_SHARE)
    return contact * STEP % accounts


def contact_of(activity, accounts):
    return activity * STEP % (CONTACTS_PER_ACCOUNT * accounts)


def _tails(rows, seed, make):
    """The fields that are drawn, for a block of rows; the rows after it repeat them."""
    rng = random.Random(seed)
    return ["," + ",".join(customers.quoted(f) for f in make(rng)) + "\n" for _ in range(min(rows, BLOCK))]


def _account(rng):
    name = rng.choice(customers.CHINESE_FIRMS) if rng.random() < 0.3 else f"{rng.choice(customers.FIRM_WORDS)} {customers.spaced(customers.FIRM_KINDS, rng)}"
    return (name, rng.choice(INDUSTRIES), f"+49 40 {rng.randrange(10 ** 7):07d}", rng.choice(customers.GERMAN_CITIES + customers.CHINESE_CITIES),
            f"{rng.randrange(10 ** 5):05d}", f"{rng.randrange(10 ** 4, 10 ** 8)}.{rng.randrange(100):02d}")


def _contact(rng):
    if rng.random() < 0.3:
        family, given = rng.choice(customers.CHINESE_FAMILY), rng.choice(customers.CHINESE_GIVEN)
    else:
        family, given = rng.choice(customers.GERMAN_FAMILY), rng.choice(customers.GERMAN_GIVEN)
    return (family, given, f"{rng.choice(customers.FIRM_WORDS).lower()}{rng.randrange(10 ** 6)}@mail.example.com", f"+86 139 {rng.randrange(10 ** 8):08d}",
            rng.choice(("buyer", "Geschäftsführung", "财务", "")))


def _activity(rng):
    return (rng.choice(SUBJECTS), f"20{rng.randrange(15, 26)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}", rng.choice(STATES),
            rng.choice(customers.SENTENCES) if rng.random() < 0.3 else "")


def write(accounts, folder, only=tuple(COLUMNS)):
    """Makes the files named in `only` in `folder`, which is there."""
    contacts, activities = CONTACTS_PER_ACCOUNT * accounts, ACTIVITIES_PER_ACCOUNT * accounts
    makers = {
        "accounts": (accounts, 41, _account, lambda i: f"A{i:08d}"),
        "contacts": (contacts, 42, _contact, lambda i: f"C{i:08d},A{account_of(i, accounts):08d}"),
        "activities": (activities, 43, _activity, lambda i: f"T{i:08d},A{account_of(contact_of(i, accounts), accounts):08d},C{contact_of(i, accounts):08d}"),
    }
    for name in only:
        rows, seed, make, head = makers[name]
        tails = _tails(rows, seed, make)
        with open(pathlib.Path(folder) / f"{name}.csv", "w", encoding="utf-8", newline="") as out:
            out.write(",".join(COLUMNS[name]) + "\n")
            for first in range(0, rows, BLOCK):
                out.write("".join(head(i) + tails[i - first] for i in range(first, min(first + BLOCK, rows))))


# Into Salesforce, every record under its old number, parents by what the flows before have loaded.
FLOWS = {
    "accounts": "from: legacy.accounts\nto: crm.Account\nkey: {Legacy_Id__c: account_no}\nmap:\n  Name: name\n  Industry: industry\n  Phone: phone\n  BillingCity: city\n"
                "  BillingPostalCode: postcode\n  AnnualRevenue: number(revenue, scale => 2) | round(0)\n",
    "contacts": "from: legacy.contacts\nto: crm.Contact\nkey: {Legacy_Id__c: contact_no}\nmap:\n  AccountId: parent(accounts, account_no)\n  LastName: family\n"
                "  FirstName: given\n  Email: email\n  Phone: phone\n  Title: title\n",
    "activities": "from: legacy.activities\nto: crm.Task\nkey: {Legacy_Id__c: activity_no}\nmap:\n  WhatId: parent(accounts, account_no)\n  WhoId: parent(contacts, contact_no)\n"
                  "  Subject: subject\n  ActivityDate: date(day, formats => 'yyyy-MM-dd')\n  Status: state\n  Description: notes\n",
}


def project(url, settings=None):
    """godwit.yaml for a sandbox of Salesforce at `url`; `settings` of the connection beside those it needs."""
    given = {"url": url, "client_id": "sandbox-client", "client_secret": "sandbox-secret", **(settings or {})}
    crm = ", ".join(f'{name}: "{value}"' for name, value in given.items())
    return f'project: bench\nlanguage: en\nconnections:\n  legacy: {{connector: csv, path: extract/, "null": ""}}\n  crm: {{connector: salesforce, {crm}}}\n'


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    write(int(sys.argv[1]), sys.argv[2])
