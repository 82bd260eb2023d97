"""What counts as an incursion: fixes of one device in one shift -> approach, entry, dwell, exit, pass-through, gap.

Pure: `fold` takes a state and a fix and gives a state and the incursions it touched.
"""

from tracker.incursion.fold import Step, begin, finish, fold
from tracker.incursion.record import Certainty, End, Incursion, IncursionKey, Kind, Milestone
from tracker.incursion.state import FoldState
from tracker.incursion.stay import Zones

__all__ = [
    "Certainty",
    "End",
    "FoldState",
    "Incursion",
    "IncursionKey",
    "Kind",
    "Milestone",
    "Step",
    "Zones",
    "begin",
    "finish",
    "fold",
]
