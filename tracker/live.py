"""What the live map needs from the rest of the house; `tracker.store` fills it in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from geofences.zone import Zone
from tracker.answers.finding import Difference
from tracker.answers.triage import Triage
from tracker.silence import USUAL

DeviceState = Literal["clear", "approach", "uncertain", "inside"]
AlertKind = Literal["approach", "entry", "dwell", "exit", "pass_through", "gap", "sos", "silence"]


@dataclass(frozen=True, slots=True)
class LiveSignal:
    """A sign that a phone may not say what is so: the code of `tracker.plausibility.Signal`, fixes, first and last."""

    signal: str
    fixes: int
    first_at: float
    last_at: float


@dataclass(frozen=True, slots=True)
class LiveDevice:
    """A visitor's phone as last stored: times in seconds since 1970 UTC, WGS-84 degrees, metres, m/s.

    `signed_m` is the distance to the edge of `zone`, negative inside. `on_shift` ends with the shift.
    `sos_at`: since when the visitor has been calling for help. `heard_at`: the newest position or ping. `doubt`: 0 to
    100, how much the signals of this shift are worth asking about. `team`: the visitor's, if they are in one.
    `shift_at`: since when they are on shift. `visit`: the case reference of the visit that is planned for now.
    """

    device: str
    visitor: str
    lon: float
    lat: float
    accuracy_m: float | None
    heading_deg: float | None
    speed_mps: float | None
    battery_pct: float | None
    fix_at: float
    received_at: float
    state: DeviceState
    zone: str | None
    signed_m: float | None
    shift_id: int
    on_shift: bool
    sos_at: float | None = None
    heard_at: float | None = None
    doubt: int = 0
    signals: tuple[LiveSignal, ...] = ()
    team: int | None = None
    shift_at: float | None = None
    visit: str | None = None


@dataclass(frozen=True, slots=True)
class LiveReached:
    """A zone that could have been entered during a silence, and metres from the last known place to its edge."""

    zone: str
    name: str
    away_m: float


@dataclass(frozen=True, slots=True)
class LiveSilence:
    """What there is to say of a silence, see `tracker.silence`. Seconds UTC.

    `why`: a code of `tracker.word.Why`. `judged_from`: later than its beginning where the service was not listening.
    `together`: many fell silent at that moment. `over`: a code of `tracker.silence.Over`. `filled`: positions came
    later.
    """

    why: str | None
    judged_from: float
    together: bool
    reached: tuple[LiveReached, ...]
    over: str | None
    filled: bool


@dataclass(frozen=True, slots=True)
class LiveAlert:
    """One incursion, call for help or silence as it stands: the same `id` grows, from entry to exit by `revision`.

    Times in seconds since 1970 UTC; `closest_m` is signed metres to the edge, negative inside.
    `excused`: the cause of an excuse that covers it, see `tracker.excuse.Cause`. `triage`: what people did about it
    (None: nobody anything); `news`: what has changed since it was put off or closed. `told_at`: when supervisors were
    last told of it. A call has no zone; it ends at `exit_at`. So does a silence, which is red from `confirmed_at` on:
    before that nobody has to answer it.
    """

    id: str
    device: str
    visitor: str
    zone: str
    zone_name: str
    kind: AlertKind
    first_possible_at: float
    confirmed_at: float | None
    exit_at: float | None
    p_inside: float
    closest_m: float
    revision: int
    retracted: bool
    why: str | None
    changed_at: float
    excused: str | None = None
    told_at: float | None = None
    triage: Triage | None = None
    team: int | None = None
    news: tuple[Difference, ...] = ()
    silence: LiveSilence | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """Whether the service itself listens to all phones, and since when without a break (seconds UTC).

    `amber_s`, `red_s`: after how long without data it says so.
    """

    listening: bool = True
    since: float | None = None
    amber_s: float = USUAL.amber_s
    red_s: float = USUAL.red_s


AT_EASE = Hearing()


class LiveView(Protocol):
    """What is stored, as the live page needs it. Called from worker threads, one call at a time."""

    def devices(self, changed_since: float) -> Sequence[LiveDevice]:
        """Devices whose stored state changed since (seconds UTC, the store's clock), closed shifts included.

        0: every device of an open shift.
        """

    def alerts(self, changed_since: float, limit: int) -> Sequence[LiveAlert]:
        """The newest `limit` incursions that changed since (seconds UTC), all confirmed ones, and calls for help.

        0: the newest of all, and every one that waits for an answer.
        """

    def hearing(self) -> Hearing:
        """Whether phones are listened to at all."""

    def zones(self) -> Sequence[Zone]:
        """The zone versions in force now."""

    def zone_generation(self) -> int:
        """A number that changes whenever `zones` would answer differently."""
