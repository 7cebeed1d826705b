"""Replays the exchanges of a vendor's sandbox: exchanges_test.py --program PROGRAM --exchanges FOLDER --vendor NAME [--only WORD].

A file of the folder stands for one section of the vendor's contract:

    {"section": "5 create", "options": ["--daily", "5"], "variables": {"root": "/v1"}, "headers": {"Authorization": "Bearer ${token}"}, "cases": [
      {"name": "a required field", "each": {"unknown_fields": ["refuse", "ignore"]}, "steps": [
        {"do": "sign_in"},
        {"call": "POST /things?x=1", "headers": {…}, "json": {…}, "status": 200, "answer": {…}, "keep": {"id": "/data/0/id"}}]}]}

"variables" are there from the start of each case; "headers" go with each call that does not have them itself, once what they name is known.

Each case has a program and a data file of its own ("metadata": what is laid over the program's own), once for every combination of the switches under "each". A step is one of
  call      a request: "json", "form", "text" or "multipart" [{"name", "file_name", "text" | "zip": {name: text}, "repeat",
            "zip_repeat": [name, line, times]}] is its body. Then may stand
            "status", "answer" (a pattern), "text_answer" (a regular expression), "empty" true, "answer_headers", "zip_answer" {name: [lines]},
            "zip_counts" {name: {regex: lines}},
            "absent" [pointers], "sizes" {pointer: length}, "keep" {variable: pointer}, "keep_header" {variable: [header, regex]}, "times" N, "until" (a pattern: asked again for ten seconds)
            "absent_headers" [names], "schema" false (this answer is of another shape than the endpoint's)
  together  N times the request of "call", all at once; "statuses" {"200": 10, "429": 2} counts their answers
  advance   moves the sandbox's clock by so many seconds            faults   sets faults; [] takes all away
  sql       what "rows" sqlite3 shall find in the data file         stats    a pattern for GET /__sandbox/stats
  restart   kills the program (-9) and starts it on the same file   do       the steps of that name in _steps.json
and "only": {"switch": "value"} restricts it to runs under that switch. ${x} stands for a variable; a text that is nothing but ${x} keeps its type.

In a pattern an object names members that must be there, a list is compared element by element, {"?": "regex"} is a text that fits, {"not": …} is
the opposite and {"any": true} is anything.

Where ../shared/vendors/spec (or GODWIT_SHARED_SPEC) has a contract of that vendor, every request and answer is held against its schemas.
"""

import argparse
import collections
import concurrent.futures
import functools
import http.client
import io
import itertools
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import zipfile

import json_schema

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Failed(Exception):
    pass


def differs(pattern, value, where="$"):
    """None, or where and how `value` does not fit `pattern`."""
    if isinstance(pattern, dict):
        if pattern == {"any": True}:
            return None
        if set(pattern) == {"?"}:
            fits = isinstance(value, str) and re.search(pattern["?"], value)
            return None if fits else f"{where}: {value!r} does not fit /{pattern['?']}/"
        if set(pattern) == {"not"}:
            return None if differs(pattern["not"], value) else f"{where}: is {value!r}"
        if not isinstance(value, dict):
            return f"{where}: {value!r} is no object"
        for name, inner in pattern.items():
            if name not in value:
                return f"{where}: {name} is missing in {json.dumps(value, ensure_ascii=False)[:600]}"
            if found := differs(inner, value[name], f"{where}.{name}"):
                return found
        return None
    if isinstance(pattern, list):
        if not isinstance(value, list) or len(value) != len(pattern):
            return f"{where}: expected {len(pattern)} elements, seen {json.dumps(value, ensure_ascii=False)[:600]}"
        for at, (inner, one) in enumerate(zip(pattern, value)):
            if found := differs(inner, one, f"{where}[{at}]"):
                return found
        return None
    same = pattern == value and isinstance(pattern, bool) == isinstance(value, bool)
    return None if same else f"{where}: expected {pattern!r}, seen {value!r}"


def at_pointer(document, pointer):
    for part in pointer.split("/")[1:]:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def has_pointer(document, pointer):
    try:
        at_pointer(document, pointer)
        return True
    except (KeyError, IndexError, TypeError, ValueError):
        return False


