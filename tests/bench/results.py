"""The rows that a benchmark gives, as JSON and as a table."""
import dataclasses
import json
import operator
import statistics
import unicodedata

UNITS = {"wall": "s", "cpu": "s", "peak_mb": "MB", "gb_per_s": "GB/s", "bytes_per_row": "B/row", "redone_rows": "rows", "restart_s": "s", "efficiency": "",
         "refused": "", "lock_failures": "", "calls_per_s": "1/s", "rows_per_s": "1/s"}
COMPARE = {"<=": operator.le, ">=": operator.ge}


@dataclasses.dataclass(frozen=True)
class Target:
    """A bound of the value, or of its ratio to the anchor: Target("ratio", "<=", 0.45)."""
    of: str
    sign: str
    bound: float

    def met(self, value, ratio):
        seen = ratio if self.of == "ratio" else value
        return seen is not None and COMPARE[self.sign](seen, self.bound)

    def __str__(self):
        return f"{self.of} {self.sign} {self.bound:g}"


@dataclasses.dataclass(frozen=True)
class Row:
    """One figure. `value`, `least` and `most` are the median, minimum and maximum of the rounds; `ratio` is value / anchor's value."""
    workload: str
    variant: str
    what: str
    value: float
    least: float
    most: float
    unit: str
    anchor: str | None = None
    anchor_value: float | None = None
    ratio: float | None = None
    target: Target | None = None

    def met(self):
        """Whether the target is met; None where there is none."""
        return self.target.met(self.value, self.ratio) if self.target else None

    def to_json(self):
        out = {"workload": self.workload, "what": self.what, "value": round(self.value, 6), "unit": self.unit, "anchor": self.anchor,
               "ratio": None if self.ratio is None else round(self.ratio, 4), "target": str(self.target) if self.target else None,
               "variant": self.variant, "met": self.met(), "min": round(self.least, 6), "max": round(self.most, 6)}
        out["anchor_value"] = None if self.anchor_value is None else round(self.anchor_value, 6)
        return out


def row(workload, variant, what, values, anchor=None, target=None, unit=None):
    """A Row of the values of several rounds. `anchor` is (name, values of its rounds)."""
    middle = statistics.median(values)
    name, beside = (anchor[0], statistics.median(anchor[1])) if anchor else (None, None)
    ratio = middle / beside if beside else None
    return Row(workload, variant, what, middle, min(values), max(values), unit or UNITS[what], name, beside, ratio, target)


def write_json(rows, path):
    """One JSON array, an object per row."""
    with open(path, "w", encoding="utf-8") as out:
        out.write("[\n" + ",\n".join(json.dumps(r.to_json(), ensure_ascii=False) for r in rows) + "\n]\n")


def number(value):
    return "" if value is None else f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def width(text):
    """Columns of a terminal that `text` takes."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(rows):
    """The rows as lines of text."""
    head = ("workload", "variant", "what", "median", "min", "max", "unit", "anchor", "its median", "ratio", "target", "")
    cells = [head]
    for r in rows:
        verdict = {True: "met", False: "MISSED", None: ""}[r.met()]
        cells.append((r.workload, r.variant, r.what, number(r.value), number(r.least), number(r.most), r.unit, r.anchor or "",
                      number(r.anchor_value), number(r.ratio), str(r.target) if r.target else "", verdict))
    widths = [max(width(line[i]) for line in cells) for i in range(len(head))]
    return "\n".join("  ".join(c + " " * (w - width(c)) for c, w in zip(line, widths)).rstrip() for line in cells)
