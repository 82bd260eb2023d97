"""Zone versions in and out. A version never changes once it is written; an edit writes the next one."""

from collections.abc import Iterable

import shapely
from psycopg import Connection

from geofences.geodesy import geod
from geofences.zone import Zone
from tracker.store.connection import Row, rows

SAME_PLACE_M = 2_000.0
"""An edit or a mended datum moves a zone by less."""
VERSIONS = """
SELECT zone_id, version, name, category, ST_AsBinary(footprint::geometry), standoff_m, warning_m,
       extract(epoch FROM valid_from)::float8, extract(epoch FROM valid_to)::float8, source, source_datum
FROM zone_version WHERE coalesce(valid_to, 'infinity') > now() - make_interval(secs => %s) ORDER BY zone_id, version"""
RETIRE = "UPDATE zone_version SET valid_to = now() WHERE zone_id = ANY(%s) AND valid_to IS NULL"
LAST_VERSIONS = "SELECT zone_id, max(version) FROM zone_version WHERE zone_id = ANY(%s) GROUP BY zone_id"
ADD = """
INSERT INTO zone_version (zone_id, version, name, category, footprint, standoff_m, warning_m, source, source_datum,
                          recorded_by, valid_from)
VALUES (%s, %s, %s, %s, ST_GeomFromWKB(%s, 4326)::geography, %s, %s, %s, %s, %s, coalesce(to_timestamp(%s), now()))"""


def zone_versions(connection: "Connection[Row]", past_s: float = 0.0) -> list[Zone]:
    """All versions in force now, or at any time in the last `past_s` seconds."""
    return [
        Zone(
            id=zone_id, version=version, name=name, category=category, footprint=shapely.from_wkb(bytes(footprint)),
            standoff_m=standoff_m, warning_m=warning_m, valid_from=valid_from, valid_to=valid_to, source=source,
            source_datum=datum,
        )
        for (zone_id, version, name, category, footprint, standoff_m, warning_m, valid_from, valid_to, source,
             datum) in rows(connection, VERSIONS, past_s)
    ]  # fmt: skip


def put_zones(connection: "Connection[Row]", zones: Iterable[Zone], recorded_by: str) -> int:
    """Write a new version of every zone that is new or differs from the one in force; returns how many.

    A zone's own `valid_from` counts; without one it is in force from now on.
    """
    in_force = {zone.id: zone for zone in zone_versions(connection)}
    changed = [zone for zone in zones if zone.id not in in_force or differs(zone, in_force[zone.id])]
    ids = [zone.id for zone in changed]
    with connection.transaction(), connection.cursor() as cursor:
        versions: dict[str, int] = dict(rows(connection, LAST_VERSIONS, ids))
        cursor.execute(RETIRE, (ids,))
        cursor.executemany(ADD, [new_version(zone, versions.get(zone.id, 0) + 1, recorded_by) for zone in changed])
    return len(changed)


def displaced(connection: "Connection[Row]", zones: Iterable[Zone]) -> list[tuple[Zone, Zone, float]]:
    """(zone, the one in force of the same id, metres between them) where they are too far apart to be one place."""
    in_force = {zone.id: zone for zone in zone_versions(connection)}
    pairs = [(zone, in_force[zone.id]) for zone in zones if zone.id in in_force]
    apart = [(zone, other, metres_apart(zone, other)) for zone, other in pairs]
    return [(zone, other, metres) for zone, other, metres in apart if metres > SAME_PLACE_M]


def metres_apart(one: Zone, other: Zone) -> float:
    """Geodesic metres between the middles of two footprints."""
    first, second = one.footprint.centroid, other.footprint.centroid
    return float(geod().inv(first.x, first.y, second.x, second.y)[2])


def new_version(zone: Zone, version: int, recorded_by: str) -> tuple[object, ...]:
    """The parameters of ADD."""
    return (zone.id, version, zone.name, zone.category, shapely.to_wkb(zone.footprint), zone.standoff_m, zone.warning_m,
            zone.source, zone.source_datum, recorded_by, zone.valid_from)  # fmt: skip


def differs(left: Zone, right: Zone) -> bool:
    """Whether an edit changed anything that judges a fix or names the place."""
    facts = [(z.name, z.category, z.standoff_m, z.warning_m, shapely.to_wkb(z.footprint)) for z in (left, right)]
    return facts[0] != facts[1]


def retire_zones(connection: "Connection[Row]", zone_ids: list[str]) -> int:
    """End the version in force of each; returns how many there were."""
    return connection.execute(RETIRE, (zone_ids,)).rowcount
