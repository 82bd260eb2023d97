"""GeoJSON (RFC 7946) <-> zones; every feature is judged by itself."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely

from geofences.datum import DatumError, known_datum
from geofences.geometry import DEPTH, check_bbox, joined, note_doubts, shapes_of
from geofences.reading import Defaults, Reader, Report, RowError, SourceError
from geofences.zone import Zone, ZoneError

_PLAIN_CRS = ("CRS84", "EPSG::4326", "EPSG:4326")


def read_geojson(data: bytes | str, defaults: Defaults) -> Report:
    """Zones of a FeatureCollection, a Feature or a bare geometry; SourceError when it is none of these."""
    reader = Reader(defaults)
    document = _document(data)
    shift = _reprojection(document, reader)
    for row, feature in enumerate(_features(document, reader)):
        try:
            _read_feature(row, feature, reader, shift)
        except (RowError, ZoneError) as error:
            reader.refuse(row, error)
    return reader.report


def declared_datum(data: bytes | str) -> str | None:
    """What the document itself says: a member `datum`, as `write_geojson` leaves it."""
    document = _document(data)
    return document.get("datum") if isinstance(document.get("datum"), str) else None


def write_geojson(zones: Iterable[Zone]) -> str:
    """A FeatureCollection in WGS-84 that says so, with what is needed to read the same zones again."""
    features = [_feature(zone) for zone in zones]
    return json.dumps(
        {"type": "FeatureCollection", "datum": "wgs84", "features": features}, ensure_ascii=False, allow_nan=False
    )


def _feature(zone: Zone) -> dict[str, Any]:
    properties = {
        "name": zone.name,
        "category": zone.category,
        "standoff_m": zone.standoff_m,
        "warning_m": zone.warning_m,
        "version": zone.version,
        "valid_from": zone.valid_from,
        "valid_to": zone.valid_to,
        "source": zone.source,
        "source_datum": zone.source_datum,
    }
    geometry = shapely.geometry.mapping(zone.footprint)
    return {"type": "Feature", "id": zone.id, "properties": properties, "geometry": geometry}


def _document(data: bytes | str) -> dict[str, Any]:
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        document = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"This is no JSON ({error}): export it again as GeoJSON.") from error
    if not isinstance(document, dict):
        raise SourceError("This is JSON but no GeoJSON object: export it again as GeoJSON.")
    return document


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _features(document: dict[str, Any], reader: Reader) -> list[Any]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            raise SourceError("The FeatureCollection has no list of features: export it again.")
        return features
    if kind == "Feature":
        return [document]
    if isinstance(kind, str) and (kind in DEPTH or kind == "GeometryCollection"):
        reader.note(None, "type", f"A bare {kind} was read as one feature without properties.")
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise SourceError(f"The type is {kind!r}, which GeoJSON doesn't know: give a FeatureCollection.")


def _read_feature(row: int, feature: Any, reader: Reader, shift: Any) -> None:
    given_id, properties, geometry = _members(feature)
    if geometry is None:
        reader.note(row, "geometry", "The feature has no place; there is nothing to keep clear of.")
        return
    check_bbox(row, feature, reader)
    shapes = joined(list(shapes_of(row, geometry, reader)))
    if not shapes:
        reader.note(row, "geometry", "The collection is empty; there is nothing to keep clear of.")
    if len(shapes) > 1:
        reader.note(row, "geometry", "Points, lines and outlines of one collection became a zone each.")
    for shape in shapes:
        note_doubts(row, shape, reader)
        reader.add(row, shapely.transform(shape, shift) if shift else shape, properties, given_id)


def _members(feature: Any) -> tuple[str | None, Mapping[str, Any], Any]:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise RowError("type", "This is no Feature.", "Wrap each geometry in a Feature.")
    if "geometry" not in feature:
        raise RowError("geometry", "The member is missing.", "Give a geometry, or null for none.")
    properties = feature.get("properties", ...)
    if not (properties is None or isinstance(properties, dict)):
        raise RowError("properties", "They are no object.", "Write {} if there are none.")
    given = feature.get("id")
    if isinstance(given, bool) or not (given is None or isinstance(given, str | int | float)):
        raise RowError("id", "It is neither text nor a number.", "Give each feature a plain id.")
    own = properties or {}
    osm = f"{own['osm_type']}/{own['osm_id']}" if own.get("osm_type") and own.get("osm_id") else None
    return (str(given) if given not in (None, "") else osm), own, feature["geometry"]


def _reprojection(document: Mapping[str, Any], reader: Reader) -> Any:
    """A function to lon, lat for a document in another reference system (GeoJSON of 2008), or None."""
    named = document.get("crs")
    properties = named.get("properties") if isinstance(named, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if named is None or (isinstance(name, str) and name.endswith(_PLAIN_CRS)):
        return None
    from pyproj import CRS, Transformer  # noqa: PLC0415
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    try:
        transformer = Transformer.from_crs(CRS.from_user_input(name), "EPSG:4326", always_xy=True)
    except (CRSError, TypeError) as error:
        raise SourceError(f"The reference system {name!r} is unknown: export it in WGS-84.") from error
    if known_datum(reader.defaults.datum) != "wgs84":
        raise DatumError(f"The file says {name} and the import says {reader.defaults.datum}: only one can be.")
    reader.note(None, "crs", f"Converted from {name} to WGS-84.")
    return lambda at: np.column_stack(transformer.transform(at[:, 0], at[:, 1]))
