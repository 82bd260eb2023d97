"""The loop that plans, escalates and delivers; several processes may run it, and any may die at any moment."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from random import uniform
from threading import Event

import structlog

from tracker.answers.rota import ESCALATED, Watcher, covering, escalated_to, told_at_once
from tracker.notify.channels import DeliveryError
from tracker.notify.notice import Notice
from tracker.notify.rota_file import Rota
from tracker.ports import StoreUnavailableError
from tracker.store.deliveries import Deliveries, Leased

PAUSE_S = 1.0
LEASE_S = 60.0
"""Then another process may try what a dead one had in hand; who is alive renews it for as long as an attempt takes."""
PATIENCE_S = 2.0
"""How long a round waits for attempts; a slower recipient goes on beside the next rounds and holds nobody up."""
AT_ONCE = 16
RETRIES_S = (5.0, 30.0, 120.0, 600.0, 1800.0, 7200.0, 18_000.0, 36_000.0)
"""Pauses after each failed attempt (18 h in all), as Standard Webhooks recommends; then the delivery is dead."""
MOST_ERROR = 200

log = structlog.get_logger(__name__)


class Dispatcher:
    """One round after the other until told to stop."""

    def __init__(
        self,
        open_deliveries: Callable[[], AbstractContextManager[Deliveries]],
        rota: Rota,
        retries_s: Sequence[float] = RETRIES_S,
        lease_s: float = LEASE_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._open = open_deliveries
        self._rota = rota
        self._retries_s = retries_s
        self._lease_s = lease_s
        self._patience_s = patience_s
        self._in_hand: dict[Future[DeliveryError | None], Leased] = {}
        self._watchers: Mapping[str, Watcher] = {}

    def run(self, stopping: Event) -> None:
        """Work until told to stop; a lost database is opened again."""
        with ThreadPoolExecutor(AT_ONCE, "notify") as pool:
            while not stopping.is_set():
                try:
                    with self._open() as deliveries:
                        while not stopping.wait(PAUSE_S):
                            self.round(deliveries, pool)
                        self._settle(deliveries, self._lease_s)
                except StoreUnavailableError as error:
                    log.warning("deliveries_unreachable", why=str(error))
                    stopping.wait(PAUSE_S)

    def round(self, deliveries: Deliveries, pool: ThreadPoolExecutor) -> None:
        """Plan, escalate, attempt what is due, and note what has come of the attempts."""
        self._watchers = deliveries.watchers()
        deliveries.plan(self._choose)
        deliveries.escalate(sorted(ESCALATED), self._escalate)
        for leased in deliveries.lease(self._lease_s, AT_ONCE - len(self._in_hand)):
            self._in_hand[pool.submit(self._attempt, leased)] = leased
        self._settle(deliveries, self._patience_s)

    def _settle(self, deliveries: Deliveries, patience_s: float) -> None:
        """Note the attempts that end within a while, and keep the others from being tried by somebody else."""
        done, _ = wait(self._in_hand, patience_s)
        for future in done:
            self._note(deliveries, self._in_hand[future], future.result())
            del self._in_hand[future]
        deliveries.renew(self._in_hand.values(), self._lease_s)

    def _choose(self, kind: str, team: int | None, now: float, told: Sequence[str]) -> list[str]:
        rota = covering(kind, team, self._rota.recipients, self._watchers)
        return [each.name for each in told_at_once(kind, now, rota, told)]

    def _escalate(self, kind: str, team: int | None, waiting_s: float, now: float, told: Sequence[str]) -> list[str]:
        rota = covering(kind, team, self._rota.recipients, self._watchers)
        return [each.name for each in escalated_to(kind, waiting_s, now, rota, told, self._rota.escalate_after_s)]

    def _attempt(self, leased: Leased) -> DeliveryError | None:
        send = self._rota.channels.get(leased.recipient)
        if send is None:
            return DeliveryError("no longer in the file of recipients", final=True)
        notice = Notice(
            leased.alert, leased.recipient, leased.why, leased.visitor, leased.zone, leased.attempts, leased.created_at
        )
        try:
            send(notice)
        except DeliveryError as error:
            return error
        except Exception as error:  # noqa: BLE001  a channel's own fault is one recipient's, not everybody's
            return DeliveryError(type(error).__name__)
        return None

    def _note(self, deliveries: Deliveries, leased: Leased, error: DeliveryError | None) -> None:
        if error is None:
            deliveries.delivered(leased)
            return
        again_in_s = self.pause_s(leased.attempts, error)
        deliveries.failed(leased, str(error)[:MOST_ERROR], again_in_s)
        level = log.error if again_in_s is None else log.warning
        level(
            "delivery_failed",
            recipient=leased.recipient,
            attempt=leased.attempts,
            why=str(error),
            dead=again_in_s is None,
        )

    def pause_s(self, attempts: int, error: DeliveryError) -> float | None:
        """Seconds until the next attempt, a quarter more or less so that they don't come at once; None: give up."""
        if error.final or attempts > len(self._retries_s):
            return None
        return self._retries_s[attempts - 1] * uniform(0.75, 1.25)  # noqa: S311  no secret
