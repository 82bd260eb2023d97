"""Enrols and revokes devices at a running Mosquitto, through its dynamic security plugin."""

from typing import Any

from mqtt.access import (
    CONSUMER,
    CONSUMER_PREFIX,
    RESERVED_PREFIX,
    consumer_acls,
    consumer_username,
    device_acls,
    device_role_name,
    device_roles,
)
from mqtt.dynsec import Control, accept
from tracker.errors import NotFoundError


class DeviceAccess(Control):
    """Who may log in: devices, and other systems of the operator's. Used as `Control` says."""

    def enrol(self, device_id: str, password: str) -> None:
        """Let a device in with `password`, on its own topics only; a second time changes its password.

        A connected device whose password or rights change is disconnected by the broker.
        """
        role = {"rolename": device_role_name(device_id), "acls": device_acls(device_id)}
        self.put("Role", role)
        self.put("Client", _client(device_id, password, device_roles(device_id)))

    def revoke(self, device_id: str) -> None:
        """Shut a device out and disconnect it; one that is not enrolled is fine."""
        self.delete("Client", "username", device_id)
        self.delete("Role", "rolename", device_role_name(device_id))

    def devices(self) -> list[str]:
        """Ids of all enrolled devices, in alphabetical order."""
        return [name for name in self._usernames() if not name.startswith(RESERVED_PREFIX)]

    def admit_consumer(self, name: str, password: str) -> str:
        """Let another system of the operator's read the supervisors' events; returns its user name and client id."""
        username = consumer_username(name)
        answer = self.ask({"command": "createRole", "rolename": CONSUMER, "acls": consumer_acls()})
        # A change of the role would disconnect every consumer; the service's start keeps it up to date.
        accept(None if answer == "Role already exists" else answer, f"admit {username}")
        self.put("Client", _client(username, password, [{"rolename": CONSUMER, "priority": 0}]))
        return username

    def remove_consumer(self, name: str) -> None:
        """Shut a consumer out and disconnect it.

        Raises:
            NotFoundError: there is none of this name.
        """
        if name not in self.consumers():
            raise NotFoundError(f"There is no consumer {name}.", "`keepclear consumers list` shows them.")
        self.delete("Client", "username", consumer_username(name))

    def consumers(self) -> list[str]:
        """Names of all consumers, in alphabetical order."""
        named = (name for name in self._usernames() if name.startswith(CONSUMER_PREFIX))
        return [name.removeprefix(CONSUMER_PREFIX) for name in named]

    def _usernames(self) -> list[str]:
        found = self.call({"command": "listClients", "verbose": False, "count": -1, "offset": 0})
        return sorted(found.get("data", {}).get("clients", []))


def _client(username: str, password: str, roles: list[dict[str, Any]]) -> dict[str, Any]:
    """The client id is pinned: with a worker's id anybody could take over the worker's session."""
    return {"username": username, "clientid": username, "password": password, "roles": roles}
