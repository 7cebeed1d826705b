"""The kinds of harm. Each has a name, counts the instants of a scenario at which it can come, and does it at one of them."""

import contextlib
import random
import time

from wrong import Wrong

JOURNAL = "/killed/.godwit/"
EXTRACT = "/killed/extract/"
MOST = 1000  # instants of one kind and scenario that are ever visited


class Preloaded:
    """Harm that the preloaded library does at one operation of a kind."""

    def __init__(self, name, how, watched, last=1, rare=1):
        self.name, self.how, self.watched, self.last, self.rare = name, how, watched, last, rare

    def instants(self, lab):
        return min(MOST, lab.count(FAULT_HOW=self.how, **self.watched))

    def harm(self, lab, point, place):
        lab.fresh()
        how = "torn" if self.how == "kill" and point % 2 else self.how
        done = lab.harmed(FAULT_AT=point, FAULT_HOW=how, FAULT_LAST=self.last, **self.watched)
        lab.ended(done.returncode, f"{place}\n{done.stdout[-1000:]}\n{done.stderr[-1500:]}")
        lab.resume(place)


class KilledAgain(Preloaded):
    """A kill, a kill of the run that resumes, and another one of that."""

    def harm(self, lab, point, place):
        lab.fresh()
        rng = random.Random(point)
        for at in (point, rng.randint(1, point + 5), rng.randint(1, 40)):
            if lab.is_finished():
                break
            done = lab.harmed(FAULT_AT=at, FAULT_HOW="kill", **self.watched)
            lab.ended(done.returncode, f"{place}\n{done.stderr[-1500:]}")
        lab.resume(place)


class Meanwhile:
    """Harm while a run is going on, at any time. An instant is a thousandth of a run's length."""

    def instants(self, lab):
        return MOST

    def harm(self, lab, point, place):
        lab.fresh()
        process = lab.start()
        time.sleep(point / MOST * lab.length)
        with self.harmed(process):
            out, error = process.communicate(timeout=180)
        lab.ended(process.returncode, f"{place}\n{out[-1000:]}\n{error[-1500:]}")
        lab.resume(place)


class AnyTime(Meanwhile):
    """SIGKILL whenever it comes."""

    name, rare = "killed at any time", 4

    @contextlib.contextmanager
    def harmed(self, process):
        process.kill()
        yield


class ServerRestarts(Meanwhile):
    """The server goes down hard and comes back while the run is going."""

    name, rare = "server restarts", 8

    def __init__(self, target):
        self.target = target

    @contextlib.contextmanager
    def harmed(self, process):
        self.target.restart()
        yield


class ServerDiskFull(Meanwhile):
    """No table of the server can grow from an instant on, until the run has ended."""

    name, rare = "server's disk full", 8

    def __init__(self, target):
        self.target = target

    def harmed(self, process):
        return self.target.full_disk()


class Clock:
    """The wall clock jumps by a day, forward or back, in the middle of a run that is then killed."""

    name, rare = "clock jumps", 8

    def instants(self, lab):
        return 40

    def harm(self, lab, point, place):
        lab.fresh()
        jump = 86400 if point % 2 else -86400
        done = lab.harmed(CLOCK_AT=point, CLOCK_JUMP=jump, FAULT_MATCH=JOURNAL, FAULT_AT=point * 3 if point % 4 < 2 else 0, FAULT_HOW="kill")
        lab.ended(done.returncode, f"{place}\n{done.stderr[-1500:]}")
        lab.resume(place)


class Cut:
    """A proxy between program and server cuts the connection, before or after bytes were passed on."""

    def __init__(self, target, how):
        self.target, self.how, self.name, self.rare = target, how, f"connection cut {how} the bytes", 2

    def instants(self, lab):
        lab.fresh()
        with self.target.through_proxy():
            lab.harmed()
        return min(MOST, self.target.proxy.moments)

    def harm(self, lab, point, place):
        lab.fresh()
        with self.target.through_proxy(point, self.how):
            done = lab.harmed()
        lab.ended(done.returncode, f"{place}\n{done.stdout[-1000:]}\n{done.stderr[-1500:]}")
        lab.resume(place)


def kinds_for(target):
    calls = {"FAULT_PORT": target.port} if target.port else {"FAULT_MATCH": target.files}
    journal = {"FAULT_MATCH": JOURNAL}
    kinds = [
        Preloaded("killed at a journal write", "kill", journal),
        Preloaded("killed at a target call", "kill", calls),
        KilledAgain("killed again and again, journal", "kill", journal, rare=4),
        KilledAgain("killed again and again, target", "kill", calls, rare=4),
        AnyTime(),
        Preloaded("journal write fails", "eio", journal, rare=4),
        Preloaded("journal's disk full", "enospc", journal, last=0, rare=4),
        Preloaded("extract unreadable", "eio", {"FAULT_MATCH": EXTRACT, "FAULT_READS": 1}, rare=8),
        Clock(),
    ]
    if target.port:
        kinds += [Preloaded("connection lost at a call", "reset", calls, rare=4), Cut(target, "before"), Cut(target, "after"), ServerRestarts(target)]
        if hasattr(target, "full_disk"):
            kinds.append(ServerDiskFull(target))
    else:
        kinds += [Preloaded("target write fails", "eio", calls, rare=4), Preloaded("target's disk full", "enospc", calls, last=0, rare=4)]
    return kinds


def shares(rng, points, chosen):
    """How many of the points each scenario gets: half go to the first; few points go to few of the others. 0: all there are."""
    if points == 0 or len(chosen) == 1:
        return [(points, s) for s in chosen]
    others = rng.sample(chosen[1:], min(len(chosen) - 1, max(1, points // 8)))
    each = max(1, points // 2 // len(others))
    return [(max(1, points - each * len(others)), chosen[0])] + [(each, s) for s in others]


def choose(rng, lab, kinds, share):
    """The trials of one scenario: the kinds by turns, the rare ones less often; with no share, every instant."""
    if share == 0:
        instants = counted(lab, kinds)
        return [(kind, point) for kind in kinds for point in range(1, instants[kind] + 1, 1 if kind.rare == 1 else kind.rare)]
    weights = [1 / kind.rare for kind in kinds]
    # One of each first: a kind that is never tried proves nothing.
    order = (kinds + rng.choices(kinds, weights, k=max(0, share - len(kinds))))[:share] if share >= len(kinds) else rng.sample(kinds, share)
    instants = counted(lab, dict.fromkeys(order))  # only these: each costs a run
    return [(kind, rng.randint(1, instants[kind])) for kind in order]


def counted(lab, kinds):
    """Instants of each kind in an uninterrupted run."""
    instants = {kind: kind.instants(lab) for kind in kinds}
    for kind, count in instants.items():
        if count < 1:
            raise Wrong(f"{lab.scenario.name}: nothing to harm by \"{kind.name}\"")
    return instants
