"""A link that configures the OwnTracks app (booklet, "Remote configuration": owntracks:///config?inline=...)."""

import base64
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from mqtt.topics import alert_topic, base_topic, cmd_topic
from tracker.settings import Settings

MQTT_MODE = 0
MOVE_INTERVAL_S = 10


def configuration(settings: Settings, device: str, secret: str) -> dict[str, Any]:
    """What the app must know to publish to its own topic and hear its own alerts."""
    public = urlsplit(settings.public_url or "")
    tls = settings.mqtt_tls_cert is not None
    return {
        "_type": "configuration",
        "mode": MQTT_MODE,
        "host": public.hostname or settings.mqtt_bind,
        "port": settings.mqtt_tls_port if tls else settings.mqtt_port,
        "tls": tls,
        "auth": True,
        "username": device,
        "password": secret,
        "clientId": device,
        "deviceId": device,
        "tid": device[-2:],
        "cleanSession": False,
        "pubQos": 1,
        "pubRetain": False,
        "pubTopicBase": base_topic(device),
        "sub": True,
        "subTopic": f"{alert_topic(device)} {cmd_topic(device)}",
        "subQos": 1,
        "extendedData": True,
        "locatorInterval": MOVE_INTERVAL_S,
    }


def configuration_link(settings: Settings, device: str, secret: str) -> str:
    """The link; whoever has it has the device's secret."""
    content = orjson.dumps(configuration(settings, device, secret))
    return f"owntracks:///config?inline={quote(base64.b64encode(content).decode(), safe='')}"
