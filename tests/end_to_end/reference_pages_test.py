"""The pages of docs/reference that the program writes itself say what the program says. GODWIT_UPDATE=1 writes them anew."""

import argparse
import json
import os
import pathlib
import subprocess
import sys

HEAD = "<!-- Written by tests/end_to_end/reference_pages_test.py: run it with GODWIT_UPDATE=1. -->\n"


def say(godwit, *arguments):
    return subprocess.run([godwit, *arguments], check=True, capture_output=True, text=True).stdout


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", "<br>")


def errors(godwit):
    messages = json.loads(say(godwit, "errors", "--json"))
    out = [HEAD + "# Messages\n",
           "Every message has a number, which does not change. `godwit errors GW-1004` prints one of them; what stands in braces is told at the place.\n",
           "| number | message | what to do |", "|---|---|---|"]
    for m in messages:
        out.append(f"| {m['number']} | {cell(m['en'])}<br>{cell(m['zh'])} | {cell(m['remedy_en'])}<br>{cell(m['remedy_zh'])} |")
    return "\n".join(out) + "\n"


def connectors(godwit):
    out = HEAD + "# Connectors\n\nWhat `godwit connectors` says; each connector's folder has a page of its own.\n"
    for c in json.loads(say(godwit, "connectors", "--json")):
        lines = say(godwit, "connectors", c["name"]).splitlines(keepends=True)
        out += f"\n## {c['name']}\n\n```text\n{''.join(line for line in lines if not line.endswith('.so' + chr(10)))}```\n"  # without where the library lies
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    args = parser.parse_args()
    folder = pathlib.Path(__file__).resolve().parents[2] / "docs" / "reference"
    stale = []
    for name, page in (("errors.md", errors(args.godwit)), ("connectors.md", connectors(args.godwit))):
        if os.environ.get("GODWIT_UPDATE"):
            (folder / name).write_text(page, encoding="utf-8")
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != page:
            stale.append(name)
    if stale:
        raise SystemExit(f"docs/reference: {', '.join(stale)} does not say what the program says; run this test with GODWIT_UPDATE=1")


if __name__ == "__main__":
    sys.exit(main())
