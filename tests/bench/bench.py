#!/usr/bin/env python3
"""Measures Godwit's speed and memory beside anchors, on the same files, in turn. Usually started by ./bench, which builds first."""
import argparse
import pathlib
import shutil
import sys

import context as shared
import gates
import measure
import results
import startup
import w1
import w3
import w4
import w6
import w7
import w8
import w9
import wide

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WORKLOADS = {"W1": w1, "W3": w3, "W4": w4, "W6": w6, "W7": w7, "W8": w8, "W9": w9, "wide": wide, "startup": startup}
NOT_BUILT = {
    "W2a": "clean, map, validate, load into PostgreSQL: needs the contact function packs",
    "W2a-upsert": "W2a with half of the keys there: needs what W2a needs",
    "W2b": "W2a again over the loaded target: needs what W2a needs",
    "W2b-upd": "W2b with a tenth of the rows changed: needs what W2a needs",
    "W5": "finding doubles: needs the match step",
}


def parse_arguments(arguments):
    listing = "\n".join([f"  {name:<11} {module.TITLE}" for name, module in WORKLOADS.items()] + ["not built yet:"] +
                        [f"  {name:<11} {why}" for name, why in NOT_BUILT.items()])
    parser = argparse.ArgumentParser(
        prog="./bench", description="Measures Godwit's speed and memory beside anchors, on the same files, in turn.", epilog=f"workloads:\n{listing}\n\n"
        "Exit codes: 0 all gates passed (a missed target is printed, and is no failure); 1 a result was wrong or a program failed; 2 usage.",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="W3,W9", help="only these workloads")
    parser.add_argument("--rows", type=int, metavar="N", help="rows of the data (W7: N and 3 N); otherwise as each workload says, mostly 1,000,000")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="runs of each contestant, in turn (default 5)")
    parser.add_argument("--full", action="store_true", help="W7 also at 10 million rows: about 5 GB of disk and some minutes")
    parser.add_argument("--json", metavar="FILE", help="write the rows as JSON too; - for standard output, and the table goes to standard error")
    parser.add_argument("--list", action="store_true", help="print what would be measured, and stop")
    parser.add_argument("--godwit", type=pathlib.Path, default=ROOT / "build/release/bin/godwit", metavar="FILE", help="the program to measure")
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / "build/release/bench", metavar="DIR", help="where the anchors' programs are")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/bench", metavar="DIR", help="where data is kept and work is done")
    given = parser.parse_args(arguments)
    if given.rows is not None and not 1 <= given.rows <= 33_000_000:
        parser.error("--rows takes a number from 1 to 33000000")
    if given.rounds < 1:
        parser.error("--rounds takes a number from 1 on")
    given.only = choose(parser, given.only)
    return given


def choose(parser, text):
    """The workloads named by --only, in the order of WORKLOADS; all without it. Ends the program when one is not there."""
    if text is None:
        return list(WORKLOADS)
    spelled = {name.lower(): name for name in [*WORKLOADS, *NOT_BUILT]}
    chosen = []
    for word in text.split(","):
        name = spelled.get(word.strip().lower())
        if name is None:
            parser.error(f"there is no workload {word.strip()!r}; there are {', '.join(WORKLOADS)}")
        if name in NOT_BUILT:
            parser.error(f"{name} is not built yet ({NOT_BUILT[name]}); there are {', '.join(WORKLOADS)}")
        chosen.append(name)
    return [name for name in WORKLOADS if name in chosen]


def main(arguments):
    given = parse_arguments(arguments)
    if given.list:
        for name in given.only:
            print(f"{name:<11} {WORKLOADS[name].TITLE}")
        return 0
    context = shared.Context(godwit=given.godwit.resolve(), programs=given.programs.resolve(), folder=given.folder.resolve(), rows=given.rows,
                             rounds=given.rounds, full=given.full)
    failures = []
    for name in given.only:
        context.say(f"{name}: {WORKLOADS[name].TITLE}")
        before = len(context.results)
        try:
            WORKLOADS[name].run(context)
        except (gates.GateFailed, measure.ProgramFailed) as failure:
            del context.results[before:]  # wrong results have no speed
            failures.append(f"{name} FAILED: {failure}")
            context.say(failures[-1])
    shutil.rmtree(context.work, ignore_errors=True)
    out = sys.stderr if given.json == "-" else sys.stdout
    print(results.table(context.results), file=out)
    print(f"\nOther programs used {100 * context.launcher.others():.0f} % of this machine's processors meanwhile.", file=out)
    for failure in failures:
        print(failure, file=out)
    if given.json:
        results.write_json(context.results, "/dev/stdout" if given.json == "-" else given.json)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
