"""What the phones' HTTP door needs from the rest of the house."""

from collections.abc import Callable, Sequence
from typing import Protocol

from tracker.batch import Arrival, Receipt

Reader = Callable[[str, bytes, float], Arrival]
"""(device, payload, received at) -> arrival; the same reader as MQTT's."""


class Credentials(Protocol):
    """Who may send as which device."""

    def device_secret_matches(self, name: str, secret: str) -> bool:
        """Whether this is the secret that the device was given (and it is not revoked)."""


class Door(Protocol):
    """The pipeline's door."""

    def take(self, arrivals: Sequence[Arrival]) -> Receipt:
        """Commit; on return everything is durable.

        Raises:
            StoreUnavailableError: nothing is known of the commit.
            StoreRefusedError: something can't be stored as it is.
        """
