"""The zones about one place, read from PostGIS: who asks once need not cover every zone of the country."""

from collections.abc import Sequence
from typing import LiteralString

from psycopg import Connection

from geofences.index import Near, ZoneIndex
from tracker.store.connection import Row
from tracker.store.evidence import SLACK_M
from tracker.store.zones import COLUMNS, to_zone

FIRST_REACH_M = 2_000.0
ABOUT: LiteralString = (
    COLUMNS  # noqa: S608  constants only
    + """
WHERE valid_from <= to_timestamp(%(at)s) AND coalesce(valid_to > to_timestamp(%(at)s), true)
  AND (ST_DWithin(footprint, ST_Point(%(lon)s, %(lat)s, 4326)::geography,
                  (SELECT max(standoff_m + warning_m) FROM zone_version) + %(reach_m)s)
       OR greatest(ST_XMax(footprint::geometry) - ST_XMin(footprint::geometry),
                   ST_YMax(footprint::geometry) - ST_YMin(footprint::geometry)) > 1.0)
ORDER BY zone_id"""
)


class Neighbourhood:
    """The questions of `geofences.allowed.Zones` about one place, by the versions valid at a moment (UTC seconds)."""

    def __init__(self, connection: "Connection[Row]", lon: float, lat: float, at: float) -> None:
        self._connection = connection
        self._about = {"lon": lon, "lat": lat, "at": at}
        self._reach_m = FIRST_REACH_M
        self._index = self._read()

    def near(self, lon: float, lat: float) -> Sequence[Near]:
        """As `ZoneIndex.near`, of the place itself."""
        return self._index.near(lon, lat)

    def within(self, lon: float, lat: float, reach_m: float) -> Sequence[Near]:
        """As `ZoneIndex.within`, of the place itself; reads again when asked farther out than it has read."""
        if reach_m > self._reach_m:
            self._reach_m = 2.0 * reach_m
            self._index = self._read()
        return self._index.within(lon, lat, reach_m)

    def _read(self) -> ZoneIndex:
        asked = {**self._about, "reach_m": self._reach_m + SLACK_M}
        with self._connection.cursor() as cursor:
            return ZoneIndex.build(to_zone(row) for row in cursor.execute(ABOUT, asked))
