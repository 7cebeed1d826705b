"""A private server with the practice database, for as long as the suite runs: serve.py GODWIT."""

import os
import pathlib
import subprocess
import sys
import time

# The recipe that all tests of this tree share.
sys.path.insert(0, str(pathlib.Path(os.environ["GODWIT_CONTRACT_FOLDER"]).parents[2] / "tests" / "servers"))
import postgres_server  # noqa: E402

OBJECTS = ["customers", "rates", "heap", "customer_names", "visits", "empty_one", "everything"]

with postgres_server.Server() as server:
    server.psql(pathlib.Path("database.sql").read_text(encoding="utf-8"))
    time.sleep(1.5)  # the server's counters, part of the extract's hash, reach other sessions late
    done = subprocess.run([sys.argv[1], "contract", "subject", *[w for o in OBJECTS for w in ("--object", o)], "--write", "everything", "--key", "code",
                           "--points", "100" if os.environ.get("GODWIT_SLOW") else "30"],
                          env={**os.environ, "CONTRACT_URL": server.url()}, check=False)
sys.exit(done.returncode)
