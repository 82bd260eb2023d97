"""A connection to Mosquitto's dynamic security plugin, as the broker's administrator."""

import json
import secrets
import time
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode

from mqtt.access import RESERVED_PREFIX
from mqtt.network import Endpoint, client_for
from tracker.errors import AccessError

CONTROL = "$CONTROL/dynamic-security/v1"
ANSWERS = f"{CONTROL}/response"
LOOP_S = 0.05
PREPARE_BROKER = "Prepare it once with `keepclear broker-prepare`."
CHECK_BROKER = "Look whether the broker runs and its administrator's password is right: `keepclear doctor`."

Command = dict[str, Any]


class Control:
    """A connection of the broker's administrator; a context manager, to be used from one thread.

    `url` is mqtt[s]://user:password@host:port of an account that may write the plugin's control topic.
    Every method raises `AccessError` when the broker refuses or stays silent for `timeout_s`.
    """

    def __init__(self, url: str, *, timeout_s: float = 10.0) -> None:
        self._endpoint = Endpoint.parse(url)
        self._timeout_s = timeout_s
        self._client: Client | None = None
        self._subscribed = self._refused = False
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

    def put(self, noun: str, wanted: dict[str, Any]) -> None:
        """Create a Role, Client or Group, or change the one of that name."""
        answer = self.ask({"command": f"create{noun}", **wanted})
        if answer == f"{noun} already exists":
            answer = self.ask({"command": f"modify{noun}", **wanted})
        accept(answer, f"admit {wanted.get('username', wanted.get('rolename'))}")

    def delete(self, noun: str, key: str, name: str) -> None:
        """Remove one; one that is not there is fine."""
        answer = self.ask({"command": f"delete{noun}", key: name})
        accept(answer if answer != f"{noun} not found" else None, f"revoke {name}")

    def ask(self, command: Command) -> str | None:
        """Why the broker refuses a command; None when it is done."""
        error = self.call(command).get("error")
        return None if error is None else str(error)

    def call(self, command: Command) -> dict[str, Any]:
        """The answer to one command, and to no other: others may administer at the same time."""
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
        if self._refused:
            raise AccessError(
                f"The broker lets {self._endpoint.username or 'nobody without an account'} administer nothing.",
                "Set KEEPCLEAR_MQTT_ADMIN_URL to an account with the rights of Mosquitto's dynamic security plugin.",
            )

    def _loop(self, deadline: float) -> None:
        if self._client is None or self._client.loop(LOOP_S) != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise AccessError("The broker closed the administrator's connection.", CHECK_BROKER)
        if time.monotonic() > deadline:
            raise AccessError(f"The broker has not answered within {self._timeout_s:g} s.", CHECK_BROKER)

    def _on_subscribe(self, _client: Client, _data: Any, _mid: int, codes: list[Any], _properties: Any) -> None:
        self._subscribed, self._refused = True, any(code.is_failure for code in codes)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._answers += json.loads(message.payload).get("responses", [])


def accept(error: str | None, what: str) -> None:
    """Raise `AccessError` if the broker refused."""
    if error is not None:
        do = PREPARE_BROKER if error == "Role not found" else CHECK_BROKER
        raise AccessError(f"The broker refuses to {what}: {error}.", do)
