#!/usr/bin/env python3
"""The anchors of W6: what somebody writes who has an afternoon. Loads records into POST /records of the target, so many in a call.

  rest_client.py URL ROWS BATCH WORKERS    1 worker: one call after another, again after the seconds that a refusal names
                                           more: side by side, each waiting twice as long after each refusal in a row, by chance a half to the whole of it
"""
import concurrent.futures
import http.client
import json
import random
import sys
import threading
import time
import urllib.parse

LOCAL = threading.local()


def post(address, records):
    """(status, seconds that the answer asks to wait)."""
    if not hasattr(LOCAL, "connection"):
        LOCAL.connection = http.client.HTTPConnection(address, timeout=60)
    LOCAL.connection.request("POST", "/records", json.dumps(records), {"Content-Type": "application/json"})
    answer = LOCAL.connection.getresponse()
    answer.read()
    return answer.status, float(answer.headers.get("Retry-After") or 0.2)


def load(address, records, backs_off):
    for attempt in range(100):
        status, wait = post(address, records)
        if status == 200:
            return
        time.sleep(min(8.0, 0.1 * 2 ** attempt) * random.uniform(0.5, 1.0) if backs_off else wait)
    raise SystemExit(f"{len(records)} records were refused a hundred times")


def main(url, rows, batch, workers):
    address = urllib.parse.urlsplit(url).netloc
    calls = [[{"external_id": f"C{i:08d}", "name": f"customer {i}"} for i in range(first, min(first + batch, rows))] for first in range(0, rows, batch)]
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(load, address, records, workers > 1) for records in calls]:
            done.result()


if __name__ == "__main__":
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    main(sys.argv[1], *map(int, sys.argv[2:]))
