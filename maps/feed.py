"""What open pages know, and what changed: pure state, folded once a second from the store's rows."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from tracker.live import LiveAlert, LiveDevice
from tracker.triage import Stage

ALERTS_SHOWN = 200
"""How many incursions a page starts with; older ones belong to the reports."""
WAITING_SHOWN = 1000
"""How many that somebody has still to answer; those don't give way to newer ones that are done."""


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed between two moments; `zones` is the new generation if it changed. `at` in seconds UTC."""

    at: float
    devices: tuple[LiveDevice, ...] = ()
    gone: tuple[str, ...] = ()
    alerts: tuple[LiveAlert, ...] = ()
    zones: int | None = None

    def __bool__(self) -> bool:
        return bool(self.devices or self.gone or self.alerts or self.zones is not None)


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the store; `complete` if it named every device of an open shift."""

    at: float
    devices: Sequence[LiveDevice]
    alerts: Sequence[LiveAlert]
    zones: int
    complete: bool


@dataclass(slots=True)
class Picture:
    """Everything a page that opens now must see."""

    at: float = 0.0
    devices: dict[str, LiveDevice] = field(default_factory=dict)
    alerts: dict[str, LiveAlert] = field(default_factory=dict)
    zones: int = 0

    def fold(self, reading: Reading) -> Diff:
        """Take a reading in and say what it changed. Rows that were read before change nothing."""
        gone = self._drop_gone(reading)
        diff = Diff(
            reading.at,
            tuple(self._newer_devices(reading.devices)),
            gone,
            tuple(self._newer_alerts(reading.alerts)),
            reading.zones if reading.zones != self.zones else None,
        )
        self.at, self.zones = reading.at, reading.zones
        self._forget_old_alerts()
        return diff

    def _drop_gone(self, reading: Reading) -> tuple[str, ...]:
        open_shift = {row.device for row in reading.devices if row.on_shift}
        named = set(self.devices) if reading.complete else {row.device for row in reading.devices}
        gone = sorted((named & self.devices.keys()) - open_shift)
        for device in gone:
            del self.devices[device]
        return tuple(gone)

    def _newer_devices(self, rows: Iterable[LiveDevice]) -> Iterable[LiveDevice]:
        for row in rows:
            if row.on_shift and self.devices.get(row.device) != row:
                self.devices[row.device] = row
                yield row

    def _newer_alerts(self, rows: Iterable[LiveAlert]) -> Iterable[LiveAlert]:
        for row in rows:
            known = self.alerts.get(row.id)
            if known is None or (row != known and age_of(row) >= age_of(known)):
                self.alerts[row.id] = row
                yield row

    def _forget_old_alerts(self) -> None:
        done = [row for row in self.alerts.values() if may_go(row)]
        waiting = [row for row in self.alerts.values() if not may_go(row)]
        for rows, most in ((done, ALERTS_SHOWN), (waiting, WAITING_SHOWN)):
            for row in sorted(rows, key=lambda each: -each.changed_at)[most:]:
                del self.alerts[row.id]


def age_of(row: LiveAlert) -> tuple[int, float]:
    """What tells an older row of an alert from a newer one."""
    return row.revision, row.changed_at


def may_go(row: LiveAlert) -> bool:
    """Whether nobody has to answer it any more: what waits does not go for being old."""
    told = row.confirmed_at is not None and not row.retracted
    return not told or (row.triage is not None and row.triage.stage is Stage.CLOSED)


def merge(diffs: Sequence[Diff]) -> Diff:
    """One diff with the effect of several in a row: what a slow reader gets instead of a backlog."""
    devices: dict[str, LiveDevice] = {}
    gone: dict[str, None] = {}
    alerts: dict[str, LiveAlert] = {}
    for diff in diffs:
        for device in diff.gone:
            devices.pop(device, None)
            gone[device] = None
        for row in diff.devices:
            gone.pop(row.device, None)
            devices[row.device] = row
        alerts.update((row.id, row) for row in diff.alerts)
    zones = next((diff.zones for diff in reversed(diffs) if diff.zones is not None), None)
    return replace(
        diffs[-1],
        devices=tuple(devices.values()),
        gone=tuple(gone),
        alerts=tuple(alerts.values()),
        zones=zones,
    )


class Ring:
    """The last diffs, numbered from 1; a reader holds a number, never a queue."""

    def __init__(self, size: int) -> None:
        self._diffs: deque[Diff] = deque(maxlen=size)
        self.newest = 0

    def append(self, diff: Diff) -> None:
        """Number the diff and keep it for a while."""
        self._diffs.append(diff)
        self.newest += 1

    def after(self, seen: int) -> Sequence[Diff] | None:
        """The diffs a reader misses, oldest first; None if some are no longer held or `seen` isn't ours."""
        missing = self.newest - seen
        if not 0 <= missing <= len(self._diffs):
            return None
        return list(self._diffs)[len(self._diffs) - missing :]
