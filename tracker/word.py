"""What a phone says besides where it is: that it lives, and why nothing may follow."""

from dataclasses import dataclass
from enum import StrEnum

LOW_BATTERY_PCT = 10.0


class Why(StrEnum):
    """Why a phone sends nothing, as far as it said so. None of these is anybody's fault."""

    PERMISSION = "permission"
    """The app may not know where the phone is, or not while it is in the background."""
    LOCATION_OFF = "location_off"
    AIRPLANE = "airplane"
    BATTERY = "battery"
    KILLED = "killed"
    """The system, or somebody, ended the app."""
    SHUTDOWN = "shutdown"
    POWER_SAVE = "power_save"
    """The system may put the app to sleep."""
    OFFLINE = "offline"
    """The phone had no network when it measured."""
    CONNECTION_LOST = "connection_lost"
    """The broker lost the phone without a goodbye."""


@dataclass(frozen=True, slots=True)
class Word:
    """A message without a new position, at the moment it arrived (seconds UTC).

    `alive`: the phone itself says that it works and where it was last; what only explains a silence doesn't end it.
    """

    at: float
    alive: bool = False
    why: Why | None = None

    def after(self, before: "Word | None") -> "Word":
        """Both as one: the newer reason counts, and one sign of life is enough."""
        if before is None:
            return self
        return Word(self.at, self.alive or before.alive, self.why or before.why)


_WHYS = {each.value: each for each in Why}


def announced(code: object) -> Why | None:
    """The reason that `off` of our own app gives; a code that we don't know says nothing."""
    return _WHYS.get(code) if isinstance(code, str) else None


def hinted(battery_pct: float | None, *, charging: bool, offline: bool) -> Why | None:
    """What the state of a phone says about a silence that follows, where the phone itself gives no reason."""
    if battery_pct is not None and battery_pct <= LOW_BATTERY_PCT and not charging:
        return Why.BATTERY
    return Why.OFFLINE if offline else None
