"""What open pages know, and what changed: pure state, folded once a second from the store's rows.

Each row says whose team it is of; `seen_by` keeps what a reader may see.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from tracker.answers.triage import Stage
from tracker.live import AT_EASE, Hearing, LiveAlert, LiveDevice
from tracker.people.roles import Scope

ALERTS_SHOWN = 200
"""How many incursions a page starts with; older ones belong to the reports."""
WAITING_SHOWN = 1000
"""How many that somebody has still to answer; those don't give way to newer ones that are done."""
SILENT_SHOWN = 5000
"""How many silences that go on; they give way to nothing else, and nothing else to them."""


Gone = tuple[str, int | None]
"""A device that a team no longer sees: its shift closed, or its visitor changed teams."""


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed between two moments; `zones` is the new generation if it changed. `at` in seconds UTC."""

    at: float
    devices: tuple[LiveDevice, ...] = ()
    gone: tuple[Gone, ...] = ()
    alerts: tuple[LiveAlert, ...] = ()
    zones: int | None = None

    def __bool__(self) -> bool:
        return bool(self.devices or self.gone or self.alerts or self.zones is not None)

    def seen_by(self, scope: Scope) -> "Diff":
        """The part that concerns the people of a scope; nothing in it names anybody else."""
        devices = tuple(row for row in self.devices if scope.sees(row.team))
        shown = {row.device for row in devices}
        gone = tuple(each for each in self.gone if scope.sees(each[1]) and each[0] not in shown)
        return replace(self, devices=devices, gone=gone, alerts=tuple(r for r in self.alerts if scope.sees(r.team)))


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the store; `complete` if it named every device of an open shift."""

    at: float
    devices: Sequence[LiveDevice]
    alerts: Sequence[LiveAlert]
    zones: int
    complete: bool
    hearing: Hearing = AT_EASE


@dataclass(slots=True)
class Picture:
    """Everything a page that opens now must see."""

    at: float = 0.0
    devices: dict[str, LiveDevice] = field(default_factory=dict)
    alerts: dict[str, LiveAlert] = field(default_factory=dict)
    zones: int = 0
    hearing: Hearing = AT_EASE

    def fold(self, reading: Reading) -> Diff:
        """Take a reading in and say what it changed. Rows that were read before change nothing."""
        gone = (*self._drop_gone(reading), *self._drop_moved(reading))
        diff = Diff(
            reading.at,
            tuple(self._newer_devices(reading.devices)),
            gone,
            tuple(self._newer_alerts(reading.alerts)),
            reading.zones if reading.zones != self.zones else None,
        )
        self.at, self.zones, self.hearing = reading.at, reading.zones, reading.hearing
        self._forget_old_alerts()
        return diff

    def seen_by(self, scope: Scope) -> "Picture":
        """The part that shows the people of a scope."""
        devices = {name: row for name, row in self.devices.items() if scope.sees(row.team)}
        alerts = {key: row for key, row in self.alerts.items() if scope.sees(row.team)}
        return Picture(self.at, devices, alerts, self.zones, self.hearing)

    def _drop_moved(self, reading: Reading) -> tuple[Gone, ...]:
        known = ((row, self.devices.get(row.device)) for row in reading.devices)
        moved = tuple((old.device, old.team) for row, old in known if old is not None and old.team != row.team)
        for device, _ in moved:
            del self.devices[device]
        return moved

    def _drop_gone(self, reading: Reading) -> tuple[Gone, ...]:
        open_shift = {row.device for row in reading.devices if row.on_shift}
        named = set(self.devices) if reading.complete else {row.device for row in reading.devices}
        gone = sorted((named & self.devices.keys()) - open_shift)
        return tuple((device, self.devices.pop(device).team) for device in gone)

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
        silent = [row for row in self.alerts.values() if is_silent(row)]
        done = [row for row in self.alerts.values() if not is_silent(row) and may_go(row)]
        waiting = [row for row in self.alerts.values() if not is_silent(row) and not may_go(row)]
        for rows, most in ((done, ALERTS_SHOWN), (waiting, WAITING_SHOWN), (silent, SILENT_SHOWN)):
            for row in sorted(rows, key=lambda each: -each.changed_at)[most:]:
                del self.alerts[row.id]


def age_of(row: LiveAlert) -> tuple[int, float]:
    """What tells an older row of an alert from a newer one."""
    return row.revision, row.changed_at


def is_silent(row: LiveAlert) -> bool:
    """Whether it is a silence that goes on."""
    return row.silence is not None and row.exit_at is None


def is_unanswered_call(row: LiveAlert) -> bool:
    """Whether somebody calls for help and nobody has said that they know."""
    unanswered = row.triage is None or row.triage.stage is Stage.NEW
    return row.kind == "sos" and unanswered and not may_go(row) and row.excused is None


def may_go(row: LiveAlert) -> bool:
    """Whether nobody has to answer it any more: what waits does not go for being old. A silence that is over may."""
    if row.silence is not None:
        return row.exit_at is not None
    told = row.confirmed_at is not None and not row.retracted
    return not told or (row.triage is not None and row.triage.stage is Stage.CLOSED)


def merge(diffs: Sequence[Diff]) -> Diff:
    """One diff with the effect of several in a row: what a slow reader gets instead of a backlog."""
    devices: dict[str, LiveDevice] = {}
    gone: dict[Gone, None] = {}
    alerts: dict[str, LiveAlert] = {}
    for diff in diffs:
        for each in diff.gone:
            devices.pop(each[0], None)
            gone[each] = None
        for row in diff.devices:
            gone.pop((row.device, row.team), None)
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
