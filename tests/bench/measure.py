"""Runs programs and says what they cost: wall and processor seconds, and the peak of the resident memory."""
import dataclasses
import os
import pathlib
import statistics
import subprocess
import tempfile


@dataclasses.dataclass(frozen=True)
class Usage:
    """What one run of a program cost. `cpu` is user and system time of all its threads; `peak_mb` is in 2^20 bytes."""
    wall: float
    cpu: float
    peak_mb: float
    output: str


class ProgramFailed(Exception):
    """A measured program ended with a code that its workload did not expect."""


class Launcher:
    """Starts programs through bench_launch (see launch.c) and adds up how busy the rest of the machine was meanwhile.

    One at a time; not for several threads.
    """

    def __init__(self, launch_program):
        self.program = str(launch_program)
        self._others, self._walls = 0.0, 0.0

    def run(self, command, folder=None, stdin=None, codes=(0,)):
        """Runs `command` in `folder` until it ends and gives its Usage; the start of the program is part of the time.

        Raises ProgramFailed with the last lines it printed when its exit code is none of `codes`.
        """
        handle, result = tempfile.mkstemp(prefix="bench-launch-")
        os.close(handle)
        try:
            before = busy_seconds()
            done = subprocess.run([self.program, *map(str, command)], cwd=folder, input=stdin, capture_output=True, text=True,
                                  env=dict(os.environ, LAUNCH_RESULT=result), check=False)
            after = busy_seconds()
            fields = pathlib.Path(result).read_text().split()
        finally:
            os.unlink(result)
        if len(fields) != 5 or int(fields[0]) not in codes:
            printed = (done.stdout + done.stderr).strip().splitlines()[-6:]
            raise ProgramFailed("\n".join([f"{' '.join(map(str, command))}: exit code {fields[0] if fields else done.returncode}", *printed]))
        wall, user, system = map(float, fields[1:4])
        self._others += max(0.0, after - before - user - system)
        self._walls += wall * (os.cpu_count() or 1)
        return Usage(wall, user + system, int(fields[4]) / 1024, done.stdout)

    def others(self):
        """The share of the machine's processors that other programs used while ours were measured, 0 to 1."""
        return min(1.0, self._others / self._walls) if self._walls else 0.0


def busy_seconds():
    """Seconds that the processors of this machine have worked since it started."""
    user, nice, system, _, _, irq, softirq, *_ = map(int, pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def in_turn(contestants, rounds):
    """Runs each of `contestants` (name -> function that gives a Usage or another value) `rounds` times, A B C A B C ...,
    so that a machine that slows down slows them all. Gives name -> list of values."""
    out = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            out[name].append(run())
    return out


def series(usages, what):
    """The member `what` of each Usage."""
    return [getattr(u, what) for u in usages]


def median(values):
    return statistics.median(values)
