"""Enrols and revokes devices at a running Mosquitto, through its dynamic security plugin."""

import json
import secrets
import time
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode

from mqtt.access import RESERVED_PREFIX, device_acls, device_role_name, device_roles
from mqtt.network import Endpoint, client_for
from tracker.errors import AccessError

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
        client = {
            "username": device_id,
            "clientid": device_id,
            "password": password,
            "roles": device_roles(device_id),
        }
        for noun, wanted in (("Role", role), ("Client", client)):
            answer = self._ask({"command": f"create{noun}", **wanted})
            if answer == f"{noun} already exists":
                answer = self._ask({"command": f"modify{noun}", **wanted})
            _accept(answer, f"enrol {device_id}")

    def revoke(self, device_id: str) -> None:
        """Shut a device out and disconnect it; one that is not enrolled is fine."""
        for noun, key, name in (
            ("Client", "username", device_id),
            ("Role", "rolename", device_role_name(device_id)),
        ):
            answer = self._ask({"command": f"delete{noun}", key: name})
            _accept(answer if answer != f"{noun} not found" else None, f"revoke {device_id}")

    def devices(self) -> list[str]:
        """Ids of all enrolled devices, in alphabetical order."""
        found = self._call({"command": "listClients", "verbose": False, "count": -1, "offset": 0})
        names = found.get("data", {}).get("clients", [])
        return sorted(name for name in names if not name.startswith(RESERVED_PREFIX))

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


def _accept(error: str | None, what: str) -> None:
    if error is not None:
        raise AccessError(f"The broker refuses to {what}: {error}.", CHECK_BROKER)