class Program:
    def __init__(self, program, data, options):
        self.command = [program, "--port", "0", "--data", str(data), *options]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on http://"):
            raise Failed(f"{' '.join(self.command)} did not start")
        self.address = line.split("http://")[1].strip()
        self.connection = http.client.HTTPConnection(self.address, timeout=60)

    def call(self, method, path, body=None, headers=None):
        try:
            self.connection.request(method, path, body=body, headers=headers or {})
            answer = self.connection.getresponse()
            return answer.status, dict((name.lower(), value) for name, value in answer.getheaders()), answer.read()
        except (http.client.HTTPException, ConnectionError) as error:
            self.connection.close()
            return 0, {}, type(error).__name__.encode()

    def control(self, method, path, body=None):
        status, _, answer = self.call(method, path, json.dumps(body).encode() if body is not None else None)
        if status != 200:
            raise Failed(f"{path}: {status} {answer!r}")
        return json.loads(answer)

    def end(self, how=signal.SIGTERM):
        self.connection.close()
        self.process.send_signal(how)
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        if how == signal.SIGTERM and code != 0:
            raise Failed(f"the program ended with {code}")


class Run:
    """One case under one setting of its switches."""

    def __init__(self, case, setting, program, section, named_steps, contract):
        self.case, self.setting, self.named_steps, self.contract = case, setting, named_steps, contract
        self.variables, self.headers, options = dict(section.get("variables", {})), section.get("headers", {}), section.get("options", [])
        self.folder = tempfile.TemporaryDirectory(prefix="sandbox-")
        self.data = pathlib.Path(self.folder.name) / "data.db"
        switches = [part for name, value in setting.items() for part in ("--set", f"{name}={value}")]
        if "metadata" in case:
            overlay = pathlib.Path(self.folder.name) / "metadata.json"
            overlay.write_text(json.dumps(case["metadata"]), encoding="utf-8")
            switches += ["--metadata", str(overlay)]
        self.program = Program(program, self.data, [*options, *case.get("options", []), *switches])

    def close(self):
        self.program.end()
        self.folder.cleanup()

    def filled(self, value):
        if isinstance(value, str):
            if whole := re.fullmatch(r"\$\{(\w+)\}", value):
                return self.variables[whole[1]]
            return re.sub(r"\$\{(\w+)\}", lambda found: str(self.variables[found[1]]), value)
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        if isinstance(value, dict):
            return {self.filled(name): self.filled(one) for name, one in value.items()}
        return value

    def steps(self, steps):
        for number, step in enumerate(steps, 1):
            if any(self.setting.get(name) != value for name, value in step.get("only", {}).items()):
                continue
            try:
                self.step(step)
            except Failed as failure:
                raise Failed(f"step {number} ({step.get('call') or next(iter(step))}): {failure}") from None

    def step(self, step):
        self.variables["base"] = f"http://{self.program.address}"
        if "together" in step:
            self.crowd(step)
        elif "do" in step:
            self.steps(self.named_steps[step["do"]])
        elif "call" in step:
            for _ in range(step.get("times", 1)):
                self.call(step)
        elif "advance" in step:
            self.program.control("POST", "/__sandbox/clock", {"advance_seconds": step["advance"]})
        elif "faults" in step:
            self.program.control("DELETE", "/__sandbox/faults")
            self.program.control("POST", "/__sandbox/faults", {"faults": step["faults"]})
        elif "stats" in step:
            if found := differs(self.filled(step["stats"]), self.program.control("GET", "/__sandbox/stats")):
                raise Failed(found)
        elif "sql" in step:
            connection = sqlite3.connect(self.data)
            rows = [list(row) for row in connection.execute(self.filled(step["sql"]))]
            connection.close()
            if found := differs(self.filled(step["rows"]), rows):
                raise Failed(found)
        elif "restart" in step:
            self.program.end(signal.SIGKILL)
            self.program.start()
        else:
            raise Failed(f"no such step: {sorted(step)}")

    def crowd(self, step):
        method, path = self.filled(step["call"]).split(" ", 1)
        headers = self.filled(step.get("headers", {}))
        body = self.body(step, headers)

        def one(_):
            connection = http.client.HTTPConnection(self.program.address, timeout=60)
            connection.request(method, path, body=body, headers=headers)
            status = connection.getresponse().status
            connection.close()
            return str(status)

        with concurrent.futures.ThreadPoolExecutor(step["together"]) as pool:
            seen = dict(collections.Counter(pool.map(one, range(step["together"]))))
        if seen != step["statuses"]:
            raise Failed(f"expected {step['statuses']}, seen {seen}")

    def body(self, step, headers):
        if "json" in step:
            headers.setdefault("Content-Type", "application/json")
            return json.dumps(self.filled(step["json"]), ensure_ascii=False).encode()
        if "form" in step:
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
            return urllib.parse.urlencode(self.filled(step["form"])).encode()
        if "multipart" in step:
            boundary = "----exchange-boundary"
            headers.setdefault("Content-Type", f"multipart/form-data; boundary={boundary}")
            return b"".join(self.part(part, boundary) for part in self.filled(step["multipart"])) + f"--{boundary}--\r\n".encode()
        return self.filled(step["text"]).encode() if "text" in step else None

    @staticmethod
    def part(part, boundary):
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{part["name"]}"'
        if "file_name" in part:
            head += f'; filename="{part["file_name"]}"\r\nContent-Type: {part.get("type", "application/octet-stream")}'
        return head.encode() + b"\r\n\r\n" + (packed(part["zip"], *part.get("zip_repeat", ("", "", 0))) if "zip" in part else part["text"].encode() * part.get("repeat", 1)) + b"\r\n"

    def call(self, step):
        method, path = self.filled(step["call"]).split(" ", 1)
        path = path.removeprefix(self.variables["base"])
        headers = self.filled(step.get("headers", {}))
        for name, value in self.headers.items():
            if all(variable in self.variables for variable in re.findall(r"\$\{(\w+)\}", value)):
                headers.setdefault(name, self.filled(value))
        body = self.body(step, headers)
        wanted, until = self.filled(step.get("answer")), time.monotonic() + 10
        while True:
            status, answer_headers, answer = self.program.call(method, path, body, headers)
            if "until" not in step or not differs(self.filled(step["until"]), json.loads(answer or b"null")):
                break
            if time.monotonic() > until:
                raise Failed(f"never came to {step['until']}: {answer[:400]!r}")
            time.sleep(0.02)
        shown = answer[:1500].decode(errors="replace")
        if status != step.get("status", 200):
            raise Failed(f"status {status} instead of {step.get('status', 200)}: {shown}")
        if step.get("empty") and answer:
            raise Failed(f"a body where none was expected: {shown}")
        if "text_answer" in step and not re.search(self.filled(step["text_answer"]), answer.decode(errors="replace")):
            raise Failed(f"the body does not fit /{step['text_answer']}/: {shown}")
        if found := differs(self.filled(step.get("answer_headers", {})), answer_headers, "headers"):
            raise Failed(found)
        for header in step.get("absent_headers", []):
            if header in answer_headers:
                raise Failed(f"the header {header} is there")
        for variable, (header, pattern) in step.get("keep_header", {}).items():
            self.variables[variable] = urllib.parse.unquote(re.search(pattern, answer_headers[header])[1])
        if "zip_answer" in step or "zip_counts" in step:
            with zipfile.ZipFile(io.BytesIO(answer)) as archive:
                files = {name: archive.read(name).decode().splitlines() for name in archive.namelist()}
            if found := differs(self.filled(step.get("zip_answer", {})), files, "zip"):
                raise Failed(found)
            for name, counts in step.get("zip_counts", {}).items():
                for pattern, count in counts.items():
                    seen = sum(1 for line in files[name] if re.search(pattern, line))
                    if seen != count:
                        raise Failed(f"{seen} lines of {name} fit /{pattern}/, {count} were expected")
            return
        is_json = answer_headers.get("content-type", "").startswith("application/json") and answer
        document = json.loads(answer) if is_json else None
        if wanted is not None and (found := differs(wanted, document)):
            raise Failed(f"{found}\n    in {shown}")
        for pointer in step.get("absent", []):
            if has_pointer(document, pointer):
                raise Failed(f"{pointer} is there: {shown}")
        for pointer, size in step.get("sizes", {}).items():
            if not has_pointer(document, pointer) or len(at_pointer(document, pointer)) != size:
                raise Failed(f"{pointer} has not {size} elements: {shown}")
        for variable, pointer in step.get("keep", {}).items():
            if not has_pointer(document, pointer):
                raise Failed(f"{pointer} is missing: {shown}")
            self.variables[variable] = at_pointer(document, pointer)
        if self.contract and step.get("schema", True) and status in range(200, 300) and (found := self.contract.violation(method, path, step, body, status, document)):
            raise Failed(f"against the vendor's schema: {found}")


