"""Files as Salesforce's tools write them: one table in seven delimiters, and exports in a Western encoding, read by `godwit read` and by Python's csv."""

import csv
import json
import subprocess
import unittest

import real_input
from real_input import DATA, PROGRAM

DELIMITERS = {"backquote": "`", "caret": "^", "comma": ",", "comma_wrapped_values": ",", "pipe": "|", "semicolon": ";", "tab": "\t"}


def read(path, **settings):
    """Rows and unreadable rows of a file, each a list of objects, as the program prints them."""
    options = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    done = subprocess.run([*PROGRAM, "read", str(path), "--json", *options], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()], [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]


class DelimitedFiles(unittest.TestCase):
    maxDiff = None

    def test_one_table_in_seven_delimiters_is_one_table(self):
        with open(DATA / "sfdx-trees" / "csv" / "comma.csv", encoding="utf-8", newline="") as file:
            wanted = list(csv.DictReader(file))
        self.assertGreater(len(wanted), 5)
        for name, delimiter in DELIMITERS.items():
            rows, unreadable = read(DATA / "sfdx-trees" / "csv" / f"{name}.csv", delimiter=delimiter)
            self.assertEqual((rows, unreadable), (wanted, []), name)
        single, _ = read(DATA / "sfdx-trees" / "csv" / "single-column.csv")
        self.assertEqual(single, [{"NAME": row["NAME"]} for row in wanted])

    def test_exports_in_a_western_encoding(self):
        for path in sorted((DATA / "dataloader").glob("*.csv")):
            wanted, lines = [], []
            with open(path, encoding="iso-8859-1", newline="") as file:
                reader = csv.DictReader(file)
                reader.fieldnames  # reads the header, so that line_num stands behind it
                while True:
                    lines.append(reader.line_num + 1)
                    try:
                        wanted.append(next(reader))
                    except StopIteration:
                        break
            rows, unreadable = read(path, encoding="iso-8859-1")
            self.assertEqual((rows, unreadable), (wanted, []), path.name)
            # Read as UTF-8, exactly the rows with other bytes are set aside, each with its line.
            rows, unreadable = read(path)
            foreign = [i for i, row in enumerate(wanted) if any(ord(c) > 127 for value in row.values() for c in value)]
            self.assertEqual(rows, [row for i, row in enumerate(wanted) if i not in foreign], path.name)
            self.assertEqual([u["place"] for u in unreadable], [f"{path}:{lines[i]}" for i in foreign], path.name)


if __name__ == "__main__":
    real_input.main()
