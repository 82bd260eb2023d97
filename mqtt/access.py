"""Who may publish and read what: the roles of Mosquitto's dynamic security plugin.

A role names the topics themselves, because Mosquitto 2.0 puts no user name into a pattern. What all devices
have in common stands in one shared role: the plugin writes its whole file anew at each enrolment.
Whatever no rule allows is refused.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mqtt.topics import LONGEST_ID, PLAIN_ROOT, ROOT, SERVICE_PARTS, SUPERVISOR_TOPIC, base_topic, is_device_id
from tracker.errors import AccessError

ADMIN = "kc-admin"
WORKER = "kc-worker"
# Client and user names of the service itself; a device of that name could take over a worker's session.
RESERVED_PREFIX = "kc-"
ANY_DEVICE = "device"
CONSUMER = "consumer"
CONSUMER_PREFIX = f"{RESERVED_PREFIX}consumer-"
PBKDF2_ITERATIONS = 101  # what the plugin uses for the passwords it sets itself
SALT_BYTES = 12  # the plugin accepts no other length
SHARED_PRIORITY = 10

Acl = dict[str, Any]
Role = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DeviceCredential:
    """What a device logs in with: its id is both its user name and its client id."""

    device_id: str
    password: str = field(repr=False)


def device_role_name(device_id: str) -> str:
    """Name of the role that holds a device's own topics."""
    return f"device-{device_id}"


def device_acls(device_id: str) -> list[Acl]:
    """A device's own topics; raises `AccessError` for an id that is malformed or reserved.

    It publishes to its base topic and the parts below, and reads only the parts that the service publishes;
    the shared role `ANY_DEVICE` takes those back from what it may publish.
    """
    bases = [_checked_base(device_id), f"{PLAIN_ROOT}/{device_id}/+"]
    publish = [topic for base in bases for topic in (base, f"{base}/+")]
    read = [f"{base}/{part}" for base in bases for part in SERVICE_PARTS]
    return [
        *(_allow("publishClientSend", topic) for topic in publish),
        *(_allow("publishClientReceive", topic) for topic in read),
        *(_allow("subscribePattern", topic) for topic in read),
    ]


def check_device_id(device_id: str) -> None:
    """Raises `AccessError` for an id that is malformed or reserved."""
    _checked_base(device_id)


def device_roles(device_id: str) -> list[dict[str, Any]]:
    """The roles of a device's client: the shared refusals first, then its own topics."""
    return [
        {"rolename": ANY_DEVICE, "priority": SHARED_PRIORITY},
        {"rolename": device_role_name(device_id), "priority": 0},
    ]


def consumer_acls() -> list[Acl]:
    """What another system of the operator's may do: hear what supervisors are told, and nothing else."""
    return [_allow(kind, SUPERVISOR_TOPIC) for kind in ("publishClientReceive", "subscribePattern")]


def consumer_username(name: str) -> str:
    """User name and client id of a consumer, such as kc-consumer-siem; raises `AccessError` for a malformed name."""
    username = f"{CONSUMER_PREFIX}{name}"
    if not (name and is_device_id(username)):
        longest = LONGEST_ID - len(CONSUMER_PREFIX)
        raise AccessError(f"{name!r} can't name a consumer.", f"Give 1 to {longest} letters, digits, '-', '_' or '.'.")
    return username


def dynsec_config(devices: Iterable[DeviceCredential], admin_password: str, worker_password: str) -> dict[str, Any]:
    """The plugin's whole file for a broker that has not started yet, devices enrolled."""
    enrolled = list(devices)
    return {
        "defaultACLAccess": {
            "publishClientSend": False,
            "publishClientReceive": False,
            "subscribe": False,
            "unsubscribe": True,
        },
        "clients": [*_service_clients(admin_password, worker_password), *map(_device_client, enrolled)],
        "groups": [],
        "roles": [_admin_role(), *shared_roles(), *(_device_role(device.device_id) for device in enrolled)],
    }


def with_service(config: dict[str, Any], admin_password: str, worker_password: str) -> dict[str, Any]:
    """A stored file with this version's roles and passwords of the service; its devices stay as they are."""
    fresh = dynsec_config([], admin_password, worker_password)
    ours = {client["username"] for client in fresh["clients"]}
    roles = {role["rolename"] for role in fresh["roles"]}
    clients = [client for client in config.get("clients", []) if client["username"] not in ours]
    kept = [role for role in config.get("roles", []) if role["rolename"] not in roles]
    return fresh | {"clients": fresh["clients"] + clients, "roles": fresh["roles"] + kept}


def _checked_base(device_id: str) -> str:
    try:
        base = base_topic(device_id)
    except ValueError as error:
        raise AccessError(f"{device_id!r} can't name a device: {error}.", "Choose another id.") from None
    if device_id.lower().startswith(RESERVED_PREFIX):
        raise AccessError(
            f"{device_id!r} can't name a device: '{RESERVED_PREFIX}' is the service's own.",
            "Choose another id.",
        )
    return base


def _allow(kind: str, topic: str) -> Acl:
    return {"acltype": kind, "topic": topic, "priority": 0, "allow": True}


def _refuse(kind: str, topic: str) -> Acl:
    return {"acltype": kind, "topic": topic, "priority": 0, "allow": False}


def shared_roles() -> list[Role]:
    """The roles that the service's accounts, the operator's other systems and all devices share."""
    trees = (f"{ROOT}/+/+/+", f"{PLAIN_ROOT}/+/+")
    service_topics = [f"{tree}/{part}" for tree in trees for part in SERVICE_PARTS]
    read = [f"{ROOT}/#", f"{PLAIN_ROOT}/#"]
    worker = [_allow("publishClientSend", topic) for topic in (*service_topics, SUPERVISOR_TOPIC)]
    worker += [_allow(kind, topic) for kind in ("publishClientReceive", "subscribePattern") for topic in read]
    return [
        {"rolename": "worker", "acls": worker},
        {"rolename": CONSUMER, "acls": consumer_acls()},
        {"rolename": ANY_DEVICE, "acls": [_refuse("publishClientSend", topic) for topic in service_topics]},
    ]


def _admin_role() -> Role:
    kinds = ("publishClientSend", "publishClientReceive", "subscribePattern")
    return {"rolename": "admin", "acls": [_allow(kind, "$CONTROL/dynamic-security/#") for kind in kinds]}


def _service_clients(admin_password: str, worker_password: str) -> list[dict[str, Any]]:
    return [
        {"username": ADMIN, "roles": [{"rolename": "admin"}], **_hashed(admin_password)},
        {"username": WORKER, "roles": [{"rolename": "worker"}], **_hashed(worker_password)},
    ]


def _device_client(device: DeviceCredential) -> dict[str, Any]:
    return {
        "username": device.device_id,
        "clientid": device.device_id,
        "roles": device_roles(device.device_id),
        **_hashed(device.password),
    }


def _device_role(device_id: str) -> Role:
    return {"rolename": device_role_name(device_id), "acls": device_acls(device_id)}


def _hashed(password: str) -> dict[str, Any]:
    salt = secrets.token_bytes(SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, PBKDF2_ITERATIONS)
    return {
        "password": base64.b64encode(digest).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": PBKDF2_ITERATIONS,
    }
