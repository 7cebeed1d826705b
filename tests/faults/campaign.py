"""A run that is harmed at any instant and resumed ends as if nothing had happened.

The harm: SIGKILL at each write to the journal and at each call of the target, also in the middle of a write, during a resume and twice in a
row, or at any time; files and connections that fail; full disks; a server that restarts; clocks that jump. After each the run is
started again until it is finished. Target, books, rows set aside, merged rows, failed references, totals and crosswalk must then
equal those of a run that was left alone, and those must equal what the extract says (expected.py). Every trial is numbered by a seed;
--slow visits every instant.
"""

import argparse
import collections
import os
import pathlib
import random
import sys
import tempfile
import time

import crm_targets
import faults
import lab
import scenarios
import targets
from wrong import Wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--godwit", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--target", required=True, choices=["sqlite", "postgres", "postgres_by_key", *crm_targets.ALL])
    parser.add_argument("--programs", help="folder of the sandboxes' programs; that of godwit unless told")
    parser.add_argument("--points", type=int, default=100, help="trials in all; 0: every instant of every scenario")
    parser.add_argument("--unit-rows", type=int, default=40, help="rows of a unit; fewer make more instants")
    parser.add_argument("--seed", type=int, default=int(time.strftime("%j")), help="what is tried; the day of the year unless told")
    parser.add_argument("--only", help="one scenario")
    parser.add_argument("--fault", help="one kind of harm")
    args = parser.parse_args()
    if os.environ.get("GODWIT_SLOW"):
        args.points = 0
    rng = random.Random(f"{args.seed} {args.target}")  # not the same choice for every target
    tried, ended = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory(prefix="godwit-faults-") as folder, targets.open_target(args.target, args.library, pathlib.Path(folder), args.programs or pathlib.Path(args.godwit).parent) as target:
        chosen = [s for s in scenarios.ALL if args.only in (None, s.name) and (target.keyless or s.name != "append")]
        for share, scenario in faults.shares(rng, args.points, chosen):
            here = lab.Lab(args.godwit, args.library, pathlib.Path(folder) / scenario.name, target, scenario, args.unit_rows)
            kinds = [k for k in faults.kinds_for(target) if args.fault in (None, k.name)]
            for kind, point in faults.choose(rng, here, kinds, share):
                place = f"{target.name}, {scenario.name}, {kind.name} at {point} (--seed {args.seed})"
                try:
                    kind.harm(here, point, place)
                    here.compare(place)
                except Wrong as wrong:
                    sys.exit(f"{wrong}" if place in str(wrong) else f"{place}: {wrong}")
                tried[scenario.name, kind.name] += 1
                ended[scenario.name, kind.name] += here.felt
    print(f"{sum(tried.values())} points tried on {args.target} (seed {args.seed}), of which {sum(ended.values())} ended the run:")
    for (scenario, kind), count in sorted(tried.items()):
        print(f"  {scenario:8} {kind:36} {count:5} {ended[scenario, kind]:5}")


if __name__ == "__main__":
    sys.exit(main())
