"""startup: how long the program takes to say its version, and to check a small project with every connector that is there."""
import customers
import measure
import migration
import results

TITLE = "godwit --version and godwit check of a small project"
ROUNDS = 21
TARGET = results.Target("value", "<=", 50)


def run(context):
    folder = context.fresh("startup")
    source = context.dataset("customers", 100)
    migration.make_project(folder, {"customers": source}, {"accounts": migration.KEYED_ACCOUNTS},
                           [migration.table_sql("accounts", customers.COLUMNS, migration.KEYED)])
    commands = {"--version": [context.godwit, "--version"], "check": [context.godwit, "check", "-q"]}
    timed = measure.in_turn({name: lambda c=command: context.launcher.run(c, folder=folder) for name, command in commands.items()}, ROUNDS)
    for name, usages in timed.items():
        for what in ("wall", "cpu"):
            milliseconds = [1000 * seconds for seconds in measure.series(usages, what)]
            context.results.append(results.row("startup", name, what, milliseconds, target=TARGET if what == "wall" else None, unit="ms"))
    context.drop("startup")
