"""A practice org in the sandbox, for as long as the suite runs: serve.py GODWIT."""

import os
import pathlib
import subprocess
import sys

# The recipe that all tests of this tree share.
sys.path.insert(0, str(pathlib.Path(os.environ["GODWIT_CONTRACT_FOLDER"]).parents[2] / "tests" / "servers"))
import sandbox_server  # noqa: E402

# Places on a map have more digits than a double; interests are several values in one text, a territory goes with a region and a region with a
# record type: the suite's made-up values do not fit them.
OMIT = ["RecordType.DeveloperName", "BillingLatitude", "BillingLongitude", "ShippingLatitude", "ShippingLongitude", "Interests__c", "Territory__c"]

program = pathlib.Path(sys.argv[1])
with sandbox_server.Sandbox(program.with_name("godwit-sandbox-salesforce"), pathlib.Path.cwd(), "--daily", "10000000") as sandbox:
    arguments = [sys.argv[1], "contract", "subject", "--object", "User", "--object", "Account", "--object", "RecordType", "--write", "Account", "--key", "Legacy_Id__c",
                 "--no-empty-text", "--points", "45" if os.environ.get("GODWIT_SLOW") else "12"]
    done = subprocess.run(arguments + [w for f in OMIT for w in ("--omit", f)], env={**os.environ, "CONTRACT_URL": sandbox.url, "XDG_STATE_HOME": str(pathlib.Path.cwd())}, check=False)
sys.exit(done.returncode)
