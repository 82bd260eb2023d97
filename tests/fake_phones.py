"""A broker in memory beside the real database."""

from tracker.errors import AccessError
from tracker.people.administration import NewPhone
from tracker.store.visitors import Visitors


class FakePhones:
    """What each method promises stands at `tracker.people.administration.PhoneOffice`."""

    def __init__(self, visitors: Visitors) -> None:
        self._visitors = visitors
        self.off_the_broker: list[str] = []
        self.broker_is_away = False

    def enrol(self, by: str, visitor_id: int, name: str | None, platform: str) -> NewPhone:
        device, secret = name or "phone-made-up", "s3cret"
        with self._visitors.adding_device(by, device, visitor_id, platform=platform, shard=0, secret=secret):
            self._tell()
        return NewPhone(device, secret, f"kc/1/00/00/{device}", "owntracks:///config?inline=e30")

    def revoke(self, by: str, name: str) -> None:
        self._visitors.revoke_device(by, name)
        self._tell()
        self.off_the_broker.append(name)

    def _tell(self) -> None:
        if self.broker_is_away:
            raise AccessError("The broker can't be reached.", "Try again.")
