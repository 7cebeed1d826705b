"""What no list of requests and answers can show: signatures, calls at the same time, long jobs, compressed bodies, ends and restarts."""

import argparse
import base64
import concurrent.futures
import gzip
import hashlib
import http.client
import json
import pathlib
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

PROGRAM = None
ROOT = "/services/data/v60.0"


class Sandbox:
    def __init__(self, folder, *options, data="org.db"):
        self.data = folder / data
        self.process = subprocess.Popen([PROGRAM, "--data", str(self.data), *options], stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip().removeprefix("listening on ").removeprefix("http://")
        self.token = None

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        return code

    def raw(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            headers = dict(headers or {})
            if self.token:
                headers.setdefault("Authorization", f"Bearer {self.token}")
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
                headers.setdefault("Content-Type", "application/json")
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def call(self, method, path, body=None, headers=None):
        status, _, answer = self.raw(method, path, body, headers)
        return status, json.loads(answer) if answer else None

    def grant(self, **form):
        return self.call("POST", "/services/oauth2/token", urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})

    def sign_in(self):
        status, answer = self.grant(grant_type="client_credentials", client_id="sandbox-client", client_secret="sandbox-secret")
        assert status == 200, answer
        self.token = answer["access_token"]
        return self

    def create(self, name, **fields):
        status, answer = self.call("POST", f"{ROOT}/sobjects/{name}", fields)
        assert status == 201, answer
        return answer["id"]

    def start_job(self, operation, name, csv, **more):
        status, job = self.call("POST", f"{ROOT}/jobs/ingest", {"object": name, "operation": operation, "contentType": "CSV", "lineEnding": "LF", **more})
        assert status == 200, job
        place = f"{ROOT}/jobs/ingest/{job['id']}"
        assert self.raw("PUT", f"{place}/batches", csv, {"Content-Type": "text/csv"})[0] == 201
        assert self.call("PATCH", place, {"state": "UploadComplete"})[0] == 200
        return place

    def wait_for(self, place, *states):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            job = self.call("GET", place)[1]
            if job["state"] in states:
                return job
            time.sleep(0.02)
        raise AssertionError(job)

    def sql(self, text):
        connection = sqlite3.connect(self.data)
        try:
            return connection.execute(text).fetchall()
        finally:
            connection.close()


class Behaviour(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="salesforce-sandbox-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def sandbox(self, *options):
        out = Sandbox(self.folder, *options)
        self.addCleanup(lambda: out.process.poll() is None and out.end())
        return out

    # JWT ---------------------------------------------------------------------------------------------------------------------

    def openssl(self, *arguments, **more):
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=self.folder, **more).stdout

    def assertion(self, claims, key="key.pem"):
        part = lambda value: base64.urlsafe_b64encode(value).rstrip(b"=")
        head = part(b'{"alg":"RS256"}') + b"." + part(json.dumps(claims).encode())
        return (head + b"." + part(self.openssl("dgst", "-sha256", "-sign", key, input=head))).decode()

    def test_jwt(self):
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "certificate.pem", "-subj", "/CN=app", "-days", "2")
        self.openssl("genpkey", "-algorithm", "RSA", "-out", "other.pem")
        self.openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem")
        now = int(time.time())
        good = {"iss": "sandbox-client", "sub": "sven.seller@sandbox.example", "aud": "https://login.salesforce.com", "exp": now + 170}
        for file in ("certificate.pem", "public.pem"):
            sandbox = self.sandbox("--set", f"jwt_certificate={self.folder / file}")
            bearer = lambda claims, key="key.pem": sandbox.grant(grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion=self.assertion(claims, key))
            status, answer = bearer(good)
            self.assertEqual(status, 200, answer)
            self.assertNotIn("refresh_token", answer)
            sandbox.token = answer["access_token"]
            self.assertEqual(sandbox.call("GET", "/services/oauth2/userinfo")[1]["username"], "sven.seller@sandbox.example")
            for claims, key, error in ((good, "other.pem", "invalid_grant"), ({**good, "exp": now - 10}, "key.pem", "invalid_grant"), ({**good, "exp": now + 3600}, "key.pem", "invalid_grant"),
                                       ({**good, "aud": "https://example.com"}, "key.pem", "invalid_grant"), ({**good, "sub": "nobody"}, "key.pem", "invalid_grant"),
                                       ({**good, "iss": "nobody"}, "key.pem", "invalid_client_id"), ({**good, "sub": "lena.leaver@sandbox.example"}, "key.pem", "inactive_user")):
                status, answer = bearer(claims, key)
                self.assertEqual((status, answer.get("error")), (400, error), claims)
            sandbox.end()

    def test_how_far_ahead_a_jwt_may_expire(self):
        self.openssl("genpkey", "-algorithm", "RSA", "-out", "key.pem")
        self.openssl("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem")
        for minutes, expected in (("3", 400), ("5", 200)):
            sandbox = self.sandbox("--set", f"jwt_certificate={self.folder / 'public.pem'}", "--set", f"jwt_minutes={minutes}")
            claims = {"iss": "sandbox-client", "sub": "admin@sandbox.example", "aud": "https://test.salesforce.com", "exp": int(time.time()) + 270}
            self.assertEqual(sandbox.grant(grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion=self.assertion(claims))[0], expected)
            sandbox.end()

    def test_authorization_code_with_pkce(self):
        sandbox = self.sandbox()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(b"verifier").digest()).rstrip(b"=").decode()
        ask = lambda: sandbox.raw("GET", f"/services/oauth2/authorize?response_type=code&client_id=sandbox-client&redirect_uri=http%3A%2F%2Flocalhost&code_challenge={challenge}&code_challenge_method=S256")[1]["Location"].split("code=")[1]
        exchange = lambda code, verifier: sandbox.grant(grant_type="authorization_code", code=code, client_id="sandbox-client", redirect_uri="http://localhost", code_verifier=verifier)
        self.assertEqual(exchange(ask(), "wrong")[0], 400)
        code = ask()
        status, answer = exchange(code, "verifier")
        self.assertEqual(status, 200, answer)
        self.assertEqual(exchange(code, "verifier")[0], 400, "a code is good once")
        status, again = sandbox.grant(grant_type="refresh_token", refresh_token=answer["refresh_token"], client_id="sandbox-client", client_secret="sandbox-secret")
        self.assertEqual(status, 200, again)

    # Calls at the same time --------------------------------------------------------------------------------------------------

    def children_in_parallel(self, *options, parents=1):
        sandbox = self.sandbox(*options).sign_in()
        accounts = [sandbox.create("Account", Name=f"parent {n}") for n in range(parents)]
        def one(n):
            body = {"records": [{"attributes": {"type": "Contact"}, "LastName": f"c{n}", "AccountId": accounts[n % parents]}]}
            return sandbox.call("POST", f"{ROOT}/composite/sobjects", body)[1][0]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            results = list(pool.map(one, range(8)))
        stats = sandbox.call("GET", "/__sandbox/stats")[1]
        sandbox.end()
        return results, stats

    def test_children_of_one_parent_lock_it(self):
        held = ("--set", "lock_contention=on", "--set", "lock_hold_ms=300")
        results, stats = self.children_in_parallel(*held)
        refused = [r for r in results if not r["success"]]
        self.assertTrue(refused)
        self.assertEqual({r["errors"][0]["statusCode"] for r in refused}, {"UNABLE_TO_LOCK_ROW"})
        self.assertEqual(stats["lock_failures"], len(refused))
        self.assertEqual(stats["records"].get("Contact"), 8 - len(refused))
        self.assertTrue(all(r["success"] for r in self.children_in_parallel(*held, parents=8)[0]), "different parents do not get in each other's way")
        self.assertTrue(all(r["success"] for r in self.children_in_parallel(*held, "--set", "lock_wait_ms=20000")[0]), "who waits long enough gets his turn")
        self.assertTrue(all(r["success"] for r in self.children_in_parallel("--set", "lock_contention=off", "--set", "lock_hold_ms=300")[0]))

    def test_latency_does_not_keep_calls_from_running_side_by_side(self):
        sandbox = self.sandbox("--latency", "200").sign_in()
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            self.assertEqual({r[0] for r in pool.map(lambda _: sandbox.call("GET", f"{ROOT}/limits"), range(10))}, {200})
        self.assertLess(time.monotonic() - start, 1.5)
        self.assertGreater(sandbox.call("GET", "/__sandbox/stats")[1]["most_at_once"], 2)

    def test_too_many_calls_at_once(self):
        sandbox = self.sandbox("--latency", "500", "--concurrent", "2").sign_in()
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            results = list(pool.map(lambda _: sandbox.call("GET", f"{ROOT}/limits"), range(6)))
        refused = [r for r in results if r[0] == 403]
        self.assertTrue(refused)
        self.assertIn("ConcurrentPerOrgLongTxn", refused[0][1][0]["message"])

    # Jobs --------------------------------------------------------------------------------------------------------------------

    def test_a_long_job_is_aborted(self):
        sandbox = self.sandbox("--records-per-second", "2000").sign_in()
        place = sandbox.start_job("insert", "Account", "Name\n" + "".join(f"n{i}\n" for i in range(12_000)))
        while sandbox.call("GET", place)[1].get("numberRecordsProcessed", 0) == 0:
            time.sleep(0.02)
        self.assertEqual(sandbox.call("PATCH", place, {"state": "Aborted"})[0], 200)
        time.sleep(0.5)
        job = sandbox.call("GET", place)[1]
        self.assertEqual(job["state"], "Aborted")
        lines = {name: len(sandbox.raw("GET", f"{place}/{name}")[2].splitlines()) - 1 for name in ("successfulResults", "failedResults", "unprocessedrecords")}
        self.assertEqual(sum(lines.values()), 12_000, lines)
        self.assertGreater(lines["unprocessedrecords"], 0)
        self.assertEqual(sandbox.sql("select count(*) from Account"), [(lines["successfulResults"],)])

    def test_the_pace_of_jobs(self):
        sandbox = self.sandbox("--records-per-second", "4000").sign_in()
        start = time.monotonic()
        sandbox.wait_for(sandbox.start_job("insert", "Account", "Name\n" + "".join(f"n{i}\n" for i in range(8_000))), "JobComplete")
        self.assertGreater(time.monotonic() - start, 1.5)

    def test_a_job_goes_on_when_the_program_was_killed(self):
        sandbox = self.sandbox("--records-per-second", "5000").sign_in()
        rows = 15_000
        place = sandbox.start_job("upsert", "Account", "Legacy_Id__c,Name\n" + "".join(f"k{i},n{i}\n" for i in range(rows)), externalIdFieldName="Legacy_Id__c")
        while sandbox.call("GET", place)[1].get("numberRecordsProcessed", 0) == 0:
            time.sleep(0.02)
        sandbox.end(signal.SIGKILL)
        sandbox = self.sandbox().sign_in()
        job = sandbox.wait_for(place, "JobComplete")
        self.assertEqual((job["numberRecordsProcessed"], job["numberRecordsFailed"]), (rows, 0))
        self.assertEqual(sandbox.sql("select count(*), count(distinct Legacy_Id__c) from Account"), [(rows, rows)])
        self.assertEqual(sandbox.call("GET", "/__sandbox/stats")[1]["doubles"], 0)

    def test_one_batch_is_worked_on_after_another_when_told_so(self):
        # Children of one parent, spread over three batches: side by side they get in each other's way.
        csv = "LastName,Account.Legacy_Id__c\n" + "".join(f"n{i},A-1\n" for i in range(30_000))
        failed = {}
        for parallel in ("1", "4"):
            sandbox = self.sandbox("--set", "lock_contention=on", "--set", f"bulk_parallel={parallel}").sign_in()
            if parallel == "1":
                sandbox.create("Account", Name="a", Legacy_Id__c="A-1")
            failed[parallel] = sandbox.wait_for(sandbox.start_job("insert", "Contact", csv), "JobComplete")["numberRecordsFailed"]
            sandbox.end()
        self.assertEqual(failed["1"], 0)
        self.assertGreater(failed["4"], 0)

    # Time --------------------------------------------------------------------------------------------------------------------

    @staticmethod
    def span(start, end):
        stamp = lambda seconds: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
        return f"?start={stamp(start)}&end={stamp(end)}"

    def test_deleted_and_updated_records(self):
        sandbox = self.sandbox().sign_in()
        kept, gone = sandbox.create("Account", Name="kept"), sandbox.create("Account", Name="gone")
        self.assertEqual(sandbox.call("DELETE", f"{ROOT}/sobjects/Account/{gone}")[0], 204)
        now = time.time()
        sandbox.call("POST", "/__sandbox/clock", {"advance_seconds": 180})
        span = self.span(now - 120, now + 120)
        status, answer = sandbox.call("GET", f"{ROOT}/sobjects/Account/deleted/{span}")
        self.assertEqual(status, 200, answer)
        self.assertEqual([record["id"] for record in answer["deletedRecords"]], [gone])
        self.assertRegex(answer["deletedRecords"][0]["deletedDate"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$")
        self.assertIn("earliestDateAvailable", answer)
        status, answer = sandbox.call("GET", f"{ROOT}/sobjects/Account/updated/{span}")
        self.assertEqual(answer["ids"], [kept])
        # The end of a span is not in it, and seconds do not count.
        before = sandbox.call("GET", f"{ROOT}/sobjects/Account/updated/{self.span(now - 600, now - 61)}")[1]
        self.assertEqual(before["ids"], [])
        self.assertTrue(before["latestDateCovered"].endswith(":00.000+0000"), before)
        again = sandbox.call("GET", f"{ROOT}/sobjects/Account/updated/{self.span(now + 61, now + 180)}")[1]
        self.assertEqual(again["ids"], [])

    def test_the_bin_is_emptied_in_time(self):
        for days, left, status in (("1", 0, 400), ("15", 1, 200)):
            sandbox = self.sandbox("--set", f"recycle_days={days}").sign_in()
            gone = sandbox.create("Account", Name="gone")
            sandbox.call("DELETE", f"{ROOT}/sobjects/Account/{gone}")
            sandbox.end()
            sandbox = self.sandbox("--set", f"recycle_days={days}", "--clock-offset", str(3 * 86400)).sign_in()
            self.assertEqual(sandbox.call("GET", f"{ROOT}/queryAll?q=SELECT+COUNT()+FROM+Account+WHERE+IsDeleted=true")[1]["totalSize"], left)
            self.assertEqual(sandbox.call("GET", f"{ROOT}/sobjects/Account/deleted/{self.span(time.time() - 120, time.time() + 120)}")[0], status)
            sandbox.end()

    # Bodies and ends ---------------------------------------------------------------------------------------------------------

    def test_compressed_bodies(self):
        sandbox = self.sandbox().sign_in()
        body = gzip.compress(json.dumps({"Name": "packed"}).encode())
        status, answer = sandbox.call("POST", f"{ROOT}/sobjects/Account", body, {"Content-Encoding": "gzip", "Content-Type": "application/json"})
        self.assertEqual(status, 201, answer)
        status, headers, answer = sandbox.raw("GET", f"{ROOT}/sobjects/Account/describe", headers={"Accept-Encoding": "gzip"})
        self.assertEqual((status, headers["Content-Encoding"]), (200, "gzip"))
        self.assertEqual(json.loads(gzip.decompress(answer))["name"], "Account")
        status, _, answer = sandbox.raw("POST", f"{ROOT}/sobjects/Account", b"no gzip", {"Content-Encoding": "gzip"})
        self.assertEqual(status, 400, answer)

    def test_a_file_keeps_every_byte(self):
        sandbox = self.sandbox().sign_in()
        content = bytes(range(256)) * 4096 + b"\r\n--not-frontier\r\n"
        body = b"".join((b"--frontier\r\nContent-Disposition: form-data; name=\"entity_content\";\r\nContent-Type: application/json\r\n\r\n", b'{"PathOnClient": "a.bin"}',
                         b"\r\n--frontier\r\nContent-Disposition: form-data; name=\"VersionData\"; filename=\"a.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n", content, b"\r\n--frontier--\r\n"))
        status, answer = sandbox.call("POST", f"{ROOT}/sobjects/ContentVersion", body, {"Content-Type": "multipart/form-data; boundary=frontier"})
        self.assertEqual(status, 201, answer)
        self.assertEqual(sandbox.raw("GET", f"{ROOT}/sobjects/ContentVersion/{answer['id']}/VersionData")[2], content)

    def test_what_was_answered_is_kept_and_the_program_ends_cleanly(self):
        sandbox = self.sandbox().sign_in()
        account = sandbox.create("Account", Name="kept")
        sandbox.end(signal.SIGKILL)
        sandbox = self.sandbox().sign_in()
        self.assertEqual(sandbox.call("GET", f"{ROOT}/sobjects/Account/{account}")[1]["Name"], "kept")
        self.assertEqual(sandbox.end(), 0)

    def test_a_record_of_the_exchange(self):
        file = self.folder / "exchange.jsonl"
        sandbox = self.sandbox("--record", str(file)).sign_in()
        sandbox.create("Account", Name="海港")
        sandbox.end()
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        self.assertEqual([(line["method"], line["status"]) for line in lines], [("POST", 200), ("POST", 201)])
        self.assertEqual(lines[1]["body"], {"Name": "海港"})
        self.assertEqual(lines[1]["answer"]["success"], True)

    def test_metadata_of_ones_own(self):
        file = self.folder / "more.json"
        file.write_text(json.dumps({"objects": [
            {"name": "Account", "fields": [{"name": "Tax_Number__c", "type": "string", "length": 5, "custom": True}],
             "validation_rules": [{"name": "NoFax", "when": "Fax is not null", "message": "Nobody has a fax any more.", "field": "Fax"}]},
            {"name": "Boat__c", "label": "Boat", "prefix": "a00", "fields": [{"name": "Id", "type": "id"}, {"name": "Name", "type": "string", "length": 80}]}]}))
        sandbox = self.sandbox("--metadata", str(file)).sign_in()
        sandbox.create("Boat__c", Name="Godwit")
        sandbox.create("Account", Name="a", Tax_Number__c="12345")
        status, answer = sandbox.call("POST", f"{ROOT}/sobjects/Account", {"Name": "b", "Fax": "1"})
        self.assertEqual((status, answer[0]["errorCode"], answer[0]["message"], answer[0]["fields"]), (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Nobody has a fax any more.", ["Fax"]))
        self.assertEqual(sandbox.sql("select Name, Tax_Number__c from Account"), [("a", "12345")])

    def test_https(self):
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "certificate.pem", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2")
        sandbox = self.sandbox("--certificate", str(self.folder / "certificate.pem"), "--key", str(self.folder / "key.pem"))
        self.assertTrue(sandbox.address.startswith("https://127.0.0.1:"), sandbox.address)
        host = sandbox.address.removeprefix("https://")
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": "sandbox-client", "client_secret": "sandbox-secret"})
        for context, trusted in ((ssl.create_default_context(cafile=self.folder / "certificate.pem"), True), (ssl.create_default_context(), False)):
            connection = http.client.HTTPSConnection(host, context=context, timeout=30)
            try:
                connection.request("POST", "/services/oauth2/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
                answer = connection.getresponse()
                self.assertTrue(trusted)
                self.assertEqual(answer.headers["Server"], "godwit-sandbox-salesforce")
                self.assertEqual(json.loads(answer.read())["instance_url"], f"https://{host}")
            except ssl.SSLCertVerificationError:
                self.assertFalse(trusted)
            finally:
                connection.close()

    def test_command_lines_that_cannot_be_understood(self):
        for line in ([], ["--data"], ["--data", "x.db", "--set", "nothing=1"], ["--data", "x.db", "--set", "trim=perhaps"], ["--data", "x.db", "--fault", "bang"], ["--data", "x.db", "--metadata", "missing.json"],
                     ["--data", "/missing/x.db"], ["--data", "x.db", "--set", "cursor_hours=many"]):
            done = subprocess.run([PROGRAM, *line], cwd=self.folder, capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 2, line)
            self.assertIn("godwit-sandbox-salesforce: ", done.stderr)
        self.assertIn("lock_contention", subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    given, rest = parser.parse_known_args()
    PROGRAM = str(pathlib.Path(given.program).resolve())
    unittest.main(argv=[sys.argv[0], *rest])
