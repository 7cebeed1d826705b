"""Rows without a key, into a target that keeps no ledger, killed on their way: nobody can know whether they arrived. They are counted in doubt, named
one by one, never sent again, and the run does not end as a success; every other row is there exactly once.
"""

import argparse
import collections
import csv
import pathlib
import sys
import tempfile

import faults
import lab
import scenarios
import targets
from wrong import Wrong


class AppendInDoubt(scenarios.Append):
    """Killed at a call, so that what is counted depends on the instant."""

    def prepare(self, lab):
        super().prepare(lab)
        lab.target.sql(lab.work, "grant select, insert on entries to loader")

    def judge_after(self, here, place):
        columns = "read, created, set_aside, in_doubt, warned"
        read, created, set_aside, in_doubt, warned = map(int, here.journal(f"select {columns} from flow_run where flow = 'entries'")[0])
        named = {row[0] for row in here.journal("select source_key from warning where number = 1433")}
        held = [row[0] for row in here.target.sql(here.work, "select code from entries")]
        with open(here.work / "extract" / "contacts.csv", encoding="utf-8", newline="") as file:
            extract = [r["contact_no"] for r in csv.DictReader(file)]
        if read != len(extract) or created + set_aside + in_doubt != read:
            raise Wrong(f"{place}: {read} rows read, {created} created, {set_aside} set aside, {in_doubt} in doubt of {len(extract)}")
        if collections.Counter(held) - collections.Counter(extract):
            raise Wrong(f"{place}: rows in doubt were sent again")
        if warned < in_doubt or len(named) != in_doubt:
            raise Wrong(f"{place}: {in_doubt} rows in doubt, {len(named)} of them named")
        if not created <= len(held) <= created + in_doubt:
            raise Wrong(f"{place}: the table holds {len(held)} rows, {created} are counted as created and {in_doubt} in doubt")
        return in_doubt


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--points", type=int, default=6)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="godwit-doubt-") as folder, targets.open_target("postgres_by_key", args.library, pathlib.Path(folder)) as target:
        scenario = AppendInDoubt()
        here = lab.Lab(args.godwit, args.library, pathlib.Path(folder) / "append", target, scenario, 40)
        kind = next(k for k in faults.kinds_for(target) if k.name == "killed at a target call")
        instants = kind.instants(here)
        doubtful = 0
        for n in range(args.points):
            point = 1 + n * (instants - 1) // max(1, args.points - 1)
            place = f"killed at call {point} of {instants}"
            here.fresh()
            here.harmed(FAULT_AT=point, FAULT_HOW="kill", **kind.watched)
            if here.is_finished():
                continue
            done = here.program(*here.command(), expect=(0, 1))
            found = scenario.judge_after(here, place)
            doubtful += found
            if (done.returncode == 1) != (found > 0):
                raise Wrong(f"{place}: {found} rows in doubt, and the run ended with {done.returncode}")
        if doubtful == 0:
            raise Wrong(f"no row was ever in doubt: none of {args.points} kills met a unit on its way")
        print(f"{args.points} kills at calls of the target, {doubtful} rows in doubt in all")


if __name__ == "__main__":
    try:
        main()
    except Wrong as wrong:
        sys.exit(str(wrong))
