"""A vendor's sandbox for a test: started in a private folder on a free port, stopped by its pid."""

import json
import os
import pathlib
import subprocess
import urllib.parse
import urllib.request


def zoho_token(url):
    """An access token of a Zoho sandbox, for tests that open more connections than a refresh token gives sign-ins; it lives for an hour."""
    form = {"grant_type": "refresh_token", "refresh_token": "1000.sandbox-refresh", "client_id": "1000.SANDBOX", "client_secret": "sandbox-secret"}
    with urllib.request.urlopen(f"{url}/oauth/v2/token", data=urllib.parse.urlencode(form).encode(), timeout=10) as answer:
        return json.load(answer)["access_token"]


class Sandbox:
    """`program` is godwit-sandbox-<vendor>; `folder` keeps its data, which outlives a restart."""

    def __init__(self, program, folder, *options):
        self.program, self.folder, self.options = pathlib.Path(program), pathlib.Path(folder), list(options)
        self.data = self.folder / "sandbox.db"
        self.port = 0
        self.process = None
        self.start()

    def start(self):
        command = [self.program, "--port", str(self.port), "--data", str(self.data), *self.options]
        # Checkers that the program under test is run with are not for the sandbox.
        environment = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        line = self.process.stdout.readline()
        if "http://" not in line:
            raise RuntimeError(f"{self.program.name} did not start: {line!r}")
        self.port = int(line.rsplit(":", 1)[1].strip().strip("/"))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def sql(self, query):
        """Rows of a query on the sandbox's own data, as lists of texts, by the program sqlite3."""
        out = subprocess.run(["sqlite3", "-ascii", "-cmd", ".timeout 20000", str(self.data), query], check=True, capture_output=True, text=True).stdout
        return [line.split("\x1f") for line in out.split("\x1e")[:-1]]

    def stats(self):
        with urllib.request.urlopen(f"{self.url}/__sandbox/stats", timeout=10) as answer:
            return json.load(answer)

    def faults(self, body):
        """Sets what goes wrong from now on; see the sandbox's README."""
        request = urllib.request.Request(f"{self.url}/__sandbox/faults", data=json.dumps(body).encode(), method="POST", headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process.stdout.close()
            self.process = None

    def kill(self):
        self.process.kill()
        self.process.wait(20)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
