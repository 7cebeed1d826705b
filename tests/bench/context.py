"""What the workloads share: the programs, the data, a place to work, and the rows they give."""
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import gates
import measure

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Context:
    """`rows` is None unless the user named a number; `full` asks for the sizes that take long."""
    godwit: pathlib.Path
    programs: pathlib.Path
    folder: pathlib.Path
    rows: int | None
    rounds: int
    full: bool
    results: list = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.launcher = measure.Launcher(self.programs / "bench_launch")
        self.data = self.folder / "data"
        self.work = self.folder / "work"
        self.data.mkdir(parents=True, exist_ok=True)

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    def dataset(self, kind, rows):
        """The path of a file of customers.py; made when it is not there, made anew when the generator has changed."""
        version = hashlib.sha256((HERE / "customers.py").read_bytes()).hexdigest()[:8]
        path = self.data / f"{kind}-{rows}-{version}.csv"
        if not path.exists():
            for old in self.data.glob(f"{kind}-{rows}-*"):
                old.unlink()
            self.say(f"making {path}")
            part = path.with_suffix(".part")
            subprocess.run([sys.executable, HERE / "customers.py", kind, str(rows), part], check=True)
            os.replace(part, path)
        return path

    def known(self, path, name, compute):
        """compute(path), remembered beside the file: what a data set's gate expects does not change between two benchmarks."""
        memory = path.with_suffix(f".{name}.json")
        if not memory.exists():
            memory.write_text(json.dumps(compute(path)))
        return json.loads(memory.read_text())

    def digest(self, path):
        """The gates.Digest of a data set."""
        return gates.Digest(**self.known(path, "digest", lambda p: dataclasses.asdict(gates.digest(gates.csv_rows(p)))))

    def warm(self, *paths):
        """Reads the files once, so that all contestants find them in memory."""
        for path in paths:
            with open(path, "rb", buffering=0) as file:
                while file.read(1 << 24):
                    pass

    def fresh(self, name):
        """An empty folder below `work`."""
        path = self.work / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def drop(self, name):
        shutil.rmtree(self.work / name, ignore_errors=True)
