"""Every way to sign in to Salesforce that its connector has, against the sandbox: each loads a few records, also when its tokens end or are taken back in mid-run."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "servers"))
import sandbox_server  # noqa: E402

GODWIT = None
ROWS = 60
FLOW = "from: legacy.accounts\nto: crm.Account\nkey: {Legacy_Id__c: no}\nmap: {Name: name}\n"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class SignIn(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory(prefix="godwit-salesforce-")
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        for name in ("extract", "flows", "state"):
            (self.folder / name).mkdir()
        (self.folder / "flows" / "accounts.yaml").write_text(FLOW, encoding="utf-8")
        (self.folder / "extract" / "accounts.csv").write_text("no,name\n" + "".join(f"A{i},Firm {i}\n" for i in range(ROWS)), encoding="utf-8")
        for name in ("app", "stranger"):
            key = ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(self.folder / f"{name}.pem")]
            subprocess.run(key, check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", str(self.folder / "app.pem"), "-pubout", "-out", str(self.folder / "app.pub")], check=True, capture_output=True)
        self.sandbox = sandbox_server.Sandbox(GODWIT.with_name("godwit-sandbox-salesforce"), self.folder, "--set", f"jwt_certificate={self.folder / 'app.pub'}")
        self.addCleanup(self.sandbox.stop)

    def connect(self, **settings):
        given = {"url": self.sandbox.url, "client_id": "sandbox-client", "batch_rows": 5, "concurrent": 1, **settings}
        crm = ", ".join(f'{name}: "{value}"' for name, value in given.items())
        (self.folder / "godwit.yaml").write_text(f"project: sf\nlanguage: en\nconnections:\n  legacy: {{connector: csv, path: extract/}}\n  crm: {{connector: salesforce, {crm}}}\n", encoding="utf-8")

    def godwit(self, *arguments, expect=(0,)):
        # As on another day: neither the use of the day nor earlier refusals are remembered.
        shutil.rmtree(self.folder / "state")
        done = subprocess.run([GODWIT, *arguments, "--project", self.folder], capture_output=True, text=True, timeout=300, env={**os.environ, "XDG_STATE_HOME": str(self.folder / "state")})
        (self.folder / "state").mkdir(exist_ok=True)
        self.assertIn(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def post(self, path, **form):
        with urllib.request.urlopen(self.sandbox.url + path, data=urllib.parse.urlencode(form).encode(), timeout=20) as answer:
            return answer.read().decode()

    def assert_loaded(self):
        self.assertEqual(self.sandbox.sql("select count(*), count(distinct Legacy_Id__c) from Account where IsDeleted = 0"), [[str(ROWS), str(ROWS)]])

    def code(self):
        """A user lets the app in, as in a browser."""
        asked = urllib.parse.urlencode({"response_type": "code", "client_id": "sandbox-client", "redirect_uri": "https://app.example/done"})
        try:
            urllib.request.build_opener(NoRedirect).open(f"{self.sandbox.url}/services/oauth2/authorize?{asked}", timeout=20)
        except urllib.error.HTTPError as redirected:
            with redirected:
                return urllib.parse.parse_qs(urllib.parse.urlparse(redirected.headers["Location"]).query)["code"][0]
        self.fail("the sandbox did not redirect")

    def token(self):
        return json.loads(self.post("/services/oauth2/token", grant_type="client_credentials", client_id="sandbox-client", client_secret="sandbox-secret"))["access_token"]

    def faults(self, *specs):
        """These go wrong from now on, and nothing else."""
        urllib.request.urlopen(urllib.request.Request(f"{self.sandbox.url}/__sandbox/faults", method="DELETE"), timeout=20).close()
        if specs:
            self.sandbox.faults({"faults": list(specs)})

    def sign_ins(self):
        return int(self.sandbox.sql("select count(*) from sandbox_session")[0][0])

    def test_each_flow_signs_in_and_loads(self):
        secret = {"client_secret": "sandbox-secret"}
        flows = {"client_credentials": secret, "refresh_token": {**secret, "refresh_token": "sandbox-refresh"}, "jwt": {"username": "sven.seller@sandbox.example", "key": "app.pem"},
                 "code": {**secret, "code": self.code(), "redirect_uri": "https://app.example/done"}, "token": {"access_token": self.token()}}
        for flow, settings in flows.items():
            with self.subTest(sign_in=flow):
                self.connect(sign_in=flow, **settings)
                name = f"by {flow}"
                (self.folder / "extract" / "accounts.csv").write_text(f"no,name\nA1,{name}\n", encoding="utf-8")
                self.godwit("run", "--new")
                self.assertEqual(self.sandbox.sql("select Name from Account"), [[name]])
        # The records say whom the JWT was for.
        self.connect(sign_in="jwt", **flows["jwt"])
        (self.folder / "extract" / "accounts.csv").write_text("no,name\nA2,two\n", encoding="utf-8")
        self.godwit("run", "--new")
        self.assertEqual(self.sandbox.sql("select u.FirstName from Account a join User u on u.Id = a.CreatedById where a.Legacy_Id__c = 'A2'"), [["Sven"]])

    def test_tokens_that_end_in_mid_run_are_asked_for_anew(self):
        secret = {"client_secret": "sandbox-secret"}
        for flow, settings in {"client_credentials": secret, "refresh_token": {**secret, "refresh_token": "sandbox-refresh"}, "jwt": {"username": "admin@sandbox.example", "key": "app.pem"}}.items():
            with self.subTest(sign_in=flow):
                self.connect(sign_in=flow, **settings)
                before = self.sign_ins()
                self.faults("expire-token:every=6,path=/services/data")
                self.godwit("run", "--new")
                self.faults()
                self.assert_loaded()
                self.assertGreater(self.sign_ins() - before, 0)  # of those that were taken away nothing is left
                self.godwit("undo", self.newest())

    def test_a_refresh_token_that_is_revoked_in_mid_run_is_a_stop_that_goes_on_with_another(self):
        self.connect(sign_in="refresh_token", client_secret="sandbox-secret", refresh_token="sandbox-refresh")
        self.sandbox.stop()
        self.sandbox.options += ["--latency", "100"]  # time enough to revoke it
        self.sandbox.start()
        self.faults("expire-token:at=8,path=/services/data/v60.0/composite")
        running = subprocess.Popen([GODWIT, "run", "--project", self.folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "XDG_STATE_HOME": str(self.folder / "state")})
        while self.held() == 0 and running.poll() is None:
            time.sleep(0.02)
        self.post("/services/oauth2/revoke", token="sandbox-refresh")
        said = running.communicate(timeout=120)[0]
        self.assertIn(running.returncode, (3, 4), said)
        self.assertRegex(said, r"GW-3402.*expired access/refresh token")
        self.assertTrue(0 < self.held() < ROWS, self.held())
        self.faults()
        self.sandbox.stop()
        self.sandbox.options += ["--set", "refresh_token=another"]
        self.sandbox.start()
        self.connect(sign_in="refresh_token", client_secret="sandbox-secret", refresh_token="another")
        self.godwit("run")
        self.assert_loaded()
        self.assertEqual(self.newest(), "1")

    def test_a_refused_sign_in_keeps_the_orgs_own_words(self):
        jwt = {"sign_in": "jwt", "key": "app.pem", "username": "admin@sandbox.example"}
        for settings, words in (({**jwt, "key": "stranger.pem"}, "invalid assertion"), ({**jwt, "username": "nobody@sandbox.example"}, "user hasn't approved this consumer"),
                                ({**jwt, "username": "lena.leaver@sandbox.example"}, "user is inactive"), ({**jwt, "audience": "https://elsewhere.example"}, "audience is invalid"),
                                ({"client_secret": "wrong"}, "invalid client credentials"), ({"sign_in": "token", "access_token": "old"}, "Session expired or invalid"),
                                ({"sign_in": "code", "code": "used", "redirect_uri": "https://app.example/done", "client_secret": "sandbox-secret"}, "expired authorization code")):
            with self.subTest(words):
                self.connect(**settings)
                said = self.godwit("check", expect=(3,))
                self.assertRegex(said, "GW-340[0-9]")
                self.assertIn(words, said)

    def held(self):
        return int(self.sandbox.sql("select count(*) from Account")[0][0])

    def newest(self):
        query = "select max(number) from run where kind <> 'undo'"
        return subprocess.run(["sqlite3", str(self.folder / ".godwit" / "journal.db"), query], check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True, type=pathlib.Path)
    arguments, rest = parser.parse_known_args()
    GODWIT = arguments.godwit.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
