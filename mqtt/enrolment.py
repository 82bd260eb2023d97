"""Enrols and revokes devices at a running Mosquitto, through its dynamic security plugin."""

import json
import secrets
import time
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode

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
from mqtt.network import Endpoint, client_for
from tracker.errors import AccessError, NotFoundError

CONTROL = "$CONTROL/dynamic-security/v1"
ANSWERS = f"{CONTROL}/response"
LOOP_S = 0.05
CHECK_BROKER = "Look whether the broker runs and its administrator's password is right: `keepclear doctor`."

Command = dict[str, Any]


class DeviceAccess:
    """A connection of the broker's administrator; a context manager, to be used from one thread.

    `url` is mqtt[s]://user:password@host:port of an account that may write the plugin's control topic.
    Every method raises `AccessError` when the broker refuses or stays silent for `timeout_s`.
    """

    def __init__(self, url: str, *, timeout_s: float = 10.0) -> None:
        self._endpoint = Endpoint.parse(url)
        self._timeout_s = timeout_s
        self._client: Client | None = None
        self._subscribed = False
        self._answers: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        client_id = f"{RESERVED_PREFIX}enrol-{secrets.token_hex(6)}"
        client = client_for(self._endpoint, client_id, persistent=False, kind=Client)
        client.on_message = self._on_message
        client.on_connect = lambda client, *_: client.subscribe(ANSWERS, 1)
        client.on_subscribe = self._on_subscribe
        try:
            client.connect(self._endpoint.host, self._endpoint.port)
        except OSError as error:
            raise AccessError(f"The broker can't be reached: {error}.", CHECK_BROKER) from error
        self._client = client
        self._loop_until_subscribed()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.disconnect()
            self._client = None

    def enrol(self, device_id: str, password: str) -> None:
        """Let a device in with `password`, on its own topics only; a second time changes its password.

        A connected device whose password or rights change is disconnected by the broker.
        """
        role = {"rolename": device_role_name(device_id), "acls": device_acls(device_id)}
        self._put("Role", role)
        self._put("Client", _client(device_id, password, device_roles(device_id)))

    def revoke(self, device_id: str) -> None:
        """Shut a device out and disconnect it; one that is not enrolled is fine."""
        self._delete("Client", "username", device_id)
        self._delete("Role", "rolename", device_role_name(device_id))

    def devices(self) -> list[str]:
        """Ids of all enrolled devices, in alphabetical order."""
        return [name for name in self._usernames() if not name.startswith(RESERVED_PREFIX)]

    def admit_consumer(self, name: str, password: str) -> str:
        """Let another system of the operator's read the supervisors' events; returns its user name and client id."""
        username = consumer_username(name)
        answer = self._ask({"command": "createRole", "rolename": CONSUMER, "acls": consumer_acls()})
        # A change of the role would disconnect every consumer; the service's start keeps it up to date.
        _accept(None if answer == "Role already exists" else answer, f"admit {username}")
        self._put("Client", _client(username, password, [{"rolename": CONSUMER, "priority": 0}]))
        return username

    def remove_consumer(self, name: str) -> None:
        """Shut a consumer out and disconnect it.

        Raises:
            NotFoundError: there is none of this name.
        """
        if name not in self.consumers():
            raise NotFoundError(f"There is no consumer {name}.", "`keepclear consumers list` shows them.")
        self._delete("Client", "username", consumer_username(name))

    def consumers(self) -> list[str]:
        """Names of all consumers, in alphabetical order."""
        named = (name for name in self._usernames() if name.startswith(CONSUMER_PREFIX))
        return [name.removeprefix(CONSUMER_PREFIX) for name in named]

    def _usernames(self) -> list[str]:
        found = self._call({"command": "listClients", "verbose": False, "count": -1, "offset": 0})
        return sorted(found.get("data", {}).get("clients", []))

    def _put(self, noun: str, wanted: dict[str, Any]) -> None:
        answer = self._ask({"command": f"create{noun}", **wanted})
        if answer == f"{noun} already exists":
            answer = self._ask({"command": f"modify{noun}", **wanted})
        _accept(answer, f"admit {wanted.get('username', wanted.get('rolename'))}")

    def _delete(self, noun: str, key: str, name: str) -> None:
        answer = self._ask({"command": f"delete{noun}", key: name})
        _accept(answer if answer != f"{noun} not found" else None, f"revoke {name}")

    def _ask(self, command: Command) -> str | None:
        error = self._call(command).get("error")
        return None if error is None else str(error)

    def _call(self, command: Command) -> dict[str, Any]:
        """Send one command and wait for its own answer: others may administer at the same time."""
        if self._client is None:
            raise AccessError("The connection to the broker is closed.", CHECK_BROKER)
        tag = secrets.token_hex(8)
        self._client.publish(CONTROL, json.dumps({"commands": [command | {"correlationData": tag}]}), 1)
        deadline = time.monotonic() + self._timeout_s
        while True:
            for answer in self._answers:
                if answer.get("correlationData") == tag:
                    self._answers.clear()
                    return answer
            self._loop(deadline)

    def _loop_until_subscribed(self) -> None:
        deadline = time.monotonic() + self._timeout_s
        while not self._subscribed:
            self._loop(deadline)

    def _loop(self, deadline: float) -> None:
        if self._client is None or self._client.loop(LOOP_S) != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise AccessError("The broker closed the administrator's connection.", CHECK_BROKER)
        if time.monotonic() > deadline:
            raise AccessError(f"The broker has not answered within {self._timeout_s:g} s.", CHECK_BROKER)

    def _on_subscribe(self, _client: Client, _data: Any, _mid: int, codes: list[Any], _properties: Any) -> None:
        self._subscribed = not any(code.is_failure for code in codes)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._answers += json.loads(message.payload).get("responses", [])


def _client(username: str, password: str, roles: list[dict[str, Any]]) -> dict[str, Any]:
    """The client id is pinned: with a worker's id anybody could take over the worker's session."""
    return {"username": username, "clientid": username, "password": password, "roles": roles}


def _accept(error: str | None, what: str) -> None:
    if error is not None:
        raise AccessError(f"The broker refuses to {what}: {error}.", CHECK_BROKER)
