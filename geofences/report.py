"""What came of reading a file of zones: a candidate a row, or the reason why it gives none and how to mend it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from geofences.findings import Finding, FindingError
from geofences.zone import Zone


class SourceError(FindingError):
    """A file of zones that can't be read at all: the finding says why and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row, in which field, and how to mend it.

    Rows count from 1 as an editor shows them: the first feature of a GeoJSON is 1, the headings of a table are 1.
    None means the whole file.
    """

    row: int | None
    field: str
    finding: Finding
    file: str = ""

    def __str__(self) -> str:
        place = "file" if self.row is None else f"row {self.row}"
        of = f"{self.file}, " if self.file else ""
        return f"{of}{place}, {self.field}: {self.finding.reason} {self.finding.mend}".rstrip()

    def as_json(self) -> dict[str, Any]:
        """The members of a report."""
        return {"file": self.file, "row": self.row, "field": self.field, **self.finding.as_json()}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A zone as one row gives it, with what tells whether another row means the same place.

    `source_id` is the row's own id ("" for none), `names` all its names in a form to compare, `stated` the fields
    (`standoff_m`, `warning_m`, `schedule`) that the row itself gives.
    """

    zone: Zone
    row: int
    source_id: str = ""
    names: frozenset[str] = frozenset()
    stated: frozenset[str] = frozenset()


@dataclass(slots=True)
class Report:
    """What came of a reading: a candidate a row, the rows that were refused, and what was repaired or is doubtful."""

    candidates: list[Candidate] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    datum: str = "wgs84"
    rows: int = 0
    passed_over: int = 0
    """Rows that a filter left out."""

    @property
    def zones(self) -> list[Zone]:
        """The zones alone."""
        return [candidate.zone for candidate in self.candidates]


def joined(reports: Mapping[str, Report]) -> Report:
    """The readings of a file's layers, sheets or members, by name, as one; with several, each problem says in which."""
    whole = Report(datum=next((report.datum for report in reports.values()), "wgs84"))
    for name, report in reports.items():
        whole.candidates += report.candidates
        whole.problems += _placed(report.problems, name if len(reports) > 1 else "")
        whole.notes += _placed(report.notes, name if len(reports) > 1 else "")
        whole.rows += report.rows
        whole.passed_over += report.passed_over
    return whole


def _placed(problems: Iterable[Problem], name: str) -> list[Problem]:
    return [replace(each, file=f"{each.file} ({name})") if name else each for each in problems]


class RowError(FindingError):
    """One row can't become a zone, for what stands in one of its fields."""

    def __init__(self, field_: str, finding: Finding) -> None:
        super().__init__(finding)
        self.field = field_
