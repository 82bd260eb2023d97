"""Past tracks and exports in memory, which keep who looked at whom and what for; and a track to fill them with."""

import time
from collections.abc import Sequence
from dataclasses import replace

from fake_live import a_court

from tests.builders import a_fix
from tracker.errors import ConflictError, NotFoundError
from tracker.past.replay import Past, PastIncursion, PastShift, PastTrack, PastVisitor, Window
from tracker.past.track_exports import Export, State, needs_two
from tracker.past.track_files import Format
from tracker.people.roles import Principal, Scope

BEGAN = 1_763_946_000.0  # 09:00 on 2025-11-24 in China
COURT = a_court()


def a_track(visitor_id: int = 7, visitor: str = "王芳", north: float = 0.0) -> PastTrack:
    """Ten minutes to the court and past it, ten minutes of silence, and a fix that came late."""
    near = COURT.footprint
    steps = [(n * 10, near.x - 0.006 + n * 2e-4) for n in range(60)] + [
        (1200 + n * 10, near.x + 0.007) for n in range(5)
    ]
    fixes = [
        a_fix()._replace(fix_at=BEGAN + at, received_at=BEGAN + at + 1, lon=lon, lat=near.y + north)
        for at, lon in steps
    ]
    fixes[-1] = fixes[-1]._replace(received_at=fixes[-1].fix_at + 600)
    found = PastIncursion("one", "court", COURT.name, "entry", BEGAN + 200, BEGAN + 220, BEGAN + 400, retracted=False)
    return PastTrack(visitor_id, visitor, tuple(fixes), (found,))


class FakeTrackBook:
    """What each method promises stands at `tracker.past.replay.TrackBook` and `tracker.past.track_exports.ExportBook`.

    The test fills `tracks` and the rest by visitor.
    """

    def __init__(self) -> None:
        self.tracks: dict[int, PastTrack] = {}
        self.devices: dict[int, tuple[str, ...]] = {}
        self.shifts_of: dict[int, list[PastShift]] = {}
        self.zones: tuple = ()
        self.looks: list[tuple[str, tuple[int, ...], str]] = []
        self.exports: dict[int, Export] = {}

    def visitors(self, scope: Scope) -> Sequence[PastVisitor]:
        return [PastVisitor(id_, each.visitor, self.devices.get(id_, ())) for id_, each in self.tracks.items()]

    def shifts(self, scope: Scope, visitor_id: int) -> Sequence[PastShift]:
        return self.shifts_of.get(visitor_id, [])

    def look(self, who: Principal, window: Window, purpose: str) -> Past:
        past = self._past(window)
        self.looks.append((who.username, window.visitors, purpose))
        return past

    def ask(self, who: Principal, window: Window, purpose: str, form: Format) -> Export:
        past = self._past(window)
        id_ = len(self.exports) + 1
        alone = sum(each.fixes for each in self.of(who, 100) if not each.two_people)
        names = tuple(track.visitor for track in past.tracks)
        self.exports[id_] = Export(
            id_, who.account_id, who.username, time.time(), window, names, form, purpose, past.fixes,
            needs_two(past.fixes, alone),
        )  # fmt: skip
        return self.exports[id_]

    def of(self, who: Principal, limit: int) -> Sequence[Export]:
        return [each for each in reversed(self.exports.values()) if each.by_id == who.account_id]

    def to_decide(self, who: Principal, limit: int) -> Sequence[Export]:
        return [each for each in reversed(self.exports.values()) if each.by_id != who.account_id and each.two_people]

    def decide(self, who: Principal, export_id: int, *, approve: bool) -> Export:
        export = next((each for each in self.to_decide(who, 100) if each.id == export_id), None)
        if export is None:
            raise NotFoundError(f"There is no export {export_id}.", "Choose another.")
        if export.state(time.time()) is not State.WAITING:
            raise ConflictError("It doesn't wait any more.", "Look again.")
        self.exports[export_id] = replace(export, decided_at=time.time(), decided_by=who.username, approved=approve)
        return self.exports[export_id]

    def take(self, who: Principal, export_id: int) -> tuple[Export, Past]:
        export = self.exports.get(export_id)
        if export is None or export.by_id != who.account_id:
            raise NotFoundError(f"There is no export {export_id}.", "Choose another.")
        if export.state(time.time()) not in {State.READY, State.APPROVED}:
            raise ConflictError("Nobody has approved it.", "Ask again.")
        self.exports[export_id] = replace(export, taken=export.taken + 1)
        return self.exports[export_id], self.look(who, export.window, export.look())

    def _past(self, window: Window) -> Past:
        tracks = []
        for visitor_id in window.visitors:
            if visitor_id not in self.tracks:
                raise NotFoundError(f"There is no visitor {visitor_id}.", "Choose another.")
            track = self.tracks[visitor_id]
            within = tuple(fix for fix in track.fixes if window.from_at <= fix.fix_at <= window.to_at)
            tracks.append(replace(track, fixes=within))
        return Past(window, tuple(tracks), self.zones)
