"""Shapefile, GeoPackage, KML and FlatGeobuf -> zones, read by GDAL through pyogrio; every row is judged by itself.

GDAL opens a file by what is in it, and some of its formats (VRT) fetch other files and addresses. So each file must
begin as its ending promises before GDAL sees it, and XML must declare no entities.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from geofences.codes import Code
from geofences.crs import Declared, Stated, agreed
from geofences.report import Report, RowError, SourceError, joined
from geofences.sources.geometry import add_shapes, plain_shapes
from geofences.sources.reading import Defaults, Reader

_MAGIC = {".gpkg": b"SQLite format 3\0", ".fgb": b"fgb", ".shp": b"\x00\x00\x27\x0a"}
_ENTITIES = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_KML_ROOT = re.compile(r"^\s*(<\?xml[^>]*\?>)?\s*(<!--.*?-->\s*)*<(\w+:)?kml[\s>]", re.DOTALL)
_COORDINATES = re.compile(r"<(?:\w+:)?coordinates[^>]*>([^<]*)<")
_NO_COORDINATE = re.compile(r"(?:^|[\s,])(?![+-]?\.?\d)[^\s,]")
_XML_ENCODING = re.compile(rb"""\s*<\?xml[^>]*encoding=["']([\w.-]+)["']""")
_XML_ENCODINGS = frozenset({"utf-8", "utf-16", "us-ascii", "ascii", "iso-8859-1"})
_SPARE_COLUMNS = frozenset({"timestamp", "begin", "end", "altitudemode", "draworder", "icon", "snippet"})
MAX_ROWS = 2_000_000


def read_layers(path: Path, declared: Declared, defaults: Defaults) -> Report:
    """Zones of all layers of a file that have shapes; SourceError when it can't be read, DatumError without a datum."""
    check_contents(path)
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES", "OGR_GEOJSON_MAX_OBJ_SIZE": "0"})
    with utf8_copy(path) as readable:
        return joined({name: read_layer(readable, name, declared, defaults) for name in layer_names(readable)})


def layer_names(path: Path) -> list[str]:
    """The layers that have shapes; SourceError when there are none."""
    try:
        found = [name for name, kind in pyogrio.list_layers(path) if kind is not None]
    except (DataSourceError, DataLayerError) as error:
        raise SourceError(Code.LAYERS_UNREADABLE(file=path.name, cause=_first_line(error))) from error
    if not found:
        raise SourceError(Code.NO_LAYER(file=path.name))
    return found


def read_layer(
    path: Path, layer: str, declared: Declared, defaults: Defaults, *, stated: Stated | None = None, **options: Any
) -> Report:
    """Zones of one layer; `options` go to `pyogrio.raw.read`."""
    meta, _, shapes, columns = raw_layer(path, layer, options)
    stated = stated or (Stated(meta["crs"], "crs", firm=False) if meta["crs"] else None)
    datum, note = agreed(stated, declared, None)
    reader = Reader(replace(defaults, datum=datum))
    if note:
        reader.note(None, "datum", note)
    reader.report.rows = len(shapes)
    names = [str(name) for name in meta["fields"]]
    words = path.suffix == ".kml" and _words_for_numbers(path)
    for row, wkb in enumerate(defaults.progress(shapes), start=1):
        properties = dict(zip(names, (column[row - 1] for column in columns), strict=True))
        _read_row(row, wkb, plain_properties(properties), reader, kml=path.suffix == ".kml", words=words)
    return reader.report


def _words_for_numbers(kml: Path) -> bool:
    """Whether a KML has coordinates that are no numbers: GDAL reads each of them as 0."""
    text = kml.read_bytes().decode("utf-8", errors="replace")
    return any(_NO_COORDINATE.search(found) for found in _COORDINATES.findall(text))


def raw_layer(path: Path, layer: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], Any, Any, Any]:
    """What pyogrio reads: metadata, ids, shapes as WKB, columns; SourceError when it can't or there is too much."""
    if path.suffix == ".shp" and "encoding" not in options:
        options = {**options, "encoding": encoding_of(path)}
    try:
        count = pyogrio.read_info(path, layer=layer, **options)["features"]
        if count > MAX_ROWS:
            raise SourceError(Code.TOO_MANY_ROWS(file=path.name, rows=count, most=MAX_ROWS))
        return pyogrio.raw.read(path, layer=layer, datetime_as_string=True, **options)  # type: ignore[no-any-return]  # untyped
    except (DataSourceError, DataLayerError, FeatureError, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(Code.LAYER_UNREADABLE(file=path.name, cause=_first_line(error))) from error


def _encoding(options: Mapping[str, Any]) -> dict[str, Any]:
    return {"encoding": options["encoding"]} if "encoding" in options else {}


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].split(";")[0].replace(": export", ".")


