"""Extracts of OpenStreetMap (.osm.pbf, .osm) -> zones: libosmium reads the relations first, then everything once.

https://docs.osmcode.org/pyosmium/latest/
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import osmium
import shapely
from osmium.filter import KeyFilter, TagFilter
from osmium.geom import WKBFactory
from osmium.osm import Area, Node, Relation, Way

from geofences.codes import Code
from geofences.crs import Declared, agreed
from geofences.report import Report, RowError, SourceError
from geofences.sources.columns import Where
from geofences.sources.geometry import add_shapes, plain_shapes
from geofences.sources.reading import Defaults, Reader

COURTS_AND_POLICE = Where("amenity", frozenset({"courthouse", "police"}))


class _Found(NamedTuple):
    """An object that the filter wants; `shape` None: its nodes or ways are not in the extract."""

    kind: str
    number: int
    tags: dict[str, str]
    shape: Any


def read_extract(path: Path, declared: Declared, defaults: Defaults) -> Report:
    """Zones of an extract; without a filter its courts and police stations, and a note that says so.

    SourceError when it is no extract.
    """
    wheres = defaults.where or (COURTS_AND_POLICE,)
    datum = "wgs84" if declared.weak else agreed(None, declared, "wgs84")[0]
    reader = Reader(replace(defaults, datum=datum, where=wheres))
    if not defaults.where:
        reader.note(None, "where", Code.USUAL_WHERE())
    found = _read(path, wheres)
    reader.report.rows = len(found)
    for row, each in enumerate(defaults.progress(found), start=1):
        with reader.judging(row):
            if each.shape is None:
                raise RowError("geometry", Code.EXTRACT_INCOMPLETE(element=f"{each.kind}/{each.number}"))
            properties = {**each.tags, "osm_type": each.kind, "osm_id": each.number}
            add_shapes(row, plain_shapes(row, each.shape, reader), reader, properties, None)
    return reader.report


def _read(path: Path, wheres: Sequence[Where]) -> list[_Found]:
    try:
        try:
            return _complete(_objects(path, wheres))
        except RuntimeError as error:
            if "out of order" not in str(error):
                raise
        with TemporaryDirectory(prefix="keepclear-osm-") as room:
            return _complete(_objects(_sorted(path, Path(room)), wheres))
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise SourceError(Code.EXTRACT_UNREADABLE(file=path.name, cause=error)) from error


def _sorted(path: Path, room: Path) -> Path:
    """The file in order of numbers, as areas need it; editors such as JOSM write any order."""
    copy = room / "sorted.osm.pbf"
    everything = osmium.MergeInputReader()
    everything.add_file(str(path))
    with osmium.SimpleWriter(str(copy)) as writer:
        everything.apply(writer, simplify=True)
    return copy


def _filters(wheres: Sequence[Where]) -> list[Any]:
    return [
        KeyFilter(where.key) if "*" in where.values else TagFilter(*((where.key, value) for value in where.values))
        for where in wheres
    ]


def _objects(path: Path, wheres: Sequence[Where]) -> Iterator[_Found]:
    """Everything that the filter wants; a relation comes a second time, as an area, if all of it is there."""
    processor = osmium.FileProcessor(path).with_areas(*_filters(wheres))
    for wanted in _filters(wheres):
        processor = processor.with_filter(wanted)
    to_wkb = WKBFactory()
    for each in processor:
        tags = dict(each.tags)
        if isinstance(each, Node):
            here = each.location
            yield _Found("node", each.id, tags, shapely.Point(here.lon, here.lat) if here.valid() else None)
        elif isinstance(each, Way):
            yield _Found("way", each.id, tags, _outline(each))
        elif isinstance(each, Relation):
            yield _Found("relation", each.id, tags, None)
        elif isinstance(each, Area) and not each.from_way():
            parts = shapely.from_wkb(to_wkb.create_multipolygon(each)).geoms
            yield _Found("relation", each.orig_id(), tags, parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts))


def _outline(way: Way) -> Any:
    """A closed way as an outline, an open one as a line; None when a node is missing."""
    places = [(node.location.lon, node.location.lat) for node in way.nodes if node.location.valid()]
    if len(places) < max(len(way.nodes), 2):
        return None
    return shapely.Polygon(places) if len(places) > 3 and places[0] == places[-1] else shapely.LineString(places)  # noqa: PLR2004


def _complete(objects: Iterator[_Found]) -> list[_Found]:
    """Each object once, with its shape if there is one: nodes, ways, relations, by number."""
    once: dict[tuple[str, int], _Found] = {}
    for each in objects:
        if each.shape is not None or (each.kind, each.number) not in once:
            once[each.kind, each.number] = each
    return [once[key] for key in sorted(once)]
