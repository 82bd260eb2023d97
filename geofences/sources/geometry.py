"""Geometry objects of GeoJSON -> shapes, with every doubt noted; RFC 7946 says what each must look like."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from geofences.codes import Code
from geofences.report import RowError
from geofences.sources.reading import Reader

DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_DECIMALS = 10
_ENDLESS = 1e300
MAX_CORNERS = 200_000


def shapes_of(row: int, geometry: Any, reader: Reader) -> Iterator[Any]:
    """The plain shapes of a geometry; a collection is taken apart."""
    if not isinstance(geometry, dict):
        raise RowError("geometry", Code.GEOMETRY_NO_OBJECT())
    kind = geometry.get("type")
    check_bbox(row, geometry, reader)
    if kind == "GeometryCollection":
        members = geometry.get("geometries")
        if not isinstance(members, list):
            raise RowError("geometries", Code.NO_GEOMETRIES())
        for member in members:
            yield from shapes_of(row, member, reader)
        return
    if not isinstance(kind, str) or kind not in DEPTH:
        raise RowError("geometry", Code.UNKNOWN_GEOMETRY(kind=kind))
    coordinates = _checked(geometry.get("coordinates"), DEPTH[kind])
    if kind in ("Polygon", "MultiPolygon"):
        _check_rings([coordinates] if kind == "Polygon" else coordinates)
    _note_positions(row, coordinates, kind, reader)
    yield _plain(kind, coordinates)


def _checked(coordinates: Any, depth: int) -> Any:
    """The coordinates with heights dropped; RowError when they are nested wrongly or are no numbers."""
    if not isinstance(coordinates, list):
        raise RowError("coordinates", Code.NO_COORDINATES())
    if depth:
        return [_checked(each, depth - 1) for each in coordinates]
    if len(coordinates) < 2 or not all(map(_is_number, coordinates[:2])) or not all(map(_is_height, coordinates[2:])):  # noqa: PLR2004
        raise RowError("coordinates", Code.NO_POSITION(text=f"{coordinates!r:.60}"))
    return coordinates


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _ENDLESS


def _is_height(value: Any) -> bool:
    return value is None or isinstance(value, int | float)


def _check_rings(polygons: list[list[list[list[float]]]]) -> None:
    for ring in (ring for polygon in polygons for ring in polygon):
        if len(ring) < 4 or len({tuple(at[:2]) for at in ring}) < 3:  # noqa: PLR2004
            raise RowError("coordinates", Code.RING_TOO_SHORT())
        if ring[0][:2] != ring[-1][:2]:
            raise RowError("coordinates", Code.RING_OPEN())


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
        raise RowError("coordinates", Code.LINE_EMPTY())
    return shapely.LineString(places) if len(set(places)) > 1 else shapely.Point(places[0])


def _outline(rings: list[list[list[float]]]) -> Any:
    if not rings:
        raise RowError("coordinates", Code.POLYGON_EMPTY())
    shell, *holes = ([at[:2] for at in ring] for ring in rings)
    return shapely.Polygon(shell, holes)


def joined(shapes: list[Any]) -> list[Any]:
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
        reader.note(row, "coordinates", Code.HEIGHTS_DROPPED())
    if any(len(repr(value).partition(".")[2]) > _DECIMALS for place in places for value in place[:2]):
        reader.note(row, "coordinates", Code.TOO_MANY_DECIMALS(most=_DECIMALS))
    if any(one[:2] == other[:2] for one, other in pairwise(places)):
        reader.note(row, "coordinates", Code.PLACE_TWICE())
    if kind.startswith("Multi") and len(coordinates) == 1:
        reader.note(row, "type", Code.MULTI_OF_ONE(kind=kind))


def _places(coordinates: Any) -> Iterator[list[float]]:
    if coordinates and not isinstance(coordinates[0], list):
        yield coordinates
        return
    for each in coordinates:
        yield from _places(each)


def add_shapes(
    row: int, shapes: list[Any], reader: Reader, properties: Mapping[str, Any], given_id: str | None
) -> None:
    """Every shape of one row as a zone of its own, those of one dimension together."""
    shapes = joined(shapes)
    if not shapes:
        reader.note(row, "geometry", Code.COLLECTION_EMPTY())
    if len(shapes) > 1:
        reader.note(row, "geometry", Code.COLLECTION_SPLIT())
    for shape in shapes:
        note_doubts(row, shape, reader)
        reader.add(row, shape, properties, given_id)


def plain_shapes(row: int, shape: Any, reader: Reader) -> list[Any]:
    """The plain shapes of one that a library made: flat, not empty, collections taken apart."""
    if shape is None or shape.is_empty:
        raise RowError("geometry", Code.GEOMETRY_EMPTY())
    if shapely.get_num_coordinates(shape) > MAX_CORNERS:
        raise RowError("geometry", Code.TOO_MANY_CORNERS(most=MAX_CORNERS))
    if shape.has_z or shape.has_m:
        if shape.has_z and np.nan_to_num(shapely.get_coordinates(shape, include_z=True)[:, 2]).any():
            reader.note(row, "geometry", Code.HEIGHTS_DROPPED())
        shape = shapely.force_2d(shape)
    if shape.geom_type == "LinearRing":
        return [shapely.Polygon(shape)]
    if shape.geom_type != "GeometryCollection":
        return [shapely.orient_polygons(shape)]  # only RFC 7946 has a rule about it
    parts = (plain_shapes(row, part, reader) for part in shape.geoms if not part.is_empty)
    return [plain for shapes in parts for plain in shapes]


def note_doubts(row: int, shape: Any, reader: Reader) -> None:
    """Note what a reader may take otherwise than the writer meant."""
    if shapely.get_num_coordinates(shape) > MAX_CORNERS:
        raise RowError("geometry", Code.TOO_MANY_CORNERS(most=MAX_CORNERS))
    west, south, east, north = shape.bounds if not shape.is_empty else (0.0, 0.0, 0.0, 0.0)
    if (west, south, east, north) == (0.0, 0.0, 0.0, 0.0):
        reader.note(row, "geometry", Code.AT_ZERO())
    if east - west > 180.0:  # noqa: PLR2004
        reader.note(row, "geometry", Code.OVER_ANTIMERIDIAN())
    polygons = [part for part in shapely.get_parts(shape).tolist() if part.geom_type == "Polygon"]
    if any(part.interiors for part in polygons):
        reader.note(row, "geometry", Code.HOLES())
    if any(not part.exterior.is_ccw for part in polygons):
        reader.note(row, "geometry", Code.CLOCKWISE())


def check_bbox(row: int, thing: Mapping[str, Any], reader: Reader) -> None:
    """Refuse a bounding box that is none; note one that contradicts the geometry."""
    box = thing.get("bbox")
    if box is None:
        return
    if not (isinstance(box, list) and len(box) in (4, 6) and all(map(_is_number, box))):
        raise RowError("bbox", Code.BAD_BBOX())
    half = len(box) // 2
    if box[1] > box[half + 1] or max(abs(box[1]), abs(box[half + 1])) > 90.0:  # noqa: PLR2004
        reader.note(row, "bbox", Code.BBOX_DISORDERED())
        return
    geometry = thing.get("geometry", thing)
    places = list(_places(geometry.get("coordinates") or [])) if isinstance(geometry, dict) else []
    if any(len(at) > 1 and _is_number(at[1]) and not box[1] <= at[1] <= box[half + 1] for at in places):
        reader.note(row, "bbox", Code.BBOX_ELSEWHERE())