def packed(files, longer="", line="", times=0):
    """A ZIP of these files; `longer` ends with `line` so many times."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text + (line * times if name == longer else ""))
    return out.getvalue()


class Contract:
    """The schemas of ../shared/vendors/spec: which endpoint takes and gives what."""

    def __init__(self, document):
        self.document = document
        self.checked = 0

    @functools.cache
    def endpoint(self, method, path):
        fits = []
        for row in self.document["x-endpoints"]:
            pattern = re.sub(r"\{[^/]*\}", "[^/]+", row[1]).replace("vXX.X", r"v\d+\.\d")
            if row[0] == method and re.fullmatch(pattern, path):
                fits.append(row)
        return min(fits, key=lambda row: row[1].count("{"), default=None)

    def violation(self, method, path, step, body, status, answer):
        row = self.endpoint(method, path.split("?")[0])
        if row is None:
            return None
        request, response = row[2], row[4] if len(row) > 4 else None
        if request in self.document["definitions"] and "json" in step:
            self.checked += 1
            if found := json_schema.violation(json.loads(body), {"$ref": f"#/definitions/{request}"}, self.document):
                return f"request: {found}"
        if response in self.document["definitions"] and answer is not None and str(status) in str(row[3]):
            self.checked += 1
            if found := json_schema.violation(answer, {"$ref": f"#/definitions/{response}"}, self.document):
                return f"answer: {found}"
        return None


def read_contract(vendor):
    folder = pathlib.Path(os.environ.get("GODWIT_SHARED_SPEC", ROOT.parent / "shared" / "vendors" / "spec"))
    file = folder / vendor / f"{vendor}.contract.json"
    if not file.exists():
        print(f"no schemas of {vendor}: {file} is not there, so requests are not held against them")
        return None
    return Contract(json.loads(file.read_text(encoding="utf-8")))


def planned_runs(exchanges, only):
    """Every case of every file, once for each combination of its switches."""
    for file in sorted(exchanges.glob("[!_]*.json")):
        section = json.loads(file.read_text(encoding="utf-8"))
        for case in section["cases"]:
            if only not in f"{section['section']} {case['name']}":
                continue
            names = list(case.get("each", {}))
            for values in itertools.product(*case.get("each", {}).values()):
                setting = dict(zip(names, values))
                yield f"{file.name}: {case['name']}" + "".join(f" {name}={value}" for name, value in setting.items()), case, setting, section


def replay(what, case, setting, section, program, named_steps, contract):
    """What was run, and why it failed or None."""
    try:
        run = Run(case, setting, program, section, named_steps, contract)
        try:
            run.steps(case["steps"])
        finally:
            run.close()
    except Failed as failure:
        return what, failure
    return what, None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--exchanges", required=True, type=pathlib.Path)
    parser.add_argument("--vendor", required=True)
    parser.add_argument("--only", default="", help="cases and sections that contain this word")
    given = parser.parse_args()
    steps_file = given.exchanges / "_steps.json"
    named_steps = json.loads(steps_file.read_text(encoding="utf-8")) if steps_file.exists() else {}
    contract = read_contract(given.vendor)
    runs = failures = 0
    # Each run has a program and a data file of its own, and waits most of its time.
    with concurrent.futures.ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1)) as pool:
        for what, failure in pool.map(lambda one: replay(*one, given.program, named_steps, contract), planned_runs(given.exchanges, given.only)):
            runs += 1
            if failure:
                failures += 1
                print(f"FAILED {what}\n  {failure}")
    print(f"{runs} runs, {failures} failed" + (f", {contract.checked} documents held against the vendor's schemas" if contract else ""))
    if runs == 0:
        print("no case was run")
    return 1 if failures or runs == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
