"""Visits in memory, beside a fake live view that shows the one of now."""

import time
from collections.abc import Sequence
from dataclasses import replace

from fake_live import FakeLiveView

from tracker.errors import NotFoundError
from tracker.people.roles import Scope
from tracker.visit import Visit, check_span, checked_case


class FakeVisits:
    """What each method promises stands at `tracker.visit_book.VisitBook`."""

    def __init__(self, view: FakeLiveView) -> None:
        self._view = view
        self._planned: dict[int, tuple[str, Visit]] = {}
        self._numbers = iter(range(1, 1000))

    def of(self, scope: Scope, device: str, since_at: float) -> Sequence[Visit]:
        found = [each for carrier, each in self._planned.values() if carrier == device and each.to_at > since_at]
        return sorted(found, key=lambda each: each.from_at)

    def add(self, scope: Scope, device: str, case: str, from_at: float, to_at: float, *, by: str) -> int:
        check_span(from_at, to_at)
        number = next(self._numbers)
        self._planned[number] = (device, Visit(number, 1, checked_case(case), from_at, to_at, by))
        self._show(device)
        return number

    def cancel(self, scope: Scope, visit_id: int, *, by: str) -> None:
        if visit_id not in self._planned:
            raise NotFoundError(f"There is no visit {visit_id}.", "Look again.")
        device, _ = self._planned.pop(visit_id)
        self._show(device)

    def _show(self, device: str) -> None:
        now = time.time()
        current = [each.case for each in self.of(Scope(), device, now) if each.from_at <= now]
        for row in self._view.devices(0.0):
            if row.device == device:
                self._view.put(replace(row, visit=current[-1] if current else None), changed_at=now)
