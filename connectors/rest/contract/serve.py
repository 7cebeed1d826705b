"""A practice service with a JSON API, for as long as the suite runs: serve.py GODWIT."""

import http.server
import json
import os
import re
import subprocess
import sys
import threading
import urllib.parse

NUMBERS = [{"id": i, "name": None if i % 7 == 0 else f"name {i}"} for i in range(1, 161)]
people, lock = {}, threading.Lock()  # by code; values keep their digits as texts of JSON
LENGTHS = {"code": 40, "name": 60, "note": 3000}


class Digits(str):
    """A number as it was written."""


def parse(text):
    return json.loads(text, parse_float=Digits, parse_int=Digits)


def dump(value):
    if isinstance(value, Digits):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(k) + ":" + dump(v) for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(dump(v) for v in value) + "]"
    return json.dumps(value)


def fault(record, new):
    if new and not record.get("code"):
        return {"code": "missing", "message": "code must be given", "field": "code"}
    for name, most in LENGTHS.items():
        if len(record.get(name) or "") > most:
            return {"code": "too_long", "message": f"{name} has more than {most} characters", "field": name}
    return None


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = dump(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        # Head and body in one piece: the second half would wait for the first to be confirmed.
        self._headers_buffer.append(b"\r\n" + body)
        self.flush_headers()

    def handle_any(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        url = urllib.parse.urlsplit(self.path)
        given = {k: v[0] for k, v in urllib.parse.parse_qs(url.query).items()}
        if self.headers.get("Authorization") != "Bearer practice":
            return self.answer(401, {"code": "unknown", "message": "who are you?"})
        with lock:
            return self.answer(*self.route(self.command, url.path, given, parse(text) if text else None))

    do_GET = do_POST = do_PATCH = do_DELETE = handle_any

    def route(self, method, path, given, body):
        if path == "/me":
            return 200, {"tenant": "practice-1"}
        if path == "/numbers":
            size = int(given["size"])
            start = int(given.get("token", "").removeprefix("t") or given.get("from") or (int(given.get("page", 1)) - 1) * size)
            items, behind = NUMBERS[start:start + size], start + size
            more = behind < len(NUMBERS)
            return 200, {"items": items, "next": f"/numbers?from={behind}&size={size}" if more else None, "token": f"t{behind}" if more else None}
        if path == "/people" and method == "GET":
            rows = sorted((p for p in people.values() if p["id"] > int(given.get("after") or 0)), key=lambda p: p["id"])
            return 200, {"items": rows[:int(given["limit"])]}
        if path == "/people/find":
            return 200, {"items": [people[c] for c in body["codes"] if c in people]}
        if path == "/people":
            return 200, {"results": [self.write(record) for record in body["items"]]}
        code = urllib.parse.unquote(re.fullmatch(r"/people/(.*)", path).group(1))
        if code not in people:
            return 404, {"code": "none", "message": "no such person"}
        if method == "DELETE":
            del people[code]
            return 200, {}
        wrong = fault(body, False)
        if wrong:
            return 422, wrong
        people[code].update(body)
        return 200, people[code]

    @staticmethod
    def write(record):
        wrong = fault(record, True)
        if wrong:
            return {"ok": False, **wrong}
        held = people.get(record["code"])
        if held is not None:
            held.update(record)
            return {"ok": True, "created": False, "id": held["id"]}
        Service.last = getattr(Service, "last", 0) + 1
        people[record["code"]] = {"id": Service.last, **record}
        return {"ok": True, "created": True, "id": Service.last}


service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=service.serve_forever, daemon=True).start()
objects = ["people", "pages", "offsets", "links", "tokens"]
environment = {**os.environ, "CONTRACT_URL": f"http://127.0.0.1:{service.server_address[1]}"}
done = subprocess.run([sys.argv[1], "contract", "subject", *[w for o in objects for w in ("--object", o)], "--write", "people", "--key", "code", "--points", "20" if os.environ.get("GODWIT_SLOW") else "10"], env=environment, check=False)
sys.exit(done.returncode)
