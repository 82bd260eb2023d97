"""Who the devices are and which zones are in force, read again only when the store's counters have moved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tracker.ports import Transaction
from tracker.shift import Enrolment
from tracker.zone_history import ZoneHistory


@dataclass(frozen=True, slots=True)
class Known:
    """What is true at the time of one batch."""

    enrolments: Mapping[str, Enrolment]
    zones: ZoneHistory


class Knowledge:
    """A cache that a transaction validates: rows read in it are never older than its counters."""

    def __init__(self) -> None:
        self._revisions: dict[str, int] = {}
        self._enrolments: dict[str, Enrolment | None] = {}
        self._zones: ZoneHistory | None = None

    def read(self, transaction: Transaction, devices: Collection[str]) -> Known:
        """The enrolments of these devices (unknown ones are left out) and the zones in force."""
        revisions = transaction.revisions()
        if revisions.get("people") != self._revisions.get("people"):
            self._enrolments.clear()
        if self._zones is None:
            self._zones = ZoneHistory(transaction.zones())
        elif revisions.get("zones") != self._revisions.get("zones"):
            self._zones = self._zones.after(transaction.zones(self._revisions.get("zones", 0)))
        self._revisions = revisions
        if missing := {device for device in devices if device not in self._enrolments}:
            self._enrolments |= dict.fromkeys(missing) | transaction.enrolments(missing)
        known = ((device, self._enrolments[device]) for device in devices)
        return Known({device: enrolment for device, enrolment in known if enrolment}, self._zones)
