"""A sandbox with practice records, for as long as the suite runs: serve.py GODWIT."""

import os
import pathlib
import subprocess
import sys
import tempfile

# The recipe that all tests of this tree share.
sys.path.insert(0, str(pathlib.Path(os.environ["GODWIT_CONTRACT_FOLDER"]).parents[2] / "tests" / "servers"))
import sandbox_server  # noqa: E402

PROJECT = """project: practice
connections:
  files: {connector: csv, path: extract/}
  crm:
"""
FLOW = """from: files.assets
to: crm.Accounts
key: {Ext_Id: no}
map: {Account_Name: name, Phone: tel, Annual_Revenue: number(revenue), Legacy_Created__c: "timestamp_tz(founded || 'T08:00:00Z')", Tags__c: {const: "Key;VIP"}}
"""


def practice(godwit, folder, environment):
    """Some hundred accounts, written by the connector itself: several pages of them, Chinese and empty values among them."""
    (folder / "flows").mkdir()
    (folder / "extract").mkdir()
    settings = pathlib.Path("godwit.yaml").read_text(encoding="utf-8").split("subject:\n", 1)[1].split("  by_jobs:", 1)[0]
    (folder / "godwit.yaml").write_text(PROJECT + settings, encoding="utf-8")
    (folder / "flows" / "assets.yaml").write_text(FLOW, encoding="utf-8")
    rows = [f"A{n},客户 {n},021-{n},{n}.50,20{n % 90 + 10}-02-03" for n in range(1, 231)]
    (folder / "extract" / "assets.csv").write_text("no,name,tel,revenue,founded\n" + "\n".join(rows) + "\n", encoding="utf-8")
    subprocess.run([godwit, "run", "-q", "--project", str(folder)], env=environment, check=True, stdout=sys.stderr)


with tempfile.TemporaryDirectory(prefix="godwit-contract-") as name:
    folder = pathlib.Path(name)
    (folder / "project").mkdir()
    with sandbox_server.Sandbox(pathlib.Path(sys.argv[1]).parent / "godwit-sandbox-zoho", folder, "--set", "edition=ultimate", "--set", "limit_headers=no",
                                "--set", "row_credits=no", "--set", "bulk_read_page=70", "--daily", "1000000000") as sandbox:
        # One for the whole suite, which opens more connections than a refresh token gives sign-ins.
        environment = {**os.environ, "CONTRACT_URL": sandbox.url, "CONTRACT_TOKEN": sandbox_server.zoho_token(sandbox.url)}
        practice(sys.argv[1], folder / "project", environment)
        # Fields that take nothing but people, records and addresses.
        omitted = ["Owner", "Account_Name", "Reporting_To", "Email", "Secondary_Email", "Phone", "Mobile", "Home_Phone", "Mailing_Country", "Tags__c"]
        done = subprocess.run([sys.argv[1], "contract", "subject", "--object", "Accounts", "--object", "Users", "--write", "Contacts", "--key", "Ext_Id",
                               "--no-empty-text", "--points", "12" if os.environ.get("GODWIT_SLOW") else "10", *[word for field in omitted for word in ("--omit", field)]],
                              env=environment, check=False)
        by_jobs = subprocess.run([sys.argv[1], "contract", "by_jobs", "--object", "Accounts", "--read-only", "--points", "8"], env=environment, check=False)
sys.exit(done.returncode or by_jobs.returncode)
