"""The record of deeds in memory, beside a fake live view."""

import time
from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

from fake_live import FakeLiveView

from tracker.alert_figures import Dead, Delay, Figures, Precision
from tracker.errors import NotFoundError
from tracker.roles import Scope
from tracker.triage import Deed, Subject, Triage, step
from tracker.triage_book import StaleTriageError


class FakeTriage:
    """What each method promises stands at `tracker.triage_book.TriageBook`."""

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
        subject = Subject.SOS if found[0].kind == "sos" else Subject.INCURSION
        return found[0], found[0].triage or Triage(subject)


class FakeFigures:
    """Figures given once; keeps what was shown."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def figures(self, scope: Scope, days: int, silent_after_s: float) -> Figures:
        some, none = Delay(9, 14.0, 75.0), Delay(0, None, None)
        return Figures(
            days,
            3,
            2,
            1,
            some,
            some,
            some,
            none,
            (Precision("entry", 8, 2, 1),),
            1,
            12,
            some,
            (Dead("case system", 4, "HTTP 500"),),
        )

    def shown(self, scope: Scope, alert_ids: list[str], by: str) -> None:
        self.seen += alert_ids
