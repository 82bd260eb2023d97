"""What detection remembers of a shift between two fixes: small, frozen, plain JSON."""

from typing import Any, NamedTuple, Self

from tracker.fix import FixKey
from tracker.incursion.belief import Belief
from tracker.incursion.motion import Drift
from tracker.incursion.record import Incursion
from tracker.incursion.stay import Anchor, Stay

FORMAT = 4
BEFORE_BELIEFS = (1, 2)
"""These formats had no belief, or one a zone: it begins again."""
MARK_EVERY_S = 60.0


class Mark(NamedTuple):
    """A clear moment (seconds UTC), and the scatter of the phone after it."""

    at: float
    scatter: float


class FoldState(NamedTuple):
    """The fold of a shift up to `key`, the last fix seen.

    `last` is the last fix that was believed, `leaps` how many have been refused as leaps since, `leapt` the last
    of those, `stays` the zones in memory, by id, `drift` how the phone moves and `belief` where it is believed to be
    while there are any, `scatter` what the beliefs of this shift have learnt of how far the phone errs. `clear_at` are
    clear marks: moments t at which the shift had exactly one fix, that fix was believed and no zone was in memory
    after it. Folding from `begin` and the scatter of then the fixes since t gives the same stays and every incursion
    begun at or after t: all that a clear state remembers besides is that one fix.
    """

    begun_at: float = 0.0
    platform: str = "android"
    key: FixKey | None = None
    last: Anchor | None = None
    leaps: int = 0
    leapt: Anchor | None = None
    drift: Drift | None = None
    belief: Belief | None = None
    stays: tuple[Stay, ...] = ()
    clear_at: tuple[Mark, ...] = ()
    finished_at: float | None = None
    scatter: float = 1.0

    @property
    def essence(self) -> Self:
        """The state without its marks: the same for any order of arrival (the marks only save reading)."""
        return self._replace(clear_at=())

    @property
    def inside(self) -> set[str]:
        """Zones in which the device is confirmed to be, as far as was heard."""
        records = (stay.record for stay in self.stays)
        return {record.zone for record in records if record.ended is None and record.confirmed_at is not None}

    def rewound(self, late_at: float) -> tuple[Self, float]:
        """A state from which a late fix can be folded, and since when fixes must be folded on top of it.

        That is the newest clear mark before it, or the beginning of the shift.
        """
        marks = tuple(mark for mark in self.clear_at if mark.at < late_at)
        since = marks[-1] if marks else Mark(self.begun_at, 1.0)
        clear = type(self)(
            begun_at=self.begun_at, platform=self.platform, clear_at=marks[:-1], scatter=since.scatter
        )  # fmt: skip
        return clear, since.at

    def to_json(self) -> dict[str, Any]:
        """Plain values for orjson; floats stay exact."""
        return {
            "v": FORMAT,
            "begun_at": self.begun_at,
            "platform": self.platform,
            "key": self.key,
            "last": None if self.last is None else list(self.last),
            "leaps": self.leaps,
            "leapt": None if self.leapt is None else list(self.leapt),
            "drift": self.drift,
            "belief": None if self.belief is None else self.belief.to_json(),
            "stays": [
                (stay.record.to_json(), stay.log_odds, stay.outside_since, stay.inside_since) for stay in self.stays
            ],
            "clear_at": [list(mark) for mark in self.clear_at],
            "finished_at": self.finished_at,
            "scatter": self.scatter,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """The inverse of `to_json`.

        Raises:
            ValueError: the state was written in another format; fold the shift again from `begin`.
        """
        if content.get("v") not in (*BEFORE_BELIEFS, 3, FORMAT):  # 3 forgot the scatter
            raise ValueError(f"a fold state of format {content.get('v')} can't be read, only {FORMAT}")
        key, last = content["key"], content["last"]
        return cls(
            begun_at=content["begun_at"],
            platform=content["platform"],
            key=None if key is None else (key[0], key[1], key[2]),
            last=None if last is None else Anchor(*last),
            leaps=content["leaps"],
            leapt=Anchor(*content["leapt"]) if content.get("leapt") else None,
            drift=(content["drift"][0], content["drift"][1]) if content.get("drift") else None,
            belief=Belief.from_json(content["belief"]) if content.get("belief") else None,
            stays=tuple(
                Stay(Incursion.from_json(record), odds, outside, None if content["v"] in BEFORE_BELIEFS else since[0])
                for record, odds, outside, *since in content["stays"]
            ),
            clear_at=tuple(Mark(*mark) if isinstance(mark, list) else Mark(mark, 1.0) for mark in content["clear_at"]),
            finished_at=content["finished_at"],
            scatter=content.get("scatter", 1.0),
        )


def marked(clear_at: tuple[Mark, ...], at: float, scatter: float) -> tuple[Mark, ...]:
    """Add a clear mark, at most one a minute, and thin the older ones.

    Of three neighbours the middle one goes when the outer two are closer together than half the age of the
    oldest: 24 h keep about 20 marks, and going back by a seconds reads no more than about 2 a + 60 s.
    """
    if clear_at and at - clear_at[-1].at < MARK_EVERY_S:
        return clear_at
    kept = [Mark(at, scatter)]
    for index in range(len(clear_at) - 1, -1, -1):
        older = clear_at[index - 1] if index else None
        if older is None or kept[-1].at - older.at > 0.5 * (at - older.at):
            kept.append(clear_at[index])
    return tuple(reversed(kept))
