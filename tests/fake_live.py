"""A live view and accounts in memory, driven by the test, and builders for what they hold."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from argon2 import PasswordHasher
from shapely.geometry import Point

from geofences.zone import Zone
from tracker.live import Hearing, LiveAlert, LiveDevice, LiveReached, LiveSilence
from tracker.people.accounts import Credential, Identity, SessionRow
from tracker.people.roles import EVERYBODY, Principal, Role
from tracker.people.throttle import Limit, Tries

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
        shift_at=NOW - 3600.0,
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


def a_silence(number: int = 1, *, red: bool = True, **changes: Any) -> LiveAlert:
    """No data from a phone for 20 minutes, or for 6; a court is within reach."""
    since = changes.pop("since", NOW - (1200.0 if red else 360.0))
    about = {"why": "battery", "judged_from": since, "together": False, "over": None, "filled": False}
    about |= {"reached": (LiveReached("court", "南京市中级人民法院", 340.0),)}
    silence = LiveSilence(**(about | {key: changes.pop(key) for key in list(changes) if key in about}))
    row = {"zone": "", "zone_name": "", "kind": "silence", "p_inside": 0.5, "closest_m": 0.0, "silence": silence}
    confirmed_at = since + 900.0 if red else None
    return an_alert(f"silence-{number}", **(row | {"first_possible_at": since, "confirmed_at": confirmed_at} | changes))


def a_court(**changes: Any) -> Zone:
    """A point zone with the usual 200 m and a ring of 100 m."""
    usual = Zone("court", "南京市中级人民法院", "court", Point(118.7757, 32.0517))
    return replace(usual, **changes)


class FakeTries:
    """Tries in memory; `now` is the database's clock."""

    now = NOW

    def __init__(self) -> None:
        self.tries: dict[bytes, Tries] = {}

    def begin_try(self, limits: Sequence[Limit]) -> float:
        held = [self.tries.get(limit.key, Tries()) for limit in limits]
        wait_s = max(0.0, *(tries.locked_until - self.now for tries in held))
        if wait_s == 0.0:
            self.tries |= {
                limit.key: tries.tried(limit.free, self.now) for limit, tries in zip(limits, held, strict=True)
            }
        return wait_s

    def try_was_right(self, limits: Sequence[Limit]) -> None:
        self.tries |= {limit.key: self.tries[limit.key].right() for limit in limits}

    def forget_tries(self, limit: Limit) -> None:
        self.tries.pop(limit.key, None)


class FakeAccounts(FakeTries):
    """Accounts and sessions in memory: supervisors who also edit zones; `broken` makes the store unreachable."""

    def __init__(self, **passwords: str) -> None:
        super().__init__()
        self.broken = False
        self.now = NOW
        self.accounts = {
            number: Credential(number, name, CHEAP_HASHER.hash(password), None)
            for number, (name, password) in enumerate(passwords.items(), 1)
        }
        self.rights = {number: (frozenset({Role.SUPERVISOR, Role.ZONE_EDITOR}), EVERYBODY) for number in self.accounts}
        self.links: dict[bytes, int] = {}
        self.identities: dict[int, Identity] = {}
        self.steps: dict[int, int] = {}
        self.rows: dict[bytes, FakeSession] = {}

    def credential(self, username: str) -> Credential | None:
        return next((each for each in self._accounts().values() if each.username == username), None)

    def credential_of(self, account_id: int) -> Credential | None:
        return self._accounts().get(account_id)

    def by_identity(self, identity: Identity) -> Credential | None:
        known = next((each for each in self._accounts().values() if each.username == identity.username), None)
        if known is not None and self.identities.setdefault(known.account_id, identity) == identity:
            return known
        return None

    def set_password(self, account_id: int, password_hash: str) -> None:
        self.accounts[account_id] = replace(self.accounts[account_id], password_hash=password_hash)

    def set_totp(self, account_id: int, secret: str | None) -> None:
        self.accounts[account_id] = replace(self.accounts[account_id], totp_secret=secret)

    def use_code(self, account_id: int, step: int) -> bool:
        fresh = step > self.steps.get(account_id, 0)
        self.steps[account_id] = max(step, self.steps.get(account_id, 0))
        return fresh

    def redeem(self, link_digest: bytes) -> int | None:
        return self.links.pop(link_digest, None)

    def linked(self, link_digest: bytes) -> str | None:
        account_id = self.links.get(link_digest)
        return None if account_id is None else self.accounts[account_id].username

    def open(self, account_id: int, digest: bytes, stage: str, lasts_s: float, client: tuple[str, str]) -> None:
        self.rows[digest] = FakeSession(len(self.rows) + 1, account_id, stage, self.now, self.now + lasts_s, *client)

    def principal(self, digest: bytes, idle_s: float) -> Principal | None:
        row = self._row(digest, "open", idle_s)
        if row is None:
            return None
        row.seen_at = self.now
        roles, scope = self.rights[row.account_id]
        return Principal(row.account_id, self.accounts[row.account_id].username, roles, scope, row.id)

    def pending(self, digest: bytes) -> Credential | None:
        row = self._row(digest, "code", 1e9)
        return None if row is None else self.accounts[row.account_id]

    def end(self, digest: bytes) -> None:
        self.rows.pop(digest, None)

    def of_account(self, account_id: int, idle_s: float, current: bytes) -> list[SessionRow]:
        mine = [(digest, row) for digest, row in self.rows.items() if row.account_id == account_id]
        return [
            SessionRow(row.id, row.seen_at, row.seen_at, row.ends_at, row.address, row.agent, digest == current)
            for digest, row in mine
        ]

    def end_one(self, account_id: int, session_id: int) -> bool:
        mine = [digest for digest, row in self.rows.items() if (row.account_id, row.id) == (account_id, session_id)]
        for digest in mine:
            del self.rows[digest]
        return bool(mine)

    def end_all(self, account_id: int, but: bytes = b"") -> None:
        self.rows = {key: row for key, row in self.rows.items() if row.account_id != account_id or key == but}

    def _accounts(self) -> dict[int, Credential]:
        if self.broken:
            raise ConnectionError("the store is away")
        return self.accounts

    def _row(self, digest: bytes, stage: str, idle_s: float) -> "FakeSession | None":
        row = self.rows.get(digest)
        if row is None or row.account_id not in self._accounts() or row.stage != stage:
            return None
        return row if self.now < row.ends_at and self.now - row.seen_at < idle_s else None


@dataclass
class FakeSession:
    """A row of sessions."""

    id: int
    account_id: int
    stage: str
    seen_at: float
    ends_at: float
    address: str
    agent: str


class FakeLiveView:
    """What is stored, with the time at which each row changed; `broken` makes the store unreachable."""

    def __init__(self) -> None:
        self.broken = False
        self.heard = Hearing()
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
        rows.sort(key=lambda row: -row.changed_at)
        return rows[:limit] + [row for row in rows[limit:] if row.confirmed_at is not None]

    def hearing(self) -> Hearing:
        return self.heard

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
