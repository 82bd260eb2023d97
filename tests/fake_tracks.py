"""Past tracks in memory; keeps who looked at which and what for."""

from collections.abc import Sequence

from tracker.errors import NotFoundError
from tracker.replay import PastShift, PastTrack
from tracker.roles import Principal, Scope


class FakeTrackBook:
    """What each method promises stands at `tracker.replay.TrackBook`. `tracks` are filled by the test, by device."""

    def __init__(self) -> None:
        self.tracks: dict[str, list[PastTrack]] = {}
        self.looks: list[tuple[str, int, str]] = []

    def shifts(self, scope: Scope, device: str) -> Sequence[PastShift]:
        return [track.shift for track in self.tracks.get(device, [])]

    def look(self, who: Principal, shift_id: int, purpose: str) -> PastTrack:
        for track in (each for tracks in self.tracks.values() for each in tracks):
            if track.shift.id == shift_id:
                self.looks.append((who.username, shift_id, purpose))
                return track
        raise NotFoundError(f"There is no shift {shift_id}.", "Choose another.")
