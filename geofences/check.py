"""Files of points against files of zones, and from datum to datum: what the commands of that name do."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np

from geofences.datum import convert, known_datum
from geofences.index import ZoneIndex
from geofences.report import Problem, RowError, SourceError
from geofences.sources.files import read_zones
from geofences.sources.headings import Columns, coordinate_columns
from geofences.sources.table import table_of
from geofences.sources.table_places import place_of
from geofences.sources.text import csv_records, decoded

_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class PointCheck:
    """A row of points and its nearest zone. A point exactly on the edge is inside: "within 200 m" includes 200 m."""

    row: int
    zone: str | None
    signed_m: float | None
    footprint_m: float | None
    inside: bool

    def as_json(self) -> str:
        """One line, metres in full precision; without any zone the metres are null."""
        return json.dumps(
            {
                "row": self.row,
                "zone": self.zone,
                "signed_m": self.signed_m,
                "footprint_m": self.footprint_m,
                "inside": self.inside,
            },
            ensure_ascii=False,
        )


def check_points(
    zones_path: Path | str,
    points_path: Path | str,
    standoff_m: float | None = None,
    on_problem: Callable[[Problem], None] | None = None,
    *,
    datum: str = "wgs84",
    zones_datum: str | None = None,
) -> Iterator[PointCheck]:
    """For each row of a CSV (columns lon, lat) the zone whose edge is nearest, in input order.

    `datum` is that of the points, `zones_datum` that of a file of zones which states none. `standoff_m` replaces
    the zones' own. A feature that gives no zone goes to `on_problem`;
    without one it stops the check, for a zone that is left out silently would be worse. SourceError names the row
    and column of a point that is none.
    """
    known_datum(datum)
    index = ZoneIndex.build(_zones(zones_path, zones_datum, standoff_m, on_problem or _stop))
    table = table_of(csv_records(decoded(Path(points_path).read_bytes())))
    places = _places(table.rows, coordinate_columns(table.headings, datum))
    begin = 0
    while part := list(islice(places, _ROWS_AT_ONCE)):
        yield from _checked(index, begin, part, datum)
        begin += len(part)


class StoppedError(SourceError):
    """A row that must not be passed over."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.finding)
        self.problem = problem

    def __str__(self) -> str:
        return str(self.problem)


def _stop(problem: Problem) -> None:
    raise StoppedError(problem)


def _zones(
    path: Path | str, datum: str | None, standoff_m: float | None, on_problem: Callable[[Problem], None]
) -> Iterator[Any]:
    report = read_zones(path, datum, rfc7946=True)
    for problem in report.problems:
        on_problem(problem)
    for note in report.notes if on_problem is not _stop else ():
        if note.field == "datum":
            on_problem(note)
    for zone in report.zones:
        yield zone if standoff_m is None else replace(zone, standoff_m=standoff_m)


def _places(rows: Iterable[tuple[int, dict[str, str]]], columns: Columns) -> Iterator[tuple[float, float]]:
    for number, row in rows:
        try:
            yield place_of(row, columns)
        except RowError as error:
            raise StoppedError(Problem(number, error.field, error.finding)) from error


def _checked(index: ZoneIndex, begin: int, places: list[tuple[float, float]], datum: str) -> Iterator[PointCheck]:
    if not len(index):
        yield from (PointCheck(begin + row, None, None, None, inside=False) for row in range(len(places)))
        return
    at = np.array(places)
    lons, lats = convert(at[:, 0], at[:, 1], datum, "wgs84")
    zones, signed = index.nearest_many(lons, lats)
    for row, (which, signed_m) in enumerate(zip(zones.tolist(), signed.tolist(), strict=True), start=begin):
        zone = index.zones[which]
        footprint_m = max(signed_m + zone.standoff_m, 0.0)
        yield PointCheck(row, zone.id, signed_m, footprint_m, inside=signed_m <= 0.0)


def convert_csv(in_stream: IO[bytes], out_stream: IO[str], source: str, target: str) -> int:
    """Copy a CSV with its longitudes and latitudes in another datum, other columns as they are; rows written.

    Degrees are written so that reading them gives the same float again. SourceError names a row that has none.
    """
    known_datum(source)
    known_datum(target)
    table = table_of(csv_records(decoded(in_stream.read())))
    columns = coordinate_columns(table.headings, source)
    writer = csv.DictWriter(out_stream, list(table.headings), lineterminator="\n")
    writer.writeheader()
    places = np.array(list(_places(table.rows, columns))).reshape(-1, 2)
    lons, lats = convert(places[:, 0], places[:, 1], source, target)
    for (_, row), lon, lat in zip(table.rows, lons.tolist(), lats.tolist(), strict=True):
        writer.writerow(row | {columns.lon: repr(lon), columns.lat: repr(lat)})
    return len(table.rows)
