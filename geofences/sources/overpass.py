"""The JSON of the Overpass API -> zones (https://wiki.openstreetmap.org/wiki/Overpass_API)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import shapely

from geofences.codes import Code
from geofences.crs import Declared, agreed
from geofences.report import Report, RowError, SourceError
from geofences.sources.geometry import add_shapes, plain_shapes
from geofences.sources.reading import Defaults, Reader


def is_overpass(document: Mapping[str, Any]) -> bool:
    """Whether a JSON object is an answer of the Overpass API."""
    return "elements" in document and "features" not in document


def read_overpass(document: Mapping[str, Any], declared: Declared, defaults: Defaults) -> Report:
    """Zones of the elements that have tags; ways and relations need `out geom` or their nodes in the answer.

    SourceError when there are no elements, or when Overpass itself says that it could not finish.
    """
    elements = document.get("elements")
    if not isinstance(elements, list):
        raise SourceError(Code.NO_ELEMENTS())
    if "error" in (remark := str(document.get("remark", ""))):
        raise SourceError(Code.ANSWER_CUT_SHORT(remark=remark))
    datum = "wgs84" if declared.weak else agreed(None, declared, "wgs84")[0]
    reader = Reader(replace(defaults, datum=datum))
    reader.report.rows = len(elements)
    world = {_key(each): each for each in elements if isinstance(each, dict)}
    for row, element in enumerate(defaults.progress(elements), start=1):
        if not isinstance(element, dict):
            reader.refuse(row, RowError("type", Code.NO_ELEMENT()))
        elif isinstance(tags := element.get("tags"), dict) and tags and reader.wanted(tags):
            properties = {**tags, "osm_type": element.get("type"), "osm_id": element.get("id")}
            with reader.judging(row):
                add_shapes(row, plain_shapes(row, _shape(element, world), reader), reader, properties, None)
    return reader.report


def _key(element: Mapping[str, Any]) -> str:
    return f"{element.get('type')}/{element.get('id')}"


def _shape(element: Mapping[str, Any], world: Mapping[str, Any]) -> Any:
    kind = element.get("type")
    if kind == "node":
        return shapely.Point(element["lon"], element["lat"])
    line = _line(element, world) if kind == "way" else []
    if line:
        closed = len(line) > 3 and line[0] == line[-1]  # noqa: PLR2004
        return shapely.Polygon(line) if closed else shapely.LineString(line)
    if kind == "relation" and (area := _area(element, world)) is not None:
        return area
    centre = element.get("center") or element
    if "lon" in centre and "lat" in centre:
        return shapely.Point(centre["lon"], centre["lat"])
    raise RowError("geometry", Code.ANSWER_INCOMPLETE())


def _line(way: Mapping[str, Any], world: Mapping[str, Any]) -> list[tuple[float, float]]:
    if isinstance(way.get("geometry"), list):
        return [(at["lon"], at["lat"]) for at in way["geometry"] if at]
    nodes = [world.get(f"node/{node}") for node in way.get("nodes") or []]
    return [(at["lon"], at["lat"]) for at in nodes if at] if nodes and all(nodes) else []


def _area(relation: Mapping[str, Any], world: Mapping[str, Any]) -> Any:
    """Outer rings less inner rings; ways that only together close a ring are joined."""
    lines: dict[bool, list[Any]] = {True: [], False: []}
    for member in relation.get("members") or []:
        way = member if member.get("geometry") else world.get(f"way/{member.get('ref')}", {})
        if member.get("type") == "way" and len(line := _line(way, world)) > 1:
            lines[member.get("role") != "inner"].append(shapely.LineString(line))
    outer, inner = (_polygons(lines[role]) for role in (True, False))
    if outer.is_empty:
        return None
    return outer.difference(inner)


def _polygons(lines: list[Any]) -> Any:
    return shapely.union_all(shapely.get_parts(shapely.polygonize(lines))) if lines else shapely.Polygon()
