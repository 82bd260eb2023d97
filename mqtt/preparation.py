"""Makes a Mosquitto of somebody else's ready: the roles that devices and workers need, and the workers' account."""

from contextlib import suppress
from typing import Any

from mqtt.access import Acl, Role, shared_roles
from mqtt.dynsec import CHECK_BROKER, Control, accept
from mqtt.network import Endpoint
from mqtt.topics import PLAIN_ROOT
from tracker.errors import AccessError

WORKER_ROLE = "worker"
WORKER = {"rolename": WORKER_ROLE, "priority": 0}
OUR_TOPICS = ("kc/", f"{PLAIN_ROOT}/")
CLOSED = ("publishClientSend", "subscribe")
ACL_FIELDS = ("acltype", "topic", "allow")


def prepare_broker(admin_url: str, service_url: str) -> list[str]:
    """Create what is missing, change what is of another version, leave the rest; a sentence for each thing done.

    `admin_url` is an account that may write the dynamic security plugin's control topic, `service_url` the one that
    workers log in with; both may be the same. An account that exists keeps its password.

    Raises:
        AccessError: the broker has no such plugin, refuses, lets anybody publish or subscribe, or has a role of one
            of our names that somebody else uses.
    """
    with Control(admin_url) as control:
        _check_defaults(control)
        done = [sentence for role in shared_roles() for sentence in _put_role(control, role)]
    return done + _put_service(admin_url, Endpoint.parse(service_url))


def _check_defaults(control: Control) -> None:
    """What no role allows must be refused: otherwise every device hears all others."""
    found = control.call({"command": "getDefaultACLAccess"}).get("data", {}).get("acls", [])
    opened = [each["acltype"] for each in found if each["acltype"] in CLOSED and each["allow"]]
    if opened:
        close = "; ".join(f"mosquitto_ctrl dynsec setDefaultACLAccess {kind} deny" for kind in opened)
        raise AccessError(f"The broker allows anybody: {', '.join(opened)}.", f"As its administrator: {close}")


def _put_role(control: Control, wanted: Role) -> list[str]:
    """A change disconnects whoever has the role, so one that is right already is left alone."""
    name = wanted["rolename"]
    answer = control.call({"command": "getRole", "rolename": name})
    there = answer.get("data", {}).get("role", {}).get("acls")
    if there is not None and _rules(there) == _rules(wanted["acls"]):
        return []
    if there and not all(each["topic"].startswith(OUR_TOPICS) for each in there):
        what = f"The broker has a role {name!r} that is not KeepClear's."
        raise AccessError(what, "Rename it, or give KeepClear a broker of its own.")
    control.put("Role", wanted)
    return [f"Role {name}: {'created' if there is None else 'brought up to date'}."]


def _put_service(admin_url: str, service: Endpoint) -> list[str]:
    username = service.username
    if username is None:
        raise AccessError("The MQTT address names no account.", "Write KEEPCLEAR_MQTT_URL=mqtt://account:password@host")
    with Control(admin_url) as control:
        roles = _roles_of(control, username)
        if roles is None:
            new = {"username": username, "password": service.password, "roles": [WORKER]}
            accept(control.ask({"command": "createClient", **new}), f"create {username}")
            return [f"Account {username}: created."]
        if WORKER_ROLE in roles:
            return []
        with suppress(AccessError):  # whoever changes their own account is disconnected before the answer
            control.call({"command": "addClientRole", "username": username, **WORKER})
    with Control(admin_url) as control:
        if WORKER_ROLE not in (_roles_of(control, username) or ()):
            raise AccessError(f"The broker refuses to give {username} the role {WORKER_ROLE}.", CHECK_BROKER)
    return [f"Account {username}: has the role {WORKER_ROLE} now."]


def _roles_of(control: Control, username: str) -> set[str] | None:
    """Names of an account's roles; None if there is no such account."""
    answer = control.call({"command": "getClient", "username": username})
    if answer.get("error") is not None:
        return None
    return {each["rolename"] for each in answer["data"]["client"].get("roles", [])}


def _rules(acls: list[Acl]) -> set[tuple[Any, ...]]:
    return {tuple(each[field] for field in ACL_FIELDS) for each in acls}
