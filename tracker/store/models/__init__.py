"""The tables, by what they are about; importing this fills `Base.metadata`."""

from tracker.store.models import alerts, field, people, tracks, zones
from tracker.store.models.base import Base

__all__ = ["Base", "alerts", "field", "people", "tracks", "zones"]
