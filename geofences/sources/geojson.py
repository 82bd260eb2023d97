"""GeoJSON (RFC 7946) <-> zones; every feature is judged by itself."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import shapely

from geofences.codes import Code
from geofences.crs import Stated, known_frame, noted_datum
from geofences.properties import hours, kept
from geofences.report import Report, RowError, SourceError
from geofences.sources.columns import plain_number
from geofences.sources.geometry import DEPTH, add_shapes, check_bbox, shapes_of
from geofences.sources.reading import Defaults, Reader
from geofences.sources.text import decoded
from geofences.zone import Zone

_MOST_DIGITS = 400
_PLAIN_CRS = ("CRS84", "CRS84h", "EPSG::4326", "EPSG:4326")


def read_geojson(document: dict[str, Any], defaults: Defaults) -> Report:
    """Zones of a FeatureCollection, a Feature or a bare geometry; SourceError when it is none of these."""
    reader = Reader(defaults)
    features = _features(document, reader)
    reader.report.rows = len(features)
    for row, feature in enumerate(defaults.progress(features), start=1):
        with reader.judging(row):
            _read_feature(row, feature, reader)
    return reader.report


def stated_datum(document: Mapping[str, Any]) -> Stated | None:
    """What the document says: a member `datum`, a `crs` of GeoJSON 2008, or the words of its note or name.

    SourceError when the words name several, DatumError when its reference system is unknown.
    """
    if isinstance(document.get("datum"), str):
        return Stated(known_frame(document["datum"]), "datum")
    named = document.get("crs")
    if named is not None:
        properties = named.get("properties") if isinstance(named, dict) else None
        name = properties.get("name") if isinstance(properties, dict) else None
        if not isinstance(name, str):
            raise SourceError(Code.UNKNOWN_CRS(name=name))
        return Stated("wgs84" if name.endswith(_PLAIN_CRS) else known_frame(name), "crs", firm=False)
    for member in ("note", "description", "name"):
        text = document.get(member)
        datum = noted_datum(text) if isinstance(text, str) else None
        if datum is not None:
            return Stated(datum, member)
    return None


def write_geojson(zones: Iterable[Zone]) -> str:
    """A FeatureCollection in WGS-84 that says so, with what is needed to read the same zones again."""
    features = [_feature(zone) for zone in zones]
    return json.dumps(
        {"type": "FeatureCollection", "datum": "wgs84", "features": features}, ensure_ascii=False, allow_nan=False
    )


def _feature(zone: Zone) -> dict[str, Any]:
    version = {"version": zone.version, "valid_from": zone.valid_from, "valid_to": zone.valid_to}
    properties = kept(zone) | (hours(zone) if zone.schedule else {}) | version
    geometry = shapely.geometry.mapping(zone.footprint)
    return {"type": "Feature", "id": zone.id, "properties": properties, "geometry": geometry}


def parsed(data: bytes | str) -> dict[str, Any]:
    """A JSON object, or the features of one a line (GeoJSON text sequences); SourceError for anything else."""
    text = decoded(data).removeprefix("\ufeff") if isinstance(data, bytes) else data
    try:
        document = _loaded(text)
    except (ValueError, RecursionError) as error:
        document = _sequence(text)
        if document is None:
            raise SourceError(Code.NO_JSON(cause=error)) from error
    if not isinstance(document, dict):
        raise SourceError(Code.NO_JSON_OBJECT())
    return document


def _loaded(text: str) -> Any:
    """JSON, with NaN and endless numbers as they are: they spoil the row that has them, not the file."""
    return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < _MOST_DIGITS else float(digits))


def _sequence(text: str) -> dict[str, Any] | None:
    """The features of RFC 8142 or of a file with one a line, None for a line that is none; None when it is neither."""
    lines = [line for line in text.replace("\x1e", "\n").splitlines() if line.strip()]
    if len(lines) < 2 or not lines[0].lstrip().startswith("{"):  # noqa: PLR2004
        return None
    features = [_line(line) for line in lines]
    good = sum(isinstance(each, dict) for each in features)
    return {"type": "FeatureCollection", "features": features} if 2 * good >= len(lines) else None


def _line(text: str) -> Any:
    try:
        return _loaded(text)
    except (ValueError, RecursionError):
        return None


def _features(document: dict[str, Any], reader: Reader) -> list[Any]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            raise SourceError(Code.NO_FEATURES())
        return features
    if kind == "Feature":
        return [document]
    if isinstance(kind, str) and (kind in DEPTH or kind == "GeometryCollection"):
        reader.note(None, "type", Code.BARE_GEOMETRY(kind=kind))
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise SourceError(Code.UNKNOWN_TYPE(kind=kind))


def _read_feature(row: int, feature: Any, reader: Reader) -> None:
    given_id, properties, geometry = _members(feature)
    if not reader.wanted(properties):
        return
    if geometry is None:
        reader.note(row, "geometry", Code.NO_PLACE())
        return
    check_bbox(row, feature, reader)
    add_shapes(row, list(shapes_of(row, geometry, reader)), reader, properties, given_id)


def _members(feature: Any) -> tuple[str | None, Mapping[str, Any], Any]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise RowError("type", Code.NO_FEATURE())
    if "geometry" not in feature:
        raise RowError("geometry", Code.NO_GEOMETRY())
    properties = feature.get("properties", ...)
    if not (properties is None or isinstance(properties, dict)):
        raise RowError("properties", Code.NO_PROPERTIES())
    given = feature.get("id")
    if isinstance(given, bool) or not (given is None or isinstance(given, str | int | float)):
        raise RowError("id", Code.BAD_ID())
    return (plain_number(given) if given not in (None, "") else None), properties or {}, feature["geometry"]
