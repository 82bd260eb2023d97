"""OpenStreetMap -> zones: extracts (.osm.pbf, .osm) through GDAL's OSM driver, and the JSON of the Overpass API.

Formats: https://gdal.org/en/stable/drivers/vector/osm.html and https://wiki.openstreetmap.org/wiki/Overpass_API.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import shapely

from geofences.columns import Where
from geofences.crs import Declared, agreed
from geofences.geometry import add_shapes, plain_shapes
from geofences.layers import check_contents, plain_properties, raw_layer
from geofences.reading import Defaults, Reader
from geofences.report import Report, RowError, SourceError
from geofences.zone import ZoneError

COURTS_AND_POLICE = Where("amenity", frozenset({"courthouse", "police"}))
_NAMES = ("name", "name:zh", "name:en", "official_name", "alt_name", "operator")
_LAYERS = {
    "points": "node",
    "lines": "way",
    "multilinestrings": "relation",
    "multipolygons": "relation",
    "other_relations": "relation",
}
_KEY = re.compile(r"[\w:.-]+")


def read_extract(path: Path, declared: Declared, defaults: Defaults) -> Report:
    """Zones of an extract; without a filter its courts and police stations, and a note that says so."""
    check_contents(path)
    wheres = defaults.where or (COURTS_AND_POLICE,)
    datum = "wgs84" if declared.weak else agreed(None, declared, "wgs84")[0]
    reader = Reader(replace(defaults, datum=datum, where=wheres))
    if not defaults.where:
        reader.note(None, "where", "Read were amenity=courthouse|police.", "Say --where for other places.")
    with TemporaryDirectory(prefix="keepclear-osm-") as room:
        config = Path(room) / "osmconf.ini"
        config.write_text(_config(wheres), encoding="utf-8")
        for layer in defaults.progress(list(_LAYERS)):
            _read_layer(path, layer, config, wheres, reader)
    return reader.report


def _config(wheres: Iterable[Where]) -> str:
    """What GDAL shall give as columns: the names and the keys of the filter."""
    keys = dict.fromkeys([*_NAMES, "amenity", *(where.key for where in wheres)])
    bad = next((key for key in keys if not _KEY.fullmatch(key)), None)
    if bad is not None:
        raise SourceError(f"--where {bad!r} is no key of OpenStreetMap: write it as amenity=courthouse|police.")
    areas = ",".join(dict.fromkeys([*(where.key for where in wheres), "amenity", "building", "landuse", "area"]))
    lines = [f"closed_ways_are_polygons={areas}", "attribute_name_laundering=no"]
    for layer in _LAYERS:
        lines += [f"[{layer}]", "osm_id=yes", f"attributes={','.join(keys)}", "other_tags=no", "all_tags=no"]
    return "\n".join(lines)


def _read_layer(path: Path, layer: str, config: Path, wheres: tuple[Where, ...], reader: Reader) -> None:
    options = {"CONFIG_FILE": str(config), "where": " AND ".join(map(_sql, wheres))}
    meta, _, shapes, columns = raw_layer(path, layer, options)
    reader.report.rows += len(shapes)
    for at, wkb in enumerate(shapes):
        given = dict(zip(map(str, meta["fields"]), (column[at] for column in columns), strict=True))
        row = len(reader.report.candidates) + len(reader.report.problems) + 1
        _add(row, lambda wkb=wkb: shapely.from_wkb(wkb), _typed(plain_properties(given), layer), reader)


def _sql(where: Where) -> str:
    if "*" in where.values:
        return f'"{where.key}" IS NOT NULL'
    values = ", ".join("'" + value.replace("'", "''") + "'" for value in sorted(where.values))
    return f'"{where.key}" IN ({values})'


def _typed(properties: Mapping[str, Any], layer: str) -> dict[str, Any]:
    """With OpenStreetMap's kind and number: a closed way stands among the multipolygons under `osm_way_id`."""
    way = properties.get("osm_way_id")
    kind, number = ("way", way) if way else (_LAYERS[layer], properties.get("osm_id"))
    return {**properties, "osm_type": kind, "osm_id": number}


def read_overpass(document: Mapping[str, Any], declared: Declared, defaults: Defaults) -> Report:
    """Zones of the elements that have tags; ways and relations need `out geom` or their nodes in the answer."""
    elements = document.get("elements")
    if not isinstance(elements, list):
        raise SourceError("The Overpass answer has no list of elements: ask again with [out:json].")
    datum = "wgs84" if declared.weak else agreed(None, declared, "wgs84")[0]
    reader = Reader(replace(defaults, datum=datum))
    reader.report.rows = len(elements)
    world = {_key(each): each for each in elements if isinstance(each, dict)}
    for row, element in enumerate(defaults.progress(elements), start=1):
        if not isinstance(element, dict):
            reader.refuse(row, RowError("type", "This is no element.", "Ask Overpass again."))
        elif isinstance(tags := element.get("tags"), dict) and tags and reader.wanted(tags):
            properties = {**tags, "osm_type": element.get("type"), "osm_id": element.get("id")}
            _add(row, lambda element=element: _shape(element, world), properties, reader)
    return reader.report


def _add(row: int, shape_of: Any, properties: Mapping[str, Any], reader: Reader) -> None:
    try:
        add_shapes(row, plain_shapes(row, shape_of(), reader), reader, properties, None)
    except (RowError, ZoneError) as error:
        reader.refuse(row, error)
    except (shapely.errors.GEOSException, KeyError, TypeError, ValueError) as error:
        reader.refuse(row, RowError("geometry", f"It can't be read ({error}).", "Ask for it again with its geometry."))


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
    raise RowError("geometry", "The answer has no coordinates for it.", "Ask Overpass with `out geom;`.")


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
