"""`godwit sandbox` by its front door: it lists what stands beside it, and hands the line on to the one that is named."""

import argparse
import http.client
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

GODWIT = None


class Command(unittest.TestCase):
    def godwit(self, *arguments):
        return subprocess.run([GODWIT, *arguments], capture_output=True, text=True, timeout=60)

    def test_what_there_is(self):
        done = self.godwit("sandbox", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        known = json.loads(done.stdout)
        beside = sorted(p.name.removeprefix("godwit-sandbox-") for p in pathlib.Path(GODWIT).parent.glob("godwit-sandbox-*"))
        self.assertLessEqual(set(beside), {one["vendor"] for one in known})
        unknown = self.godwit("sandbox", "nobody", "--data", "x.db")
        self.assertEqual(unknown.returncode, 2)
        for part in ("GW-2370", "nobody", *beside):
            self.assertIn(part, unknown.stderr)
        self.assertIn("没有", self.godwit("--lang", "zh-CN", "sandbox", "nobody").stderr)

    def test_the_line_is_handed_on_and_the_pid_stays(self):
        for one in json.loads(self.godwit("sandbox", "--json").stdout):
            with self.subTest(one["vendor"]), tempfile.TemporaryDirectory() as folder:
                process = subprocess.Popen([GODWIT, "sandbox", one["vendor"], "--data", f"{folder}/x.db", "--record", f"{folder}/x.jsonl"], stdout=subprocess.PIPE, text=True)
                try:
                    line = process.stdout.readline()
                    self.assertTrue(line.startswith("listening on http://127.0.0.1:"), line)
                    connection = http.client.HTTPConnection(line.split("http://")[1].strip(), timeout=30)
                    connection.request("GET", "/__sandbox/stats")
                    answer = connection.getresponse()
                    self.assertEqual(answer.headers["Server"], f"godwit-sandbox-{one['vendor']}")
                    self.assertEqual(json.loads(answer.read())["calls"], 0)
                    connection.close()
                finally:
                    process.send_signal(signal.SIGTERM)
                    self.assertEqual(process.wait(timeout=30), 0)
                    process.stdout.close()
        self.assertNotEqual(self.godwit("sandbox", "--no-such-option").returncode, 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    given, rest = parser.parse_known_args()
    GODWIT = str(pathlib.Path(given.godwit).resolve())
    unittest.main(argv=[sys.argv[0], *rest])
