"""What Python's csv module makes of texts: the independent half of python_test.cpp.

Reads JSON lines {"text", "delimiter", "quote", "escape"} (texts in Latin-1, one character a byte), writes per line
{"rows": [[...]...], "wrong": bool}: the records up to the first that the module, asked to be strict, refuses.
"""
import csv
import io
import json
import sys

csv.field_size_limit(1 << 30)
for line in sys.stdin:
    case = json.loads(line)
    options = {"delimiter": case["delimiter"], "strict": True, "skipinitialspace": case.get("skip_initial_space", False)}
    if case["quote"]:
        options["quotechar"] = case["quote"]
    else:
        options["quoting"] = csv.QUOTE_NONE
    if case.get("escape"):
        options["escapechar"] = case["escape"]
    rows, wrong = [], False
    try:
        for row in csv.reader(io.StringIO(case["text"], newline=""), **options):
            rows.append(row)
    except csv.Error:
        wrong = True
    print(json.dumps({"rows": rows, "wrong": wrong}))