def _read_row(
    row: int, wkb: bytes | None, properties: Mapping[str, Any], reader: Reader, *, kml: bool, words: bool
) -> None:
    with reader.judging(row):
        if reader.wanted(properties):
            shape = shape_of(wkb)
            nowhere = kml and shape is not None and shape.bounds == (0.0, 0.0, 0.0, 0.0)  # GDAL's for no numbers
            if nowhere or (words and (shapely.get_coordinates(shape) == 0.0).any()):
                raise RowError("coordinates", Code.NO_NUMBERS())
            add_shapes(row, plain_shapes(row, shape, reader), reader, properties, None)


def shape_of(wkb: bytes | None) -> Any:
    """The shape of a row; RowError when it is none."""
    try:
        return shapely.from_wkb(wkb)
    except (shapely.errors.GEOSException, NotImplementedError, ValueError) as error:
        raise RowError("geometry", Code.GEOMETRY_UNREADABLE(cause=_first_line(error))) from error


def plain_properties(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Values as Python has them, without those that say nothing."""
    given = {name: value.item() if isinstance(value, np.generic) else value for name, value in properties.items()}
    return {
        name: value
        for name, value in given.items()
        if value is not None
        and not (isinstance(value, float) and np.isnan(value))
        and name.lower() not in _SPARE_COLUMNS
    }


@contextmanager
def utf8_copy(path: Path) -> Iterator[Path]:
    """The file itself, or a copy in UTF-8 of a KML in an encoding that GDAL's parser doesn't know (GBK)."""
    declared = _XML_ENCODING.match(path.read_bytes()[:200]) if path.suffix == ".kml" else None
    encoding = declared[1].decode() if declared else "utf-8"
    if encoding.lower() in _XML_ENCODINGS:
        yield path
        return
    with TemporaryDirectory(prefix="keepclear-kml-") as room:
        copy = Path(room) / path.name
        try:
            text = path.read_text(encoding, errors="replace")
        except LookupError as error:
            raise SourceError(Code.UNKNOWN_XML_ENCODING(file=path.name, encoding=encoding)) from error
        copy.write_text(text.replace(encoding, "UTF-8", 1), "utf-8")
        yield copy


def check_contents(path: Path) -> None:
    """SourceError when a file is not what its ending says, or its XML declares entities."""
    with path.open("rb") as file:
        head = file.read(4096)
        magic = _MAGIC.get(path.suffix)
        if magic is not None and not head.startswith(magic):
            raise SourceError(Code.NOT_AS_ENDING(file=path.name, kind=path.suffix[1:]))
        if path.suffix == ".kml":
            _check_xml(path, head + file.read())


def _check_xml(path: Path, data: bytes) -> None:
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="replace")
    if _ENTITIES.search(text):
        raise SourceError(Code.XML_ENTITIES(file=path.name))
    if path.suffix == ".kml" and not _KML_ROOT.match(text):
        raise SourceError(Code.NO_KML(file=path.name))


def encoding_of(shapefile: Path) -> str:
    """The encoding of a shapefile's table: what its .cpg says if that fits the text, else UTF-8, GB18030 or Latin-1."""
    table = shapefile.with_suffix(".dbf")
    page = shapefile.with_suffix(".cpg")
    data = table.read_bytes() if table.exists() else b""
    text = data[int.from_bytes(data[8:10], "little") :].rstrip(b"\x1a")
    said = page.read_bytes().decode("ascii", errors="replace").strip() if page.exists() else ""
    said = f"cp{said}" if said.isdecimal() else said
    for encoding in filter(None, (said, "utf-8", "gb18030")):
        try:
            "".join(cell.decode(encoding) for cell in _cells(data, text))
        except (UnicodeDecodeError, LookupError):
            continue
        return encoding
    return "iso-8859-1"


def _cells(data: bytes, text: bytes) -> Iterator[bytes]:
    """The cells of a dBASE table: fixed widths, which a writer may have cut within a letter."""
    widths = [1, *(data[at + 16] for at in range(32, int.from_bytes(data[8:10], "little") - 1, 32))]
    width = int.from_bytes(data[10:12], "little") or 1
    for begin in range(0, len(text), width):
        at = begin
        for each in widths:
            yield text[at : at + each].rstrip(b" \0")
            at += each
