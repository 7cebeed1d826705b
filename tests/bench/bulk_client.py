#!/usr/bin/env python3
"""The anchor of W6 for bulk jobs: a client whose CSV is ready. Makes a job of Salesforce's Bulk API 2.0, uploads, closes, waits, and fetches the results.

  bulk_client.py URL OBJECT EXTERNAL_ID FILE...    one job after another
"""
import http.client
import json
import shutil
import sys
import time
import urllib.parse

ROOT = "/services/data/v60.0"


class Client:
    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=600)
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": "sandbox-client", "client_secret": "sandbox-secret"})
        token = json.loads(self.call("POST", "/services/oauth2/token", form, {"Content-Type": "application/x-www-form-urlencoded"}))["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}

    def send(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, {**getattr(self, "headers", {}), **(headers or {})})
        answer = self.connection.getresponse()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {answer.read()[:500]!r}")
        return answer

    def call(self, *arguments):
        return self.send(*arguments).read()

    def ask(self, method, path, body=None):
        return json.loads(self.call(method, ROOT + path, json.dumps(body) if body else None, {"Content-Type": "application/json"}))

    def load(self, target, external_id, file):
        job = self.ask("POST", "/jobs/ingest", {"object": target, "operation": "upsert", "externalIdFieldName": external_id, "contentType": "CSV", "lineEnding": "LF"})["id"]
        with open(file, "rb") as body:
            self.call("PUT", f"{ROOT}/jobs/ingest/{job}/batches", body, {"Content-Type": "text/csv"})
        self.ask("PATCH", f"/jobs/ingest/{job}", {"state": "UploadComplete"})
        while True:
            seen = self.ask("GET", f"/jobs/ingest/{job}")
            if seen["state"] in ("JobComplete", "Failed", "Aborted"):
                break
            time.sleep(0.5)
        for which in ("successfulResults", "failedResults"):
            with open(f"{file}.{which}", "wb") as out:
                shutil.copyfileobj(self.send("GET", f"{ROOT}/jobs/ingest/{job}/{which}"), out)
        if seen["state"] != "JobComplete" or seen["numberRecordsFailed"]:
            raise SystemExit(f"{file}: {seen}")


if __name__ == "__main__":
    if len(sys.argv) < 5:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    client = Client(sys.argv[1])
    for name in sys.argv[4:]:
        client.load(sys.argv[2], sys.argv[3], name)
