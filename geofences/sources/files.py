"""Files of zones: the only input and output of this package. What a file means is decided in what this calls.

Every import says in which datum its coordinates are; one that doesn't is refused, because GCJ-02 taken for WGS-84
moves a 200 m zone by 500 m. A file that states its reference system has said so; plain GeoJSON is WGS-84 by RFC 7946,
which a caller may accept as the declaration.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from geofences.codes import Code
from geofences.crs import Declared, agreed, noted_datum
from geofences.datum import DatumError
from geofences.findings import Finding
from geofences.report import Problem, Report, RowError, SourceError, joined
from geofences.sources.archives import unpacked
from geofences.sources.geojson import parsed, read_geojson, stated_datum, write_geojson
from geofences.sources.headings import coordinate_columns, names_a_place
from geofences.sources.overpass import is_overpass, read_overpass
from geofences.sources.reading import Defaults, doubt_datum
from geofences.sources.table import read_table, table_of
from geofences.sources.text import Record, csv_records, decoded, encoding_note
from geofences.zone import DEFAULT_STANDOFF_M, DEFAULT_WARNING_M

MAX_TEXT_BYTES = 512 << 20
MAX_FILE_BYTES = 8 << 30
_JSON = (".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson", ".jsonl")
_TABLE = (".csv", ".tsv", ".txt")
_TEXT = frozenset({*_JSON, *_TABLE})

_Reader = Callable[[Path, Declared, Defaults, bool], Report]


def read_zones(
    path: Path | str,
    datum: str | None,
    *,
    rfc7946: bool = False,
    standoff_m: float = DEFAULT_STANDOFF_M,
    warning_m: float = DEFAULT_WARNING_M,
    category: str = "other",
) -> Report:
    """Zones of a file of any kind known here, with what was refused and repaired.

    `datum` is wgs84, gcj02, bd09 or EPSG:n. None is refused with a DatumError, unless the file states its own or is
    GeoJSON and `rfc7946` accepts the format's WGS-84. Metres and category are for rows that say nothing. SourceError
    when the file can't be read at all; OSError as usual.
    """
    path = Path(path)
    defaults = Defaults("wgs84", standoff_m, warning_m, category, path.name)
    return read_source(path, Declared(datum), defaults, rfc7946=rfc7946)


def read_source(path: Path, declared: Declared, defaults: Defaults, *, rfc7946: bool = True) -> Report:
    """The same with a filter and progress (`Defaults`) and with how the datum was declared."""
    report = _read(path, declared, defaults, rfc7946)
    doubt_datum(report, report.datum)
    return report


def _read(path: Path, declared: Declared, defaults: Defaults, rfc7946: bool) -> Report:
    if path.is_dir():
        return _read_all(sorted(path.iterdir()), declared, defaults, rfc7946)
    ending = path.suffix.lower()
    reader = _READERS.get(ending)
    if reader is None:
        raise SourceError(Code.UNKNOWN_KIND(file=path.name))
    most = MAX_TEXT_BYTES if ending in _TEXT else MAX_FILE_BYTES
    if path.stat().st_size > most:
        raise SourceError(Code.FILE_TOO_LARGE(file=path.name, mib=most >> 20))
    return reader(path, declared, defaults, rfc7946)


def _read_json(path: Path, declared: Declared, defaults: Defaults, rfc7946: bool) -> Report:
    data = path.read_bytes()
    document = parsed(data)
    if is_overpass(document):
        return read_overpass(document, declared, defaults)
    datum, note = agreed(stated_datum(document), declared, "wgs84" if rfc7946 else None)
    report = _noted(read_geojson(document, replace(defaults, datum=datum)), "datum", note, defaults)
    return _noted(report, "encoding", encoding_note(data), defaults)


def _read_csv(path: Path, declared: Declared, defaults: Defaults, _rfc7946: bool) -> Report:
    data = path.read_bytes()
    report = _read_records(path, csv_records(decoded(data)), declared, defaults)
    return _noted(report, "encoding", encoding_note(data), defaults)


def _read_sheet(path: Path, declared: Declared, defaults: Defaults, _rfc7946: bool) -> Report:
    from geofences.sources.spreadsheet import sheets_of  # noqa: PLC0415  as with layers

    sheets = sheets_of(path)
    return joined({name: _read_records(path, records, declared, defaults) for name, records in sheets.items()})


def _read_records(path: Path, records: Iterable[Record], declared: Declared, defaults: Defaults) -> Report:
    table = table_of(records)
    if not names_a_place(table.headings):
        coordinate_columns(table.headings)  # says which is missing
    datum, _ = agreed(None, declared, None)
    name = noted_datum(path.stem)
    odd = name not in (None, datum.lower())
    note = Code.DATUM_IN_NAME(stated=name, declared=datum) if odd else None
    return _noted(read_table(table, replace(defaults, datum=datum)), "datum", note, defaults)


def _noted(report: Report, field: str, note: Finding | None, defaults: Defaults) -> Report:
    if note:
        report.notes.append(Problem(None, field, note, defaults.source))
    return report


def _read_layers(path: Path, declared: Declared, defaults: Defaults, _rfc7946: bool) -> Report:
    from geofences.sources.layers import read_layers  # noqa: PLC0415  GDAL brings pandas along, which a worker has no use for

    return read_layers(path, declared, defaults)


def _read_osm(path: Path, declared: Declared, defaults: Defaults, _rfc7946: bool) -> Report:
    from geofences.sources.osm import read_extract  # noqa: PLC0415  as with layers

    return read_extract(path, declared, defaults)


def _read_zip(path: Path, declared: Declared, defaults: Defaults, rfc7946: bool) -> Report:
    with unpacked(path) as files:
        return _read_all(files, declared, defaults, rfc7946)


def _read_all(files: list[Path], declared: Declared, defaults: Defaults, rfc7946: bool) -> Report:
    """Every file of zones of a folder; a text that holds none (a read-me, a style) is passed over with a note."""
    usable = [file for file in files if file.suffix.lower() in _READERS and file.suffix.lower() != ".zip"]
    reports, passed_over = dict[str, Report](), list[SourceError]()
    for file in filter(Path.is_file, usable):
        try:
            reports[file.name] = _read(file, declared, defaults, rfc7946)
        except SourceError as error:
            if file.suffix.lower() not in _TEXT:
                raise
            passed_over.append(error)
    if not reports:
        raise passed_over[0] if passed_over else SourceError(Code.NO_FILE_OF_ZONES(file=defaults.source))
    whole = joined(reports)
    for each in passed_over:
        _noted(whole, "file", Code.FILE_PASSED_OVER(cause=each.finding), defaults)
    return whole


_READERS: dict[str, _Reader] = {
    **dict.fromkeys(_JSON, _read_json),
    **dict.fromkeys(_TABLE, _read_csv),
    **dict.fromkeys((".xlsx", ".xlsm"), _read_sheet),
    **dict.fromkeys((".shp", ".gpkg", ".kml", ".fgb"), _read_layers),
    **dict.fromkeys((".pbf", ".osm", ".bz2"), _read_osm),
    **dict.fromkeys((".zip", ".kmz"), _read_zip),
}

__all__ = ["DatumError", "Problem", "Report", "RowError", "SourceError", "read_source", "read_zones", "write_geojson"]
