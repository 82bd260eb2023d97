"""One ingest worker: sessions of the shards it holds -> pipeline -> acknowledgements and alerts.

The lease connection is the writing connection. Whoever loses it drops its sessions, forgets its state and starts
again from the database; the broker delivers again what was never acknowledged.
"""

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Event
from typing import Protocol

import orjson
import structlog

from mqtt import metrics, topics
from mqtt.arrivals import arrival
from mqtt.patience import Patience
from mqtt.publisher import Publisher
from mqtt.subscriber import Delivery, Subscriber
from mqtt.teller import Teller
from tracker.acknowledgement import AckSchedule
from tracker.isolation import HeldBack, commit, reason
from tracker.pipeline import Pipeline
from tracker.ports import Store, StoreUnavailableError

log = structlog.get_logger()
PLAIN_SHARD = topics.SHARDS
BALANCE_EVERY_S = 2.0
SWEEP_EVERY_S = 1.0
LOOK_OUT_EVERY_S = 5.0
IDLE_S = 0.05
ORPHANED_AFTER_S = 5.0
"""An alert that waits in the outbox for so long has lost its publisher."""
SETTLED_S = 1.0
"""Who has served for so long starts again at once when the database is lost."""
RESTART_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Leases(Protocol):
    """Which shards this worker may serve; they end with its connection."""

    held: set[int]

    def claim(self) -> set[int]:
        """Take free shards up to a fair share; returns the new ones."""

    def surplus(self) -> set[int]:
        """Shards above the fair share."""

    def release(self, shards: Collection[int]) -> None:
        """Give shards back."""

    def announce(self) -> None:
        """Tell whoever waits that this worker's sessions exist."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What a worker holds while its connection lives."""

    store: Store
    leases: Leases
    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class Pace:
    """How batches grow: up to so many messages, or so many seconds after the first, whichever comes first."""

    max_messages: int = 1000
    max_wait_s: float = 0.03


