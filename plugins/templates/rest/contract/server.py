"""A practice service that answers as the real one does, so that the contract needs no network and no account. It prints its port."""

import http.server
import json
import threading
import urllib.parse

FIELDS = [{"name": "id", "type": "text", "nullable": False, "length": 40}, {"name": "name", "type": "text", "length": 1000},
          {"name": "note", "type": "text"}, {"name": "rank", "type": "integer"}, {"name": "active", "type": "boolean"}]
CUSTOMERS = {f"c{i:04}": {"id": f"c{i:04}", "name": None if i % 9 == 0 else f"name {i} 上海", "note": "" if i % 7 == 0 else "two\nlines", "rank": i * i, "active": i % 2 == 0}
             for i in range(1, 301)}
OBJECTS = {"customers": CUSTOMERS, "written": {}}
LOCK = threading.Lock()


def apply(rows, operation, row):
    key, there = row.get("id"), row.get("id") in rows
    for field in FIELDS:
        value = row.get(field["name"])
        if isinstance(value, str) and len(value) > field.get("length", 1 << 30):
            return {"error": f"longer than {field['length']} characters", "field": field["name"]}
    if not key:
        return {"error": "no id", "field": "id"}
    if operation == "insert" and there:
        return {"error": "there is a record with this id already", "field": "id"}
    if operation in ("update", "delete") and not there:
        return {"result": "missing"}
    if operation == "delete":
        del rows[key]
        return {"result": "deleted"}
    rows[key] = {**rows.get(key, {}), **row}
    return {"result": "updated" if there else "created"}


class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: two would wait for each other
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, body, status=200):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def route(self, body):
        if self.headers.get("Authorization") != "Bearer practice":
            return self.answer({}, 401)
        url = urllib.parse.urlsplit(self.path)
        parts = [urllib.parse.unquote(p) for p in url.path.split("/")[1:]]
        if parts == ["objects"]:
            return self.answer({"id": "practice", "objects": [{"name": n, "fields": FIELDS, "rows": len(rows)} for n, rows in OBJECTS.items()]})
        if len(parts) < 2 or parts[0] != "objects" or parts[1] not in OBJECTS:
            return self.answer({}, 404)
        rows = OBJECTS[parts[1]]
        if body is None:
            query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
            after = query.get("after", "")
            return self.answer({"rows": [rows[k] for k in sorted(rows) if k > after][:int(query["limit"])]})
        if parts[2:] == ["find"]:
            return self.answer({"rows": [rows.get(k) for k in body["ids"]]})
        return self.answer({"results": [apply(rows, o["operation"], o["row"]) for o in body["operations"]]})

    def do_GET(self):
        with LOCK:
            self.route(None)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with LOCK:
            self.route(body)


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    print(server.server_address[1], flush=True)
    server.serve_forever()
