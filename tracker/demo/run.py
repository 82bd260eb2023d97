"""`keepclear demo`: real zones, real phone tracks moved to now, and simulated visitors on real roads."""

import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import argon2
import orjson

from geofences.imports.intake import Wanted, read_sources
from geofences.imports.plan import plan
from geofences.index import ZoneIndex
from geofences.zone import Zone
from mqtt.enrolment import DeviceAccess
from mqtt.network import Endpoint
from mqtt.phone import Connection
from mqtt.replay import replay
from mqtt.topics import shard_of
from tracker.app import accounts_of, broker, database_url, rights_of
from tracker.demo.town import Town, town_of
from tracker.demo.walks import crowd
from tracker.errors import ServiceError
from tracker.installation.up import Installation
from tracker.people.accounts import Credential
from tracker.people.administration import Rights
from tracker.people.roles import Role
from tracker.recordings import Track
from tracker.recordings import read as read_recording
from tracker.settings import Settings, secret
from tracker.store.connection import connect
from tracker.store.people import People
from tracker.store.visits import Visits
from tracker.store.zones import put_zones

DATA = Path(__file__).parents[2] / "data"
BASEMAP = DATA / "basemap" / "nanjing_osm.geojson"
ZONES = DATA / "zones" / "nanjing_osm.geojson"
PHONES = sorted((DATA / "tracks").glob("phone_*.jsonl"))
SUPERVISOR = "supervisor"
ROUND_S = 2 * 3600.0
VISITING, VISIT_S = 3, 4 * 3600.0
NEAR_M = 600.0
NAMES = (
    "王伟", "李娜", "张敏", "刘洋", "陈静", "杨帆", "赵磊", "黄丽", "周杰", "吴霞",
    "徐强", "孙燕", "马超", "朱琳", "胡军", "郭敏", "何平", "高翔", "林芳", "罗斌",
)  # fmt: skip


def run_demo(settings: Settings, say: Callable[[str], None], *, seed: int, visitors: int) -> None:
    """Run an installation with demonstration traffic until Ctrl-C."""
    installation = Installation(settings, say)
    traffic = installation.program(
        "demo-traffic", "demo-traffic", "--seed", str(seed), "--visitors", str(visitors),
        is_ready=lambda: demonstrable(installation.database_url, settings),
    )  # fmt: skip

    def announce() -> None:
        installation.announce()
        say(f"log in as  {SUPERVISOR}   password  {password(settings)}")

    installation.run([traffic], announce)


def demonstrable(url: str, settings: Settings) -> bool:
    """Whether the demonstration data are in place; the account is written last."""
    return accounts_of(settings.model_copy(update={"database_url": url})).credential(SUPERVISOR) is not None


def password(settings: Settings) -> str:
    """The demonstration's password, made up once for this installation."""
    return secret(settings.var_dir, "demo-password")[:12]


def run_traffic(settings: Settings, stopping: Event, *, seed: int, visitors: int) -> None:
    """Put the demonstration data in place, then play visitors until told to stop."""
    zones = demo_zones(time.time())
    index, town = ZoneIndex.build(zones), demo_town()
    phones = [near_part(track, index) for path in PHONES for track in read_recording(path)]
    people = [track.device for track in (*phones, *crowd(seed, town, 0.0, 1.0, visitors))]
    enrol(settings, zones, people)
    endpoint = broker(settings)
    while not stopping.is_set():
        tracks = [*phones, *crowd(seed, town, time.time(), ROUND_S, visitors)]
        replay(tracks, lambda device: connection(settings, endpoint, device), start="now", stop=stopping)
        seed += 1


def demo_zones(now: float) -> list[Zone]:
    """The courts and police stations of central Nanjing, in force since yesterday.

    As `keepclear zones import` would have them: a compound of several outlines is one zone.
    """
    return [replace(zone, valid_from=now - 86_400) for zone in plan(read_sources([ZONES], Wanted())).added]


def demo_town() -> Town:
    """The real roads round the zones."""
    roads = [feature for feature in features(BASEMAP) if feature["properties"]["layer"] == "road"]
    return town_of(roads, features(ZONES))


def features(path: Path) -> list[dict[str, Any]]:
    """The features of a GeoJSON file."""
    found: list[dict[str, Any]] = orjson.loads(path.read_bytes())["features"]
    return found


def near_part(track: Track, zones: ZoneIndex) -> Track:
    """A recording from its first fix near a zone on, so that nobody waits hours for something to happen."""
    near = (i for i, fix in enumerate(track.fixes) if zones.within(fix.lon, fix.lat, NEAR_M))
    fixes = track.fixes[next(near, 0) :]
    return replace(track, fixes=tuple(fix for fix in fixes if fix.fix_at - fixes[0].fix_at < ROUND_S))


def enrol(settings: Settings, zones: Sequence[Zone], devices: Sequence[str]) -> None:
    """Zones, people, devices, open shifts and the account, each unless it is there from the last time."""
    if settings.mqtt_admin_url is None:
        raise ServiceError("The demo enrols devices at its private broker.", "Unset KEEPCLEAR_MQTT_URL for the demo.")
    with connect(database_url(settings), "keepclear demo", fenced=False) as database:
        put_zones(database, zones, "demo")
        with DeviceAccess(settings.mqtt_admin_url) as access:
            for number, device in enumerate(devices):
                name = f"{NAMES[number % len(NAMES)]} {number + 1:02}"
                plan_visit(Visits(database), enrol_one(People(database), access, settings, device, name))
    let_in(settings)


def let_in(settings: Settings) -> None:
    """The account of the demonstration, which may do everything that staff may."""
    rights, everything = rights_of(settings), Rights(frozenset(Role) - {Role.VISITOR}, all_teams=True)
    known = accounts_of(settings).credential(SUPERVISOR)
    if known is None or not opens(known, password(settings)):  # a new password would end the sessions of the last time
        rights.let_in("demo", SUPERVISOR, argon2.PasswordHasher().hash(password(settings)), everything)
    if known is not None:
        rights.set_rights("demo", known.account_id, everything)


def opens(account: Credential, password: str) -> bool:
    """Whether the account has this password already."""
    try:
        return argon2.PasswordHasher().verify(account.password_hash or "", password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def enrol_one(people: People, access: DeviceAccess, settings: Settings, device: str, name: str) -> int:
    """One visitor with one device on an open shift; the visitor's number."""
    known = next((visitor for visitor in people.visitors() if device in visitor.devices), None)
    visitor_id = known.id if known else people.add_visitor(name, consented=True)
    device_secret = secret_of(settings, device)
    if known is None:
        people.add_device(device, visitor_id, platform="android", shard=shard_of(device), secret=device_secret)
    access.enrol(device, device_secret)
    if known is None or known.shift_opened_at is None:
        people.open_shift(visitor_id)
    return visitor_id


def plan_visit(visits: Visits, visitor_id: int) -> None:
    """Every third visitor works on a case."""
    if visitor_id % VISITING == 0 and not visits.of(visitor_id):
        now = time.time()
        visits.add(visitor_id, f"(2026)外访第{visitor_id:03}号", now, now + VISIT_S, by="demo")


def secret_of(settings: Settings, device: str) -> str:
    """The made-up secret of a demonstration device."""
    return hmac.digest(secret(settings.var_dir, "demo-devices").encode(), device.encode(), "sha256").hex()[:32]


def connection(settings: Settings, endpoint: Endpoint, device: str) -> Connection:
    """How a demonstration phone logs in."""
    return Connection(endpoint.host, endpoint.port, device, secret_of(settings, device))
