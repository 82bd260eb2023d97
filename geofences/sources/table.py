"""Tables (CSV, TSV, Excel) -> zones and places: English or Chinese headings, titles above them."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import shapely

from geofences.codes import Code
from geofences.report import Report, RowError, SourceError
from geofences.sources.geometry import add_shapes, plain_shapes
from geofences.sources.headings import names_a_place, pair_column
from geofences.sources.reading import Defaults, Reader
from geofences.sources.table_places import Row, shapes_from
from geofences.sources.text import TITLE_ROWS, Cells, Record

_ROWS_TRIED = 100


@dataclass(frozen=True, slots=True)
class Table:
    """The headings of a table and its rows that are not blank, each with its number in an editor."""

    headings: tuple[str, ...]
    rows: list[tuple[int, dict[str, str]]]


def table_of(records: Iterable[Record]) -> Table:
    """Find the headings (titles may stand above them) and pair every row with them; SourceError when there are none."""
    headings: tuple[str, ...] = ()
    titles: list[Cells] = []
    rows: list[tuple[int, dict[str, str]]] = []
    for number, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if headings:
            rows.append((number, _paired(headings, cells)))
        elif names_a_place(cells) or len(titles) == TITLE_ROWS:
            headings = _headings(cells, titles[-1] if titles else [])
        else:
            titles.append(cells)
    if not headings and not titles:
        raise SourceError(Code.TABLE_EMPTY())
    return Table(headings or tuple(cell.strip() for cell in titles[0]), rows)


def _headings(cells: Cells, above: Cells) -> tuple[str, ...]:
    """The cells of the heading row; where it is blank, for a heading reaches over two rows, the cell above."""
    if sum(bool(cell.strip()) for cell in above) < 2:  # noqa: PLR2004  a title, not headings
        above = []
    width = max(len(cells), len(above))
    lower, upper = (row + [""] * (width - len(row)) for row in (cells, above))
    return tuple(own.strip() or over.strip() for own, over in zip(lower, upper, strict=True))


def _paired(headings: tuple[str, ...], cells: Cells) -> dict[str, str]:
    """Cells by heading; of equal headings the first counts, and a pair without quotes is one cell again."""
    if len(cells) > len(headings) and pair_column(headings[-1:]):
        cells = [*cells[: len(headings) - 1], ",".join(cells[len(headings) - 1 :])]
    padded = cells + [""] * (len(headings) - len(cells))
    return dict(reversed([*zip(headings, padded, strict=False)]))


def has_headings(records: Iterable[Record]) -> bool:
    """Whether one of the first rows names columns for a place."""
    return any(names_a_place(cells) for _, cells in islice(records, TITLE_ROWS))


def read_table(table: Table, defaults: Defaults) -> Report:
    """A zone a row; SourceError when the table has no columns for a place."""
    reader = Reader(defaults)
    shape_of = shapes_from(table.headings, defaults.datum, geographic=reader.geographic)
    if not reader.geographic and _north_first(table, shape_of, reader):
        reader.note(None, "geometry", Code.NORTH_FIRST(datum=defaults.datum))
        shape_of = _turned(shape_of)
    reader.report.rows = len(table.rows)
    for number, row in defaults.progress(table.rows):
        with reader.judging(number):
            if reader.wanted(row):
                add_shapes(number, plain_shapes(number, shape_of(row), reader), reader, row, None)
    return reader.report


def _north_first(table: Table, shape_of: Callable[[Row], Any], reader: Reader) -> bool:
    """Whether X is north and Y is east, as Chinese surveyors write: only so do the first rows lie on the grid."""
    shapes = []
    for _, row in table.rows[:_ROWS_TRIED]:
        with suppress(RowError):
            shapes.append(shape_of(row))
    at = shapely.get_coordinates(shapes)
    return not reader.possible(at) and reader.possible(at[:, ::-1])


def _turned(shape_of: Callable[[Row], Any]) -> Callable[[Row], Any]:
    return lambda row: shapely.transform(shape_of(row), lambda at: at[:, ::-1])
