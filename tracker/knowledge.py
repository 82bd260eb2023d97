"""Who the devices are and which zones are in force, read again only when the store's counters have moved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tracker.ports import Transaction
from tracker.shift import Enrolment
from tracker.zones.known import PAGE, KnownZones


@dataclass(frozen=True, slots=True)
class Known:
    """What is true at the time of one batch."""

    enrolments: Mapping[str, Enrolment]
    zones: KnownZones


class Knowledge:
    """A cache that a transaction validates: rows read in it are never older than its counters."""

    def __init__(self) -> None:
        self._revisions: dict[str, int] = {}
        self._enrolments: dict[str, Enrolment | None] = {}
        self._zones: KnownZones | None = None

    def read(self, transaction: Transaction, devices: Collection[str]) -> Known:
        """The enrolments of these devices (unknown ones are left out) and the zones in force."""
        revisions = transaction.revisions()
        if revisions.get("people") != self._revisions.get("people"):
            self._enrolments.clear()
        zones = revisions.get("zones", 0)
        if self._zones is None:
            self._zones = KnownZones(transaction, zones)
        self._zones.read(transaction, zones, PAGE if devices else None)
        self._revisions = revisions
        if missing := {device for device in devices if device not in self._enrolments}:
            self._enrolments |= dict.fromkeys(missing) | transaction.enrolments(missing)
        known = ((device, self._enrolments[device]) for device in devices)
        return Known({device: enrolment for device, enrolment in known if enrolment}, self._zones)
