"""The part of W6 that is about calls: a JSON API that is slow to answer, counts calls a second, fails, creates on every call and shows its records late.

The target is `../shared/bench/rest_target.py`, if present; its own counters say what arrived.
"""
import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import time
import urllib.request

import customers
import gates
import measure
import migration
import results

HERE = pathlib.Path(__file__).resolve().parent
TARGET = HERE.parent.parent.parent / "shared" / "bench" / "rest_target.py"
ROWS = 25_000
BATCH, RATE, LATENCY_MS, BURST, VISIBLE_AFTER_MS = 100, 25, 120, 5, 500
ALONE, SIDE_BY_SIDE = "sequential client", "eight workers with back-off"
ALONE_ROWS = 5_000  # it has one speed, and needs no longer to show it
FLOW = migration.flow("customers", "records", customers.COLUMNS)


def api(rate, upserts, visible_after_ms):
    """The target as a description for the connector `rest`."""
    fields = [{"name": "id", "type": "integer", "generated": True}] + [{"name": c, "unique": c == "external_id"} for c in customers.COLUMNS]
    record = {"fields": fields, "id": "id",
              "write": {"path": "/records", "rows": BATCH, "results": "", "success": "/success", "id": "/id", "upserts": upserts},
              "lookup": {"path": "/records?external_id={keys}", "field": "external_id", "rows": "", "most": BATCH, "visible_after_ms": visible_after_ms}}
    http = {"budgets": [{"calls": rate, "per_s": 1, "burst": BURST}]} if rate else {}
    return {"http": http, "objects": {"records": record}}


class Target:
    """A running target. `stats` are its counters, with `used` calls (those it did not refuse) and their rate a second."""

    def __init__(self, *options):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen([sys.executable, TARGET, "--port", str(self.port), "--batch", str(BATCH), "--latency", str(LATENCY_MS), "--burst", str(BURST),
                                         *map(str, options)], stdout=subprocess.DEVNULL)
        for _ in range(200):
            with contextlib.suppress(OSError):
                self.stats()
                return
            time.sleep(0.05)
        self.stop()
        raise measure.ProgramFailed(f"{TARGET} does not answer")

    def stats(self):
        with urllib.request.urlopen(self.url + "/stats", timeout=30) as answer:
            stats = json.load(answer)
        stats["used"] = stats["calls"] - stats["refused"]
        # The target tells the rate of writes that it accepted, over the time between the first and the last of them.
        stats["used_per_s"] = stats["calls_per_s"] * (stats["used"] - 1) / max(1, stats["accepted"] - 1)
        return stats

    def stop(self):
        self.process.terminate()
        self.process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def godwit(context, target, source, rows, rate, settings="", upserts=False, visible_after_ms=0):
    """Loads the customers by a project of its own; gives the target's counters."""
    folder = context.fresh("w6-rest")
    text = f"project: bench\nlanguage: en\nconnections:\n  legacy: {{connector: csv, path: extract/}}\n  crm: {{connector: rest, url: \"{target.url}\", api: api.json{settings}}}\n"
    migration.write_project(folder, text, {"customers": source}, {"customers": FLOW})
    (folder / "api.json").write_text(json.dumps(api(rate, upserts, visible_after_ms)), encoding="utf-8")
    context.launcher.run([context.godwit, "run", "-q"], folder=folder)
    stats = target.stats()
    gates.expect_equal("W6: distinct records, records, doubles of the target", (stats["distinct"], stats["records"], stats["doubles"]), (rows, rows, 0))
    return stats


def client(context, target, rows, workers):
    context.launcher.run([sys.executable, HERE / "rest_client.py", target.url, rows, BATCH, workers])
    stats = target.stats()
    gates.expect_equal(f"W6: distinct records that {workers} workers loaded", stats["distinct"], rows)
    return stats


def share(stats):
    return stats["refused"] / stats["calls"]


def rate_limit(context, source, rows, rounds):
    """25 calls a second are allowed."""
    def contestant(load):
        def run():
            with Target("--rate", RATE) as target:
                return load(target)
        return run

    seen = measure.in_turn({"godwit": contestant(lambda t: godwit(context, t, source, rows, RATE)),
                            ALONE: contestant(lambda t: client(context, t, min(rows, ALONE_ROWS), 1)),
                            SIDE_BY_SIDE: contestant(lambda t: client(context, t, rows, 8))}, rounds)
    efficiency = {name: [s["calls_per_s"] / RATE for s in runs] for name, runs in seen.items()}
    refused = {name: [share(s) for s in runs] for name, runs in seen.items()}
    for anchor, target in ((ALONE, results.Target("value", ">=", 0.99)), (SIDE_BY_SIDE, None)):
        context.results.append(results.row("W6", "rate limit", "efficiency", efficiency["godwit"], (anchor, efficiency[anchor]), target))
    context.results.append(results.row("W6", "rate limit", "refused", refused["godwit"], (SIDE_BY_SIDE, refused[SIDE_BY_SIDE]), results.Target("value", "<=", 0.01)))


def ambiguous(context, source, rows, rounds):
    """One call in fifty fails, and half of those were carried out. Look-ups take their share of the 25 calls a second."""
    for variant, options, upserts in (("ambiguous, creates", ("--append", "--visible-after", VISIBLE_AFTER_MS), False), ("ambiguous, upserts", (), True)):
        found = []
        for seed in range(1, rounds + 1):
            with Target("--rate", RATE, "--fail", 0.02, "--ambiguous", "--seed", seed, *options) as target:
                found.append(godwit(context, target, source, rows, RATE, upserts=upserts, visible_after_ms=VISIBLE_AFTER_MS if options else 0))
        context.results.append(results.row("W6", variant, "efficiency", [s["used_per_s"] / RATE for s in found], None, results.Target("value", ">=", 0.97)))
        context.results.append(results.row("W6", variant, "refused", [share(s) for s in found], None, results.Target("value", "<=", 0.01)))


def no_limit(context, source, rows, rounds):
    """Only answers that take their time, and so many calls allowed at once: the limit is their number times what one call after another achieves."""
    def contestant(load):
        def run():
            with Target("--rate", 0) as target:
                return load(target)["calls_per_s"]
        return run

    allowed = (2, 5, 10)
    ours = {n: contestant(lambda t, n=n: godwit(context, t, source, rows, 0, settings=f", concurrent: {n}")) for n in allowed}
    seen = measure.in_turn({ALONE: contestant(lambda t: client(context, t, min(rows, ALONE_ROWS), 1)), **ours}, rounds)
    for n in allowed:
        limit = [n * rate for rate in seen[ALONE]]
        context.results.append(results.row("W6", f"no limit, {n} at once", "calls_per_s", seen[n], (f"{n} x {ALONE}", limit), results.Target("ratio", ">=", 0.9)))


def run(context):
    if not TARGET.exists():
        context.say(f"W6: the calls of a JSON API are not measured: there is no {TARGET}")
        return
    rows = min(context.rows or ROWS, ROWS)
    rounds = min(context.rounds, 3)  # a clock decides how long they take: they hardly differ
    source = context.dataset("customers", rows)
    rate_limit(context, source, rows, rounds)
    ambiguous(context, source, rows, rounds)
    no_limit(context, source, rows, rounds)
    context.drop("w6-rest")
