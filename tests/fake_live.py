"""A live view and accounts in memory, driven by the test, and builders for what they hold."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from argon2 import PasswordHasher
from shapely.geometry import Point

from geofences.zone import Zone
from tracker.live import LiveAlert, LiveDevice

NOW = 1_700_000_000.0
PASSWORD = "correct horse battery staple"
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def a_device(device: str = "phone-1", **changes: Any) -> LiveDevice:
    """A visitor walking in central Nanjing with a good fix, clear of every zone."""
    usual = LiveDevice(
        device=device,
        visitor="王芳",
        lon=118.79,
        lat=32.045,
        accuracy_m=8.0,
        heading_deg=90.0,
        speed_mps=1.4,
        battery_pct=80.0,
        fix_at=NOW,
        received_at=NOW,
        state="clear",
        zone=None,
        signed_m=None,
        shift_id=1,
        on_shift=True,
    )
    return replace(usual, **changes)


def an_alert(alert_id: str = "incursion-1", **changes: Any) -> LiveAlert:
    """A confirmed entry that is still going on."""
    usual = LiveAlert(
        id=alert_id,
        device="phone-1",
        visitor="王芳",
        zone="court",
        zone_name="南京市中级人民法院",
        kind="entry",
        first_possible_at=NOW - 20.0,
        confirmed_at=NOW,
        exit_at=None,
        p_inside=0.98,
        closest_m=-35.0,
        revision=1,
        retracted=False,
        why=None,
        changed_at=NOW,
    )
    return replace(usual, **changes)


def a_court(**changes: Any) -> Zone:
    """A point zone with the usual 200 m and a ring of 100 m."""
    usual = Zone("court", "南京市中级人民法院", "court", Point(118.7757, 32.0517))
    return replace(usual, **changes)


class FakeAccounts:
    """User names and cheap hashes; `broken` makes the store unreachable."""

    def __init__(self, **passwords: str) -> None:
        self.hashes = {name: CHEAP_HASHER.hash(password) for name, password in passwords.items()}
        self.broken = False

    def password_hash(self, username: str) -> str | None:
        if self.broken:
            raise ConnectionError("the store is away")
        return self.hashes.get(username)


class FakeLiveView:
    """What is stored, with the time at which each row changed; `broken` makes the store unreachable."""

    def __init__(self) -> None:
        self.broken = False
        self._lock = threading.Lock()
        self._devices: dict[str, tuple[float, LiveDevice]] = {}
        self._alerts: dict[str, LiveAlert] = {}
        self._zones: list[Zone] = []
        self._generation = 1

    def put(self, *rows: LiveDevice | LiveAlert, changed_at: float = NOW) -> None:
        with self._lock:
            for row in rows:
                if isinstance(row, LiveAlert):
                    self._alerts[row.id] = row
                else:
                    self._devices[row.device] = (changed_at, row)

    def put_zones(self, *zones: Zone) -> None:
        with self._lock:
            self._zones = list(zones)
            self._generation += 1

    def devices(self, changed_since: float) -> Sequence[LiveDevice]:
        with self._readable():
            rows = [(at, row) for at, row in self._devices.values() if at >= changed_since]
        return [row for _, row in rows if row.on_shift or changed_since > 0.0]

    def alerts(self, changed_since: float, limit: int) -> Sequence[LiveAlert]:
        with self._readable():
            rows = [row for row in self._alerts.values() if row.changed_at >= changed_since]
        return sorted(rows, key=lambda row: -row.changed_at)[:limit]

    def zones(self) -> Sequence[Zone]:
        with self._readable():
            return list(self._zones)

    def zone_generation(self) -> int:
        with self._readable():
            return self._generation

    def _readable(self) -> threading.Lock:
        if self.broken:
            raise ConnectionError("the store is away")
        return self._lock
