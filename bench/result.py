"""One line of the table: what was to be reached, what was measured, and how the two compare."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """`goal` and `measured` in `unit`; `at_most`: less is better. `ratio` is above 1 when the goal is passed."""

    what: str
    goal: float
    measured: float
    unit: str
    at_most: bool = False

    @property
    def ratio(self) -> float:
        """How many times better than the goal."""
        if not self.measured:
            return 0.0
        return self.goal / self.measured if self.at_most else self.measured / self.goal

    @property
    def reached(self) -> bool:
        """Whether the goal is met."""
        return self.measured <= self.goal if self.at_most else self.measured >= self.goal


@dataclass(frozen=True, slots=True)
class Note:
    """A figure beside the goals: what it was compared with, or what it consists of."""

    what: str
    measured: str


Line = Result | Note


def number(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(lines: Iterable[Line]) -> str:
    """A Markdown table, which is also read well as plain text."""
    cells = [("what", "to reach", "measured", "ratio", "reached")]
    for line in lines:
        if isinstance(line, Note):
            cells.append((f"- {line.what}", "", line.measured, "", ""))
            continue
        sign = "<=" if line.at_most else ">="
        goal, measured = f"{sign} {number(line.goal)} {line.unit}", f"{number(line.measured)} {line.unit}"
        cells.append((line.what, goal, measured, f"{line.ratio:.2f}", "yes" if line.reached else "NO"))
    widths = [max(len(row[column]) for row in cells) for column in range(5)]
    rows = [line_of(row, widths) for row in cells]
    rows.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(rows)


def line_of(row: Iterable[str], widths: Iterable[int]) -> str:
    """One row, padded."""
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
