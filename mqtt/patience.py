"""Messages that are held back: neither acknowledged nor dropped, and tried again at longer and longer intervals."""

from collections.abc import Sequence

from mqtt.subscriber import Delivery

RETRY_S = (1.0, 5.0, 15.0, 60.0)


class Patience:
    """What could not be committed for a fault of ours; the broker keeps it, too, until it is acknowledged.

    A delivery of a connection that has ended is forgotten: the broker delivers the message again.
    """

    def __init__(self) -> None:
        self._waiting: dict[Delivery, float] = {}
        self._attempts: dict[Delivery, int] = {}

    def hold(self, deliveries: Sequence[Delivery], now: float) -> None:
        """Try these again later; `now` is of any clock that does not go back."""
        for delivery in deliveries:
            attempt = self._attempts.get(delivery, 0)
            self._attempts[delivery] = attempt + 1
            self._waiting[delivery] = now + RETRY_S[min(attempt, len(RETRY_S) - 1)]

    def due(self, now: float) -> list[Delivery]:
        """Those whose time has come and whose connection lives."""
        due = [delivery for delivery, at in self._waiting.items() if at <= now]
        for delivery in due:
            del self._waiting[delivery]
        return [delivery for delivery in due if self._lives(delivery)]

    def committed(self, deliveries: Sequence[Delivery]) -> None:
        """These need no more attempts."""
        if self._attempts:
            for delivery in deliveries:
                self._attempts.pop(delivery, None)

    @property
    def topics(self) -> set[str]:
        """Where they came from."""
        return {delivery.topic for delivery in self._waiting}

    def forget(self) -> None:
        """Drop all: the sessions are given up."""
        self._waiting.clear()
        self._attempts.clear()

    def __len__(self) -> int:
        return len(self._waiting)

    def _lives(self, delivery: Delivery) -> bool:
        if delivery.live:
            return True
        self._attempts.pop(delivery, None)
        return False
