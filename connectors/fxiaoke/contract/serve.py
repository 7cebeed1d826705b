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
to: crm.AccountObj
key: {legacy_id__c: no}
map: {name: name, tel: tel, annual_revenue: number(revenue), founded__c: date(founded), is_listed__c: "revenue = '1.50'", owner: {const: '1001'}}
"""


def practice(godwit, folder, environment):
    """Some hundred accounts, written by the connector itself: several pages of them, Chinese and empty values among them."""
    (folder / "flows").mkdir()
    (folder / "extract").mkdir()
    settings = pathlib.Path("godwit.yaml").read_text(encoding="utf-8").split("subject:\n", 1)[1]
    (folder / "godwit.yaml").write_text(PROJECT + settings, encoding="utf-8")
    (folder / "flows" / "assets.yaml").write_text(FLOW, encoding="utf-8")
    rows = [f"A{n},客户 {n},021-{n},{n}.50,20{n % 90 + 10}-02-03" for n in range(1, 231)]
    (folder / "extract" / "assets.csv").write_text("no,name,tel,revenue,founded\n" + "\n".join(rows) + "\n", encoding="utf-8")
    subprocess.run([godwit, "run", "-q", "--project", str(folder)], env=environment, check=True, stdout=sys.stderr)


with tempfile.TemporaryDirectory(prefix="godwit-contract-") as name:
    folder = pathlib.Path(name)
    (folder / "project").mkdir()
    with sandbox_server.Sandbox(pathlib.Path(sys.argv[1]).parent / "godwit-sandbox-fxiaoke", folder, "--rate", "10000000", "--per", "20", "--set", "token_calls=100000") as sandbox:
        environment = {**os.environ, "CONTRACT_URL": sandbox.url}
        practice(sys.argv[1], folder / "project", environment)
        # Fields that take nothing but records, people and places of the tenant, and its own kinds of records.
        omitted = ["record_type", "create_time", "owner", "created_by", "account_id", "superior__c", "country", "province", "city", "district", "location", "data_own_department",
                   "relevant_team"]
        done = subprocess.run([sys.argv[1], "contract", "subject", "--object", "AccountObj", "--object", "PersonnelObj", "--write", "ContactObj", "--key", "legacy_id__c",
                               "--no-empty-text", "--points", "30" if os.environ.get("GODWIT_SLOW") else "12", *[word for field in omitted for word in ("--omit", field)]],
                              env=environment, check=False)
sys.exit(done.returncode)
