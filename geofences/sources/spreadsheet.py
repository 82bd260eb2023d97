"""Excel workbooks (.xlsx, .xlsm) as rows of text; every sheet that names a place counts."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from geofences.codes import Code
from geofences.report import SourceError
from geofences.sources.archives import check_archive
from geofences.sources.table import has_headings
from geofences.sources.text import Record

_MAX_ROWS = 1_048_576
_ODD = (AttributeError, EOFError, LookupError, RuntimeError, SyntaxError, TypeError, ValueError, OSError, zlib.error)
"""What openpyxl fails with at a workbook that it doesn't foresee, such as a chart sheet without its drawing."""


def sheets_of(path: Path) -> dict[str, list[Record]]:
    """The rows of a workbook's sheets of places, numbered as Excel does, by name; SourceError when it can't be read.

    Sheets that name no place (a cover, a legend) are left out, unless there are no others.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive)
        book = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, *_ODD) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(Code.WORKBOOK_UNREADABLE(file=path.name, cause=error)) from error
    try:
        sheets = {sheet.title: list(_records(sheet)) for sheet in book.worksheets}
    except (zipfile.BadZipFile, *_ODD) as error:
        raise SourceError(Code.WORKBOOK_UNREADABLE(file=path.name, cause=error)) from error
    finally:
        book.close()
    if not sheets:
        raise SourceError(Code.WORKBOOK_EMPTY(file=path.name))
    places = {name: sheet for name, sheet in sheets.items() if has_headings(sheet)}
    return places or dict(list(sheets.items())[:1])


def _records(sheet: Any) -> Iterator[Record]:
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_row=_MAX_ROWS), start=1):
        yield number, [_text(cell) for cell in cells]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
