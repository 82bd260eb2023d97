"""Bytes of tables and JSON -> text -> rows of cells, in whatever encoding and with whatever separator."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

from geofences.codes import Code
from geofences.findings import Finding
from geofences.report import SourceError
from geofences.sources.headings import names_a_place

Cells = list[str]
Record = tuple[int, Cells]
"""A row as an editor counts it, from 1, and its cells."""

TITLE_ROWS = 10
_ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")
_SEPARATORS = (",", ";", "\t", "|", "，")
_HEAD_BYTES = 400
csv.field_size_limit(64 << 20)  # an outline with many corners is one cell


def encoding_of(data: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16, GB18030 (and GBK), else Windows' Western one; SourceError for none."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    head = data[:_HEAD_BYTES]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if zeros.count(0) > len(zeros) // 4 and zeros.count(0) > 0.8 * head.count(0):  # Latin letters and signs
            return encoding
    for encoding in _ENCODINGS:
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise SourceError(Code.UNKNOWN_ENCODING())


def decoded(data: bytes) -> str:
    """The text of a file."""
    return data.decode(encoding_of(data), errors="replace")


def encoding_note(data: bytes) -> Finding | None:
    """What to tell whoever sent a table that is not in a Unicode encoding; None for one that is."""
    encoding = encoding_of(data)
    return None if encoding.startswith("utf") else Code.NOT_UTF8(encoding=encoding.upper())


def csv_records(text: str) -> Iterator[Record]:
    """The rows of a CSV with any usual separator, numbered from 1; a quote that never ends spoils its line alone."""
    separator = _separator(text)
    try:
        yield from enumerate(list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)), start=1)
    except csv.Error:
        for number, line in enumerate(text.splitlines(), start=1):
            yield number, next(csv.reader([line], delimiter=separator), [])


def _separator(text: str) -> str:
    """The one that makes headings of one of the first lines, else the one that the first line has most of."""
    lines = list(islice((line for line in io.StringIO(text, newline=None) if line.strip()), TITLE_ROWS))
    if lines and lines[0].lower().startswith("sep=") and lines[0][4:5] in _SEPARATORS:
        return lines[0][4]
    for line in lines:
        for separator in sorted(_SEPARATORS, key=line.count, reverse=True):
            if names_a_place(next(csv.reader([line], delimiter=separator), [])):
                return separator
    return max(_SEPARATORS, key=lines[0].count) if lines else _SEPARATORS[0]
