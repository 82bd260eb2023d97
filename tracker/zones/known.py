"""The zones as a worker knows them: what was edited is read a page a batch and indexed by another thread.

No batch waits for that. Until it is done the zones as they were are asked, which are right for every moment before the
first change that is still to come; who asks for a later moment waits.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from math import inf, nextafter

from geofences.zone import Zone
from tracker.ports import Transaction, ZoneCursor
from tracker.zones.base import Index
from tracker.zones.history import ZoneHistory

PAGE = 2_000
"""Versions read in one batch: some hundredths of a second."""


class KnownZones:
    """Zone versions as of the newest revision that was seen; `at` may be called while the transaction is open."""

    def __init__(self, transaction: Transaction, revision: int) -> None:
        self._transaction = transaction
        self._history = ZoneHistory(transaction.zones())
        self._seen = self._known = revision
        self._cursor = ZoneCursor(revision + 1)
        self._due = inf
        self._changed: list[Zone] = []
        self._coming: Future[ZoneHistory] | None = None
        self._coming_revision = revision
        self._pool = ThreadPoolExecutor(1, "zone-history")

    def read(self, transaction: Transaction, revision: int, page: int | None = PAGE) -> None:
        """See whether zones changed, and read up to `page` versions of what did (None: all)."""
        self._transaction = transaction
        if revision != self._seen:
            self._seen = revision
            self._due = transaction.zones_differ_from(self._known)
        if self._due < inf:
            self._advance(page, wait=False)

    def at(self, at: float) -> Index:
        """The zones valid at a moment (seconds UTC)."""
        while at >= self._due:
            self._advance(None, wait=True)
        return self._history.at(at)

    def _advance(self, page: int | None, *, wait: bool) -> None:
        """One step: take over what another thread made ready, or read on and hand it over."""
        if self._coming is None:
            read, self._cursor = self._transaction.zone_page(self._cursor, page)
            self._changed += read
            if page is None or len(read) < page:
                self._coming = self._pool.submit(prepared, self._history, self._changed, self._due)
                self._changed, self._coming_revision = [], self._seen
        elif wait or self._coming.done():
            coming, self._coming = self._coming, None
            self._history, self._known = coming.result(), self._coming_revision
            self._due = inf if self._known == self._seen else self._transaction.zones_differ_from(self._known)


def prepared(history: ZoneHistory, changed: list[Zone], due: float) -> ZoneHistory:
    """The history with changes, its indexes before and after the first of them made."""
    return history.after(changed, (inf, due, nextafter(due, -inf)))
