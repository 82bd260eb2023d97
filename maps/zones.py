"""Zones as GeoJSON: footprint, standoff edge and warning ring, each true in metres on the ellipsoid."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np
import orjson
import shapely
from pydantic import BaseModel
from shapely.geometry.base import BaseGeometry

from geofences.plane import LocalPlane
from geofences.properties import shown
from geofences.zone import Zone
from tracker.live import LiveView

ARC_SEGMENTS = 16
"""Segments a quarter circle: the chord of a 200 m arc stays within 25 cm of it."""
DECIMALS = 7
HOURS_KNOWN_S = 48 * 3600.0
"""How far ahead a page knows when zones count."""
BEGINS_S = 5.0
"""What was written just now begins in a second; a map draws it as what it is from then on."""
PAGES_MINUTE_S = 60.0
"""A page looks at hours by the whole minute, so what counts now must count from the minute's beginning."""
HOURS_ANEW_S = 6 * 3600.0
"""How often the hours are worked out anew."""


class ZoneProperties(BaseModel):
    """What the page says about a zone; `part` tells which of its three shapes the feature is.

    `hours`: when it counts within two days, as [from, to] in seconds since 1970 UTC; null: always.
    """

    id: str
    name: str
    category: str
    standoff_m: float
    warning_m: float
    hours: list[tuple[float, float]] | None
    part: Literal["footprint", "edge", "ring"]


class ZoneFeature(BaseModel):
    """One part of a zone (RFC 7946; longitudes run past 180 rather than being cut at the antimeridian)."""

    type: Literal["Feature"] = "Feature"
    properties: ZoneProperties
    geometry: dict[str, Any]


class ZoneCollection(BaseModel):
    """All zones in force."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[ZoneFeature]


class AreaProperties(BaseModel):
    """Which area: within any zone's edge, or only within some warning ring."""

    part: Literal["edge", "ring"]


class AreaFeature(BaseModel):
    """One dissolved area."""

    type: Literal["Feature"] = "Feature"
    properties: AreaProperties
    geometry: dict[str, Any]


class AreaCollection(BaseModel):
    """The forbidden and the warned area of all zones together."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[AreaFeature]


def zone_parts(zone: Zone) -> dict[str, BaseGeometry]:
    """Footprint, edge (all within the standoff) and ring (edge to warning distance), in degrees."""
    plane = LocalPlane(*shapely.get_coordinates(zone.footprint)[0].tolist())
    flat = plane.flat(zone.footprint)
    edge = flat.buffer(zone.standoff_m, quad_segs=ARC_SEGMENTS)
    ring = flat.buffer(zone.standoff_m + zone.warning_m, quad_segs=ARC_SEGMENTS).difference(edge)
    shapes = {"footprint": flat, "edge": edge, "ring": ring}
    return {
        part: shapely.transform(shape, lambda metres: np.round(plane.to_degrees(metres), DECIMALS))
        for part, shape in shapes.items()
    }


def hours(zone: Zone, at: float) -> list[tuple[float, float]] | None:
    """When a zone counts, from a minute before a moment to two days after (UTC seconds since 1970); None: always."""
    end = at + HOURS_KNOWN_S
    if zone.schedule is None and zone.valid_at(at + BEGINS_S) and zone.valid_at(end):
        return None
    begin = at - PAGES_MINUTE_S
    valid = (max(begin, zone.valid_from or begin), min(end, zone.valid_to or end))
    if valid[0] >= valid[1]:
        return []
    return [valid] if zone.schedule is None else zone.schedule.open_spans(*valid)


def zone_features(zones: Iterable[Zone], at: float) -> dict[str, Any]:
    """The GeoJSON FeatureCollection of all parts of all zones, with hours from `at`; an empty part is left out."""
    return _collection(
        (shown(zone) | {"hours": hours(zone, at), "part": part}, shape)
        for zone in zones
        for part, shape in zone_parts(zone).items()
    )


def zone_versions_collection(versions: Iterable[Zone]) -> dict[str, Any]:
    """Zone versions of the past with their parts, each from `valid_from` until `valid_to` (seconds since 1970 UTC)."""
    return _collection(
        (
            shown(zone)
            | {"version": zone.version, "valid_from": zone.valid_from, "valid_to": zone.valid_to, "part": part},
            shape,
        )
        for zone in versions
        for part, shape in zone_parts(zone).items()
    )


def zone_areas(zones: Iterable[Zone], at: float) -> dict[str, Any]:
    """Edges dissolved into one area and rings into another, so that a map shows overlaps once.

    Zones that don't always count are left out: a map draws each of those by its hours.
    """
    parts = [zone_parts(zone) for zone in zones if hours(zone, at) is None]
    edges = shapely.union_all([each["edge"] for each in parts])
    rings = shapely.union_all([each["ring"] for each in parts]).difference(edges)
    return _collection((({"part": "edge"}, edges), ({"part": "ring"}, rings)))


def _collection(shapes: Iterable[tuple[dict[str, Any], BaseGeometry]]) -> dict[str, Any]:
    features = [
        {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}
        for properties, shape in shapes
        if not shape.is_empty
    ]
    return {"type": "FeatureCollection", "features": features}


class ZoneCache:
    """One encoded collection (`zone_features` or `zone_areas`), computed once a generation and every six hours."""

    def __init__(
        self,
        view: LiveView,
        shapes: Callable[[Iterable[Zone], float], dict[str, Any]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._view = view
        self._shapes = shapes
        self._clock = clock
        self._lock = threading.Lock()
        self._key: tuple[int, int] | None = None
        self._body = b""

    def get(self) -> tuple[str, bytes]:
        """What the GeoJSON is as of, and itself. Blocks while the store is read and the offsets are computed."""
        with self._lock:
            # The generation is read first: zones that change meanwhile are computed once more, never missed.
            key = (self._view.zone_generation(), int(self._clock() // HOURS_ANEW_S))
            if key != self._key:
                self._body = orjson.dumps(self._shapes(self._view.zones(), self._clock()))
                self._key = key
            return f"{key[0]}-{key[1]}", self._body
