#!/usr/bin/env python3
"""The correctness gate of W9: records, fields and one hash per column, from Python's csv module alone.

  w9_gate.py FILE            prints {"records": n, "fields": n, "hashes": [...]}
  w9_gate.py FILE RESULT     compares with the output of bench_w9; exit code 1 and a line per difference

A field's bytes are taken as little-endian words of 64 bits, each times a factor of its own, and mixed with their
length; a column's hash is the sum over its fields, so that ranges can be added in any order.
"""
import csv
import json
import sys

MASK = (1 << 64) - 1
FACTORS = [(0xFF51AFD7ED558CCD + i * 0x9FB21C651E98DF26) & MASK for i in range(4096)]
FIRST, SECOND = FACTORS[:2]


def words_hash(number):
    total = 0
    for factor in FACTORS:
        if not number:
            return total
        total += (number & MASK) * factor
        number >>= 64
    raise SystemExit("a field is longer than this check was made for")


def column_hash(values):
    total = 0
    from_bytes = int.from_bytes
    for value in values:
        data = value.encode("latin-1")
        number = from_bytes(data, "little")
        if number <= MASK:
            h = number * FIRST
        elif len(data) <= 16:
            h = (number & MASK) * FIRST + (number >> 64) * SECOND
        else:
            h = words_hash(number)
        h = (h + len(data) * 0x9E3779B97F4A7C15) & MASK
        total += (h ^ h >> 32) * 0xD6E8FEB86659FD93
    return total & MASK


def measure(path):
    csv.field_size_limit(1 << 30)
    # Latin-1 maps bytes to characters one to one: quotes and delimiters mean the same, and bytes come back unchanged.
    with open(path, encoding="latin-1", newline="") as file:
        rows = csv.reader(file)
        width = len(next(rows))
        records, hashes = 0, [0] * width
        block = []
        for row in rows:
            if not row:
                continue
            if len(row) != width:
                raise SystemExit(f"record {records + 1} has {len(row)} fields, the header {width}")
            records += 1
            block.append(row)
            if len(block) == 20000:
                hashes = [(h + column_hash(c)) & MASK for h, c in zip(hashes, zip(*block))]
                block = []
        if block:
            hashes = [(h + column_hash(c)) & MASK for h, c in zip(hashes, zip(*block))]
    return {"records": records, "fields": records * width, "hashes": [f"{h:016x}" for h in hashes]}


def main():
    expected = measure(sys.argv[1])
    if len(sys.argv) < 3:
        print(json.dumps(expected))
        return 0
    with open(sys.argv[2], encoding="utf-8") as file:
        seen = json.load(file)
    wrong = [key for key in expected if seen.get(key) != expected[key]]
    for key in wrong:
        print(f"{key}: bench_w9 {seen.get(key)}, csv module {expected[key]}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
