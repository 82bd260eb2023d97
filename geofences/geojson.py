"""GeoJSON (RFC 7946) <-> zones; every feature is judged by itself."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np
import shapely

from geofences.datum import DatumError, known_datum
from geofences.reading import Defaults, Reader, Report, RowError, SourceError
from geofences.zone import Zone, ZoneError

_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_DECIMALS = 10
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
    text = data.decode("utf-8-sig", errors="strict") if isinstance(data, bytes) else data
    try:
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
    if isinstance(kind, str) and (kind in _DEPTH or kind == "GeometryCollection"):
        reader.note(None, "type", f"A bare {kind} was read as one feature without properties.")
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise SourceError(f"The type is {kind!r}, which GeoJSON doesn't know: give a FeatureCollection.")


def _read_feature(row: int, feature: Any, reader: Reader, shift: Any) -> None:
    given_id, properties, geometry = _members(feature)
    if geometry is None:
        reader.note(row, "geometry", "The feature has no place; there is nothing to keep clear of.")
        return
    _check_bbox(row, feature, reader)
    shapes = _joined(list(_shapes(row, geometry, reader)))
    if not shapes:
        reader.note(row, "geometry", "The collection is empty; there is nothing to keep clear of.")
    if len(shapes) > 1:
        reader.note(row, "geometry", "Points, lines and outlines of one collection became a zone each.")
    for shape in shapes:
        _note_doubts(row, shape, reader)
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


def _shapes(row: int, geometry: Any, reader: Reader) -> Iterator[Any]:
    """The plain shapes of a geometry; a collection is taken apart."""
    if not isinstance(geometry, dict):
        raise RowError("geometry", "It is no object.", "Give a type and coordinates.")
    kind = geometry.get("type")
    _check_bbox(row, geometry, reader)
    if kind == "GeometryCollection":
        members = geometry.get("geometries")
        if not isinstance(members, list):
            raise RowError("geometries", "The list is missing.", "Give the list, or a plain geometry.")
        for member in members:
            yield from _shapes(row, member, reader)
        return
    if not isinstance(kind, str) or kind not in _DEPTH:
        raise RowError("geometry", f"The type {kind!r} is none of GeoJSON's.", "Use Point or Polygon.")
    coordinates = _checked(geometry.get("coordinates"), _DEPTH[kind])
    if kind in ("Polygon", "MultiPolygon"):
        _check_rings([coordinates] if kind == "Polygon" else coordinates)
    _note_positions(row, coordinates, kind, reader)
    yield _plain(kind, coordinates)


def _checked(coordinates: Any, depth: int) -> Any:
    """The coordinates with heights dropped; RowError when they are nested wrongly or are no numbers."""
    if not isinstance(coordinates, list):
        raise RowError("coordinates", "They are missing or no list.", "Nest them as the type demands.")
    if depth:
        return [_checked(each, depth - 1) for each in coordinates]
    if len(coordinates) < 2 or not all(map(_is_number, coordinates)):  # noqa: PLR2004
        raise RowError("coordinates", f"{coordinates!r:.60} is no place.", "Give longitude and latitude.")
    return coordinates


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _check_rings(polygons: list[list[list[list[float]]]]) -> None:
    for ring in (ring for polygon in polygons for ring in polygon):
        if len(ring) < 4 or len({tuple(at[:2]) for at in ring}) < 3:  # noqa: PLR2004
            raise RowError("coordinates", "A ring has fewer than three corners.", "Draw at least a triangle.")
        if ring[0][:2] != ring[-1][:2]:
            raise RowError("coordinates", "A ring is not closed.", "Repeat its first place at its end.")


def _plain(kind: str, coordinates: Any) -> Any:
    if kind == "Point":
        return shapely.Point(coordinates[:2])
    if kind == "MultiPoint":
        return shapely.MultiPoint([at[:2] for at in coordinates])
    if kind == "LineString":
        return _line(coordinates)
    if kind == "MultiLineString":
        return shapely.union_all([_line(line) for line in coordinates])
    polygons = [coordinates] if kind == "Polygon" else coordinates
    outlines = [_outline(rings) for rings in polygons]
    return outlines[0] if len(outlines) == 1 else shapely.MultiPolygon(outlines)


def _line(coordinates: list[list[float]]) -> Any:
    places = [tuple(at[:2]) for at in coordinates]
    if not places:
        raise RowError("coordinates", "A line has no places.", "Give at least two.")
    return shapely.LineString(places) if len(set(places)) > 1 else shapely.Point(places[0])


def _outline(rings: list[list[list[float]]]) -> Any:
    if not rings:
        raise RowError("coordinates", "A polygon has no ring.", "Draw its outline.")
    shell, *holes = ([at[:2] for at in ring] for ring in rings)
    return shapely.Polygon(shell, holes)


def _joined(shapes: list[Any]) -> list[Any]:
    """Shapes of one dimension are one footprint; outlines that overlap are left to the repair."""
    if len(shapes) < 2:  # noqa: PLR2004
        return shapes
    kinds = (shapely.MultiPoint, shapely.MultiLineString, shapely.MultiPolygon)
    parts = shapely.get_parts(np.array(shapes, dtype=object))
    dimension = shapely.get_dimensions(parts)
    groups = [(kind, parts[dimension == number].tolist()) for number, kind in enumerate(kinds)]
    return [kind(group) if len(group) > 1 else group[0] for kind, group in groups if group]


def _note_positions(row: int, coordinates: Any, kind: str, reader: Reader) -> None:
    places = list(_places(coordinates))
    if any(len(place) > 2 for place in places):  # noqa: PLR2004
        reader.note(row, "coordinates", "Heights were dropped: zones have none.")
    if any(len(repr(value).partition(".")[2]) > _DECIMALS for place in places for value in place[:2]):
        reader.note(row, "coordinates", f"More than {_DECIMALS} decimals claim less than a hair's breadth.")
    if any(one[:2] == other[:2] for one, other in pairwise(places)):
        reader.note(row, "coordinates", "A place stands twice in a row; it counts once.")
    if kind.startswith("Multi") and len(coordinates) == 1:
        reader.note(row, "type", f"A {kind} of one part was read as that part.")


def _places(coordinates: Any) -> Iterator[list[float]]:
    if coordinates and not isinstance(coordinates[0], list):
        yield coordinates
        return
    for each in coordinates:
        yield from _places(each)


def _note_doubts(row: int, shape: Any, reader: Reader) -> None:
    west, _, east, _ = shape.bounds if not shape.is_empty else (0.0, 0.0, 0.0, 0.0)
    if east - west > 180.0:  # noqa: PLR2004
        reader.note(row, "geometry", "Its edges take the short way, over the antimeridian.", "Split it if not.")
    polygons = [part for part in shapely.get_parts(shape).tolist() if part.geom_type == "Polygon"]
    if any(part.interiors for part in polygons):
        reader.note(row, "geometry", "The outline has holes; their inside is no footprint.")
    if any(not part.exterior.is_ccw for part in polygons):
        reader.note(row, "geometry", "A ring runs clockwise against RFC 7946; it was read all the same.")


def _check_bbox(row: int, thing: Mapping[str, Any], reader: Reader) -> None:
    box = thing.get("bbox")
    if box is None:
        return
    if not (isinstance(box, list) and len(box) in (4, 6) and all(map(_is_number, box))):
        raise RowError("bbox", "It is no list of 4 or 6 numbers.", "Correct it or leave it out.")
    half = len(box) // 2
    if box[1] > box[half + 1] or max(abs(box[1]), abs(box[half + 1])) > 90.0:  # noqa: PLR2004
        reader.note(row, "bbox", "Its numbers are out of order; it was ignored.")
        return
    geometry = thing.get("geometry", thing)
    places = list(_places(geometry.get("coordinates") or [])) if isinstance(geometry, dict) else []
    if any(len(at) > 1 and _is_number(at[1]) and not box[1] <= at[1] <= box[half + 1] for at in places):
        reader.note(row, "bbox", "It does not hold the geometry; it was ignored.")


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