class Worker:
    """The loop. `open_workplace` connects to the database and claims nothing yet."""

    def __init__(
        self,
        open_workplace: Callable[[], AbstractContextManager[Workplace]],
        subscriber: Subscriber,
        publisher: Publisher,
        acknowledgements: AckSchedule,
        pace: Pace,
    ) -> None:
        self._open_workplace = open_workplace
        self._subscriber = subscriber
        self._publisher = publisher
        self._acknowledgements = acknowledgements
        self._pace = pace
        self._teller = Teller(publisher)
        self._patience = Patience()

    def run(self, stopping: Event) -> None:
        """Serve until told to stop, starting again from the database whenever it was lost."""
        failures = 0
        while not stopping.is_set():
            begun_at = time.monotonic()
            try:
                with self._open_workplace() as workplace:
                    self._serve(workplace, stopping)
            except StoreUnavailableError as error:
                failures = 0 if time.monotonic() - begun_at > SETTLED_S else failures
                delay_s = RESTART_S[min(failures, len(RESTART_S) - 1)]
                failures += 1
                metrics.RESTARTS.inc()
                log.warning("database_lost", why=str(error), again_in_s=delay_s)
                stopping.wait(delay_s)

    def _serve(self, workplace: Workplace, stopping: Event) -> None:
        balance_at = sweep_at = look_at = 0.0
        announced = False
        try:
            while not stopping.is_set():
                now = time.monotonic()
                if now >= balance_at:
                    balance_at = now + BALANCE_EVERY_S
                    self._balance(workplace)
                if now >= sweep_at:
                    sweep_at = now + SWEEP_EVERY_S
                    self._keep_house(workplace)
                if now >= look_at:
                    look_at = now + LOOK_OUT_EVERY_S
                    self._tried(workplace, "look_out_failed", self._look_out)
                if not announced and self._subscriber.ready():
                    workplace.leases.announce()
                    announced = True
                self._take(workplace, self._patience.due(now) + self._subscriber.inbox.collect(*self._wait()))
                self._acknowledge_phones()
            self._note_published(workplace)
        finally:
            self._subscriber.close(list(self._subscriber.sessions))
            self._subscriber.inbox.forget()
            self._patience.forget()

    def _wait(self) -> tuple[int, float, float]:
        return self._pace.max_messages, self._pace.max_wait_s, IDLE_S

    def _take(self, workplace: Workplace, deliveries: Sequence[Delivery]) -> None:
        """Commit, then acknowledge to the broker, then tell: in this order and no other."""
        if not deliveries:
            return
        started_at = time.perf_counter()
        committed = commit(workplace.pipeline, [arrival(delivery) for delivery in deliveries])
        durable = self._hold_back(deliveries, committed.held_back) if committed.held_back else deliveries
        self._subscriber.acknowledge(durable)
        self._patience.committed(durable)
        now = time.monotonic()
        for receipt in committed.receipts:
            self._teller.tell(receipt.alerts)
            for device, upto in receipt.upto.items():
                self._acknowledgements.committed(device, upto, now, backlog=device in receipt.backlog)
            metrics.count(receipt)
        metrics.BATCH_MESSAGES.observe(len(deliveries))
        metrics.BATCH_SECONDS.observe(time.perf_counter() - started_at)

    def _hold_back(self, deliveries: Sequence[Delivery], held_back: Sequence[HeldBack]) -> list[Delivery]:
        """Keep what was not committed for later; returns the rest."""
        held = {each.index for each in held_back}
        self._patience.hold([deliveries[index] for index in sorted(held)], time.monotonic())
        log.error("messages_held_back", count=len(held), why=sorted({each.why for each in held_back}))
        return [delivery for index, delivery in enumerate(deliveries) if index not in held]

    def _acknowledge_phones(self) -> None:
        for device, upto in self._acknowledgements.due(time.monotonic()):
            self._publisher.publish(topics.ack_topic(device), orjson.dumps({"upto": upto}), qos=0)

    def _balance(self, workplace: Workplace) -> None:
        """Take over free shards; give up those above a fair share when another worker has come."""
        for shard in sorted(workplace.leases.claim()):
            plain = shard == PLAIN_SHARD
            filters = topics.plain_subscription() if plain else topics.subscription(shard)
            self._subscriber.open(shard, "kc-plain" if plain else f"kc-s1-{shard:02}", filters)
        if surplus := workplace.leases.surplus():
            self._subscriber.close(surplus)
            workplace.leases.release(surplus)
            workplace.pipeline.forget()
        metrics.SHARDS.set(len(workplace.leases.held))

    def _keep_house(self, workplace: Workplace) -> None:
        """Sweep; a fault there must not keep fixes from being stored.

        Raises:
            ConnectionAbortedError: the network thread has died, and this process must be started again.
        """
        if self._subscriber.lost():
            raise ConnectionAbortedError("the thread that reads from the broker has died")
        metrics.HELD_BACK.set(len(self._patience))
        self._tried(workplace, "sweep_failed", self._sweep)

    @staticmethod
    def _tried(workplace: Workplace, fault: str, work: Callable[[Workplace], None]) -> None:
        try:
            work(workplace)
        except StoreUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001  tried again at the next turn
            workplace.pipeline.forget()
            log.error(fault, why=reason(error))  # noqa: TRY400  a traceback may quote a position

    def _look_out(self, workplace: Workplace) -> None:
        """Notice who has fallen silent: of those whose messages would have been heard, had there been any."""
        addresses = [topics.parse(topic) for topic in self._patience.topics]
        held_back = {each.device for each in addresses if isinstance(each, topics.Address)}
        receipt = workplace.pipeline.look_out(self._subscriber.listening(), held_back, time.time())
        metrics.count(receipt)
        self._teller.tell(receipt.alerts)

    def _sweep(self, workplace: Workplace) -> None:
        """Close ended shifts, make room for tomorrow, note what was published and publish what others left."""
        held = workplace.leases.held
        self._teller.tell(workplace.pipeline.close_shifts(held).alerts)
        published = self._teller.taken()
        with workplace.store.transaction() as transaction:
            transaction.prepare(time.time())
            if published:
                transaction.mark_published(published)
            orphans = transaction.unpublished(held, ORPHANED_AFTER_S)
        self._teller.tell(orphans)

    def _note_published(self, workplace: Workplace) -> None:
        """On leaving: who takes over must not tell again what the broker has."""
        if published := self._teller.taken():
            with workplace.store.transaction() as transaction:
                transaction.mark_published(published)
