"""The record of zones as the HTTP API reads and writes it; `tracker.store` fills it on PostGIS, a fake in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, inf, radians
from threading import Lock
from typing import Literal, Protocol

from geofences.imports.plan import Plan
from geofences.index import ZoneIndex
from geofences.policy import Edit, Policy
from geofences.zone import Zone
from tracker.zones.base import Index
from tracker.zones.history import ZoneHistory
from tracker.zones.record import Signature, ZoneRecord

BOX_DEG = 1.0
EVERYTHING = 2**31 - 1
"""As the limit of a page: all that there is."""
State = Literal["standing", "scheduled", "retired"]


class StaleZoneError(Exception):
    """A zone, or the zones that a plan was made for, changed since they were read."""


class BusyError(Exception):
    """Somebody else is writing zones: try again in a moment."""


@dataclass(frozen=True, slots=True)
class ZoneQuery:
    """Which zones: all that hold count. `bbox` is west, south, east, north in degrees; west > east crosses 180.

    `at`: the versions valid at that moment (UTC seconds since 1970); None: the newest of each zone not retired, or,
    with the state `retired`, the last of each that was. `scheduled`: only those with hours. `words`: part of the name
    or of the id.
    """

    categories: tuple[str, ...] = ()
    name: str = ""
    bbox: tuple[float, float, float, float] | None = None
    at: float | None = None
    zone_id: str | None = None
    words: str = ""
    state: State = "standing"


class ZoneBook(Protocol):
    """Every version of every zone. Called from worker threads, several at once."""

    def generation(self) -> int:
        """A number that grows with every change of a zone."""

    def changed_since(self, generation: int) -> Sequence[Zone]:
        """The versions not over that were written, or ended, after a generation; 0: all of them."""

    def page(self, query: ZoneQuery, after: str, limit: int) -> list[Zone]:
        """At most `limit` zones with an id after `after`, in the order of ids."""

    def records(self, zone_id: str) -> list[ZoneRecord]:
        """Every version of a zone, the first one first."""

    def policies(self) -> dict[str, Policy]:
        """The policies in force, by category."""

    def create(self, zone: Zone, signature: Signature) -> Zone:
        """Write the first version of a zone, or the next one of a retired one.

        Raises:
            ConflictError: a zone of this id stands.
            BusyError: somebody else is writing.
        """

    def edit(self, zone_id: str, edit: Edit, signature: Signature, expected: int | None) -> Zone:
        """Write the next version if `expected` (None: whichever) stands.

        Raises:
            NotFoundError: no zone of this id stands.
            StaleZoneError: another version stands.
            ZoneError: the zone would be none.
            BusyError: somebody else is writing.
        """

    def retire(self, zone_id: str, signature: Signature, expected: int | None) -> Zone:
        """End the version that stands, and give it; raises as `edit`."""

    def carry_out(self, planned: Plan, generation: int, signature: Signature) -> None:
        """Write what an import plans, as a whole.

        Raises:
            StaleZoneError: zones changed since `generation`: plan again.
            BusyError: somebody else is writing.
        """


class ZoneSnapshot:
    """The zones as an index that is kept, and mended when zones changed: what an edit costs is its size."""

    def __init__(self, book: ZoneBook) -> None:
        self._book = book
        self._lock = Lock()
        self._history: ZoneHistory | None = None
        self._generation = 0

    def history(self) -> ZoneHistory:
        """The zones as they are recorded now."""
        with self._lock:
            # The generation is read first: what changes meanwhile is read once more, never missed.
            generation = self._book.generation()
            if self._history is None:
                self._history = ZoneHistory(self._book.changed_since(0))
            elif generation != self._generation:
                self._history = self._history.after(self._book.changed_since(self._generation), (inf,))
            self._generation = generation
            return self._history

    def about(self, lon: float, lat: float, at: float, now: float) -> Index:
        """The zones valid at a moment (UTC seconds) near a place; those of the past are read from the record."""
        if at >= now:
            return self.history().at(at)
        return ZoneIndex.build(self._book.page(ZoneQuery(bbox=box_about(lon, lat), at=at), "", EVERYTHING))


def box_about(lon: float, lat: float) -> tuple[float, float, float, float]:
    """A box a degree (over 100 km) about a place: west, south, east, north; west > east crosses 180."""
    south, north = max(lat - BOX_DEG, -90.0), min(lat + BOX_DEG, 90.0)
    half = BOX_DEG / max(cos(radians(max(-south, north))), 1e-9)
    if half >= 180.0:  # noqa: PLR2004
        return -180.0, south, 180.0, north
    west, east = ((edge + 180.0) % 360.0 - 180.0 for edge in (lon - half, lon + half))
    return west, south, east, north
