"""The record of deeds in memory, beside a fake live view."""

import time
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from fake_live import FakeLiveView

from tracker.answers.alert_figures import Channel, Delay, Delays, Figures, Group, Open, Reason, Silent, Span
from tracker.answers.triage import Deed, Subject, Triage, step
from tracker.answers.triage_book import StaleTriageError
from tracker.errors import NotFoundError
from tracker.excuse import Cause, Excuse
from tracker.excuse_book import ExcuseRecord
from tracker.live import LiveAlert
from tracker.people.roles import Scope


class FakeTriage:
    """What each method promises stands at `tracker.answers.triage_book.TriageBook`."""

    def __init__(self, view: FakeLiveView, *people: str) -> None:
        self._view = view
        self._people = people
        self._deeds: dict[str, list[Deed]] = {}
        self._lock = Lock()

    def do(self, scope: Scope, alert_id: str, deed: Deed, seen: int) -> Triage:
        with self._lock:
            row, state = self._read(alert_id)
            if state.version != seen:
                raise StaleTriageError(state)
            after = step(state, deed)
            self._deeds.setdefault(alert_id, []).append(deed)
            self._view.put(replace(row, triage=after, changed_at=time.time()))
            return after

    def history(self, scope: Scope, alert_id: str) -> tuple[Triage, Sequence[Deed]]:
        return self._read(alert_id)[1], self._deeds.get(alert_id, [])

    def people(self, scope: Scope) -> Sequence[str]:
        return self._people

    def _read(self, alert_id: str):
        found = [row for row in self._view.alerts(0.0, 10_000) if row.id == alert_id]
        if not found:
            raise NotFoundError(f"There is no alert {alert_id}.", "Look again.")
        subjects = {"sos": Subject.SOS, "silence": Subject.SILENCE}
        subject = subjects.get(found[0].kind, Subject.INCURSION)
        return found[0], found[0].triage or Triage(subject)


class FakeExcuses:
    """What each method promises stands at `tracker.excuse_book.ExcuseBook`; marks the alerts that it covers."""

    def __init__(self, view: FakeLiveView) -> None:
        self._view = view
        self._given: list[tuple[str, ExcuseRecord]] = []

    def of(self, scope: Scope, device: str) -> Sequence[ExcuseRecord]:
        return [record for carrier, record in reversed(self._given) if carrier == device]

    def add(self, scope: Scope, device: str, excuse: Excuse, cause: Cause, *, by: str, note: str) -> int:
        number, now = len(self._given) + 1, time.time()
        record = ExcuseRecord(number, excuse.zone, None, excuse.from_at, excuse.to_at, cause, note, by, now)
        self._given.append((device, record))
        for row in self._view.alerts(0.0, 10_000):
            if row.device == device and excuse.zone in (None, row.zone) and overlaps(excuse, row):
                self._view.put(replace(row, excused=cause.value, changed_at=now))
        return number

    def withdraw(self, scope: Scope, excuse_id: int, *, by: str) -> None:
        device, record = self._given[excuse_id - 1]
        self._given[excuse_id - 1] = (device, replace(record, withdrawn_at=time.time(), withdrawn_by=by))


def overlaps(excuse: Excuse, row: LiveAlert) -> bool:
    """Whether any moment of the stay is excused, as the database judges it."""
    return excuse.from_at <= (row.exit_at or row.changed_at) and excuse.ends_at >= row.first_possible_at


class FakeFigures:
    """Figures given once; keeps what was shown and what was tried again."""

    def __init__(self) -> None:
        self.given = SOME
        self.seen: list[str] = []
        self.asked: list[tuple[Scope, Span]] = []

    def figures(self, scope: Scope, span: Span) -> Figures:
        self.asked.append((scope, span))
        return self.given

    def teams(self, scope: Scope) -> Sequence[tuple[int, str]]:
        return [(1, "城北组"), (2, "城南组")]

    def shown(self, scope: Scope, alert_ids: list[str], by: str) -> None:
        self.seen += alert_ids

    def retry(self, scope: Scope, recipient: str) -> int:
        dead = [each for each in self.given.channels if each.recipient == recipient and each.dead]
        alive = [
            replace(each, waiting=each.waiting + each.dead, dead=0) if each in dead else each
            for each in self.given.channels
        ]
        self.given = replace(self.given, channels=tuple(alive))
        return sum(each.dead for each in dead)


TIMES = Delays(
    Delay(40, 2.0, 9.0), Delay(46, 14.0, 75.0), Delay(46, 1.0, 4.0), Delay(45, 6.0, 900.0), Delay(44, 95.0, 5400.0),
    Delay(44, 120.0, 5600.0),
)  # fmt: skip
CALLED = Delays(
    told_after_confirmed=Delay(3, 1.0, 2.0), shown_after_told=Delay(3, 3.0, 8.0),
    acknowledged_after_told=Delay(3, 20.0, 61.0), acknowledged_after_crossing=Delay(3, 21.0, 63.0),
)  # fmt: skip
ZONES = ("南京市中级人民法院", "鼓楼区人民法院", "玄武区人民法院", "秦淮公安分局")
SOME = Figures(
    open=(
        Open("dwell", (0, 1, 0, 0, 0), (0, 1, 0, 0, 0)),
        Open("entry", (2, 1, 0, 0, 0), (0, 0, 1, 0, 0)),
        Open("left", (0, 0, 4, 2, 1), (0, 0, 0, 0, 0)),
        Open("sos", (1, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
    ),
    subjects=(Group("incursion", "incursion", 46, 24, 8, 3, 2, TIMES), Group("sos", "sos", 3, 2, 1, 0, 0, CALLED)),
    kinds=(
        Group("entry", "entry", 30, 14, 7, 2, 2, TIMES),
        Group("dwell", "dwell", 16, 10, 1, 1, 0, TIMES),
        Group("sos", "sos", 3, 2, 1, 0, 0, CALLED),
    ),
    zones=tuple(Group(str(n), name, 22 - 5 * n, 12 - 3 * n, 2 + n, 1, n % 2) for n, name in enumerate(ZONES)),
    platforms=(Group("android", "android", 33, 16, 8, 2, 2), Group("ios", "ios", 13, 8, 0, 1, 0)),
    periods=tuple(
        Group(f"2026-11-{18 + n}", "", told, upheld, refuted, 0, 0, TIMES)
        for n, (told, upheld, refuted) in enumerate(
            ((5, 4, 1), (9, 6, 2), (0, 0, 0), (7, 4, 3), (8, 5, 1), (6, 3, 1), (11, 2, 0))
        )
    ),
    on_shift=12,
    silent_visitors=1,
    silent=(Silent("王芳", "phone-2", time.time() - 1500),),
    ingest_lag=Delay(12, 2.0, 41.0),
    refusals=(Reason("off_shift", 214, time.time() - 60), Reason("clock_ahead", 3, time.time() - 7200)),
    quarantine=(Reason("json", 2, time.time() - 86_400),),
    channels=(Channel("case system", 40, 0, 4, "HTTP 500"), Channel("anna", 44, 2, 0, "")),
)
