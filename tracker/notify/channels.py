"""One attempt to tell one recipient: a signed webhook, or a service of Apprise (e-mail, DingTalk, WeCom, Feishu, ...).

Sources: Standard Webhooks 1.0 (headers, signature, retry); CloudEvents 1.0.2 (structured HTTP mode).
"""

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

import apprise
import requests
from standardwebhooks import Webhook

from mqtt.events import cloud_event
from tracker.errors import SettingsError
from tracker.notify.notice import Notice, sentence

TIMEOUT_S = 10.0
TELLTALES = ("apprise", "urllib3.connectionpool", "urllib3.util.retry")
"""Loggers that write addresses out, and with them passwords and tokens; what went wrong is in our own log."""
GONE = 410

Send = Callable[[Notice], None]


class DeliveryError(Exception):
    """The recipient does not have it; `final`: and never will (it asked not to be told any more)."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


def webhook(url: str, secret: str, timeout_s: float = TIMEOUT_S) -> Send:
    """POSTs the alert as a CloudEvent; `webhook-id` is the same on every attempt. A 2xx answer means delivered.

    Raises:
        SettingsError: the secret is none (base64, with or without `whsec_`).
    """
    hush()
    try:
        signer = Webhook(secret)
    except Exception as error:
        raise SettingsError(
            "A webhook's secret is not base64.", "Write whsec_ and 24 to 64 bytes as base64."
        ) from error

    def send(notice: Notice) -> None:
        body = cloud_event(notice.alert)
        now = datetime.fromtimestamp(int(time.time()), UTC)
        headers = {
            "webhook-id": webhook_id(notice),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signer.sign(webhook_id(notice), now, body.decode()),
            "content-type": "application/cloudevents+json; charset=utf-8",
        }
        try:
            answer = requests.post(url, body, headers=headers, timeout=timeout_s, allow_redirects=False)
        except requests.RequestException as error:
            raise DeliveryError(type(error).__name__) from error
        if answer.status_code // 100 != 2:  # noqa: PLR2004  2xx
            raise DeliveryError(f"HTTP {answer.status_code}", final=answer.status_code == GONE)

    return send


def service(url: str, language: str, time_zone: str) -> Send:
    """Tells a person by one of the services of Apprise, in their language.

    Raises:
        SettingsError: Apprise knows no such address.
    """
    hush()
    told = apprise.Apprise()
    if not told.add(url):
        scheme = url.partition(":")[0]
        raise SettingsError(f"Apprise can't use an address that begins with {scheme}:.", "Look its form up in Apprise.")

    def send(notice: Notice) -> None:
        if not told.notify(body=sentence(notice, language, time_zone), title="KeepClear"):
            raise DeliveryError("the service refused it")

    return send


def hush() -> None:
    """No library logs an address, at any level: those of services hold secrets."""
    for name in TELLTALES:
        logging.getLogger(name).disabled = True


def webhook_id(notice: Notice) -> str:
    """Names the notice on every attempt; without the dots that the signature would confuse."""
    return "msg_" + hashlib.sha256(notice.alert.dedup_key.encode()).hexdigest()[:32]
