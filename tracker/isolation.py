"""Commits a batch so that no single message can keep the others out, and none is lost for a fault of ours."""

import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tracker.admission import Refusal
from tracker.batch import Arrival, Defect, Receipt
from tracker.pipeline import Pipeline
from tracker.ports import StoreRefusedError, StoreUnavailableError

NOT_STORABLE = "not_storable"


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A message that was not committed: its place in the batch, and why, in words that quote no position."""

    index: int
    why: str


@dataclass(frozen=True, slots=True)
class Committed:
    """What became of a batch; whatever is held back must not be acknowledged."""

    receipts: list[Receipt] = field(default_factory=list)
    held_back: list[HeldBack] = field(default_factory=list)

    @property
    def receipt(self) -> Receipt:
        """All receipts as one; the later `upto` of a device counts."""
        refused: Counter[Refusal] = Counter()
        for each in self.receipts:
            refused.update(each.refused)
        return Receipt(
            {device: upto for each in self.receipts for device, upto in each.upto.items()},
            frozenset().union(*(each.backlog for each in self.receipts)),
            [alert for each in self.receipts for alert in each.alerts],
            sum(each.stored for each in self.receipts),
            sum(each.duplicates for each in self.receipts),
            sum(each.quarantined for each in self.receipts),
            refused,
        )


def commit(pipeline: Pipeline, arrivals: Sequence[Arrival], first: int = 0) -> Committed:
    """Commit arrivals; a batch that fails is halved until what is wrong stands alone.

    What the database refuses as data goes to the quarantine: no repetition will store it. Any other failure is ours;
    its message is held back, to be tried again, for the quarantine would acknowledge a fix that detection never saw.

    Raises:
        StoreUnavailableError: the database is lost.
    """
    try:
        return Committed([pipeline.process(arrivals)])
    except StoreUnavailableError:
        raise
    except Exception as error:  # noqa: BLE001  whatever one message does, the others must be stored
        pipeline.forget()
        if len(arrivals) == 1:
            return alone(pipeline, arrivals[0], first, error)
    middle = len(arrivals) // 2
    left, right = commit(pipeline, arrivals[:middle], first), commit(pipeline, arrivals[middle:], first + middle)
    return Committed(left.receipts + right.receipts, left.held_back + right.held_back)


def alone(pipeline: Pipeline, arrival: Arrival, index: int, error: Exception) -> Committed:
    """The fate of the one message that could not be committed."""
    try:
        if isinstance(error, StoreRefusedError):
            return Committed([pipeline.process([unstorable(arrival)])])
    except StoreUnavailableError:
        raise
    except Exception as worse:  # noqa: BLE001  not even the quarantine takes it
        error = worse
    return Committed(held_back=[HeldBack(index, reason(error))])


def unstorable(arrival: Arrival) -> Arrival:
    """The same message as one defect: kept for somebody to look at, its numbers acknowledged."""
    numbers = [(fix.seq, fix.oldest_held) for fix in arrival.fixes if fix.seq is not None]
    measured_at = min((fix.fix_at for fix in arrival.fixes), default=None)
    defects = [Defect(NOT_STORABLE, "the database refuses it", measured_at)]
    handled = [*arrival.handled, *numbers]
    return Arrival(arrival.device, arrival.received_at, (), defects, handled, arrival.payload, mixed=arrival.mixed)


def reason(error: Exception) -> str:
    """Type and place of an error. Its own words stay out: they may quote a position."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name}, {frame.filename.rpartition('/')[2]}:{frame.lineno}"
