"""W9: parsing CSV alone. Every field of every record is unescaped and consumed, on one and on two threads: by its length, which is the parser's own time,
and by its length and a hash.

Beside it the structural scan of scan_anchor.cpp, on as many threads. The gate computes the columns' hashes with Python's csv module
(w9_gate.py) over the first rows, and counts the records and fields of all; the lengths must add up to what the hashed fields had.
"""
import json

import gates
import measure
import results
import w9_gate

TITLE = "CSV parse only, every field consumed, on 1 and 2 threads"
ROWS, GATED_ROWS = 1_000_000, 200_000
SPEED = {1: results.Target("value", ">=", 1.3), 2: results.Target("value", ">=", 2.2)}
SCAN = "structural scan"
OF_SCAN = results.Target("ratio", ">=", 0.55)


def count(path):
    records = fields = 0
    for record in gates.csv_rows(path):
        records += 1
        fields += len(record)
    return {"records": records, "fields": fields}


def parse(context, path, threads, rounds, *options):
    """The JSON that bench_w9 prints."""
    return json.loads(context.launcher.run([context.programs / "bench_w9", path, "--threads", threads, "--rounds", rounds, *options]).output)


def scan(context, path, threads, rounds):
    return json.loads(context.launcher.run([context.programs / "bench_scan_anchor", path, "--threads", threads, "--rounds", rounds]).output)


def expect_right(context, part, whole, threads):
    """Raises gates.GateFailed unless the hashes over `part` and the counts over `whole` are those of the csv module."""
    seen, expected = parse(context, part, threads, 1), context.known(part, "columns", w9_gate.measure)
    for what in ("records", "fields", "hashes"):
        gates.expect_equal(f"{part}: {what} on {threads} threads", seen[what], expected[what])
    seen, expected = parse(context, whole, threads, 1), context.known(whole, "count", count)
    for what in ("records", "fields"):
        gates.expect_equal(f"{whole}: {what} on {threads} threads", seen[what], expected[what])
    lengths = parse(context, whole, threads, 1, "--lengths")
    for what in ("records", "fields", "field_bytes"):
        gates.expect_equal(f"{whole}: {what} on {threads} threads, by lengths", lengths[what], seen[what])


def run(context):
    rows = context.rows or ROWS
    whole, part = context.dataset("customers", rows), context.dataset("customers", min(rows, GATED_ROWS))
    context.warm(whole)
    for threads in (1, 2):
        expect_right(context, part, whole, threads)
        timed = measure.in_turn({"parse": lambda n=threads: parse(context, whole, n, 3, "--lengths"), "hash": lambda n=threads: parse(context, whole, n, 3),
                                 "scan": lambda n=threads: scan(context, whole, n, 3)}, context.rounds)
        parsed, hashed, scanned = ([run["gb_per_s"] for run in timed[name]] for name in ("parse", "hash", "scan"))
        variant = f"{threads} thread" + ("s" if threads > 1 else "")
        context.results.append(results.row("W9", variant, "gb_per_s", parsed, target=SPEED[threads]))
        context.results.append(results.row("W9", variant, "gb_per_s", parsed, (SCAN, scanned), OF_SCAN))
        context.results.append(results.row("W9", variant + ", hashed", "gb_per_s", hashed, (SCAN, scanned)))
        # Of one pass over the file: each thread of the scan makes a pass of its own.
        context.results.append(results.row("W9", variant, "cpu", [run["cpu_seconds"] for run in timed["parse"]],
                                           (SCAN, [run["cpu_seconds"] / threads for run in timed["scan"]])))
