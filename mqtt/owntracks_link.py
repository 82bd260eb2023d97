"""A link that configures the OwnTracks app (booklet, "Remote configuration": owntracks:///config?inline=...)."""

import base64
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from mqtt.network import Endpoint
from mqtt.topics import alert_topic, base_topic, cmd_topic
from tracker.settings import Settings

MQTT_MODE = 0
MOVE_MODE = 2
"""In its usual mode the app says nothing while the phone rests, and who visits somebody would seem silent."""
MOVE_INTERVAL_S = 10


def configuration(settings: Settings, device: str, secret: str) -> dict[str, Any]:
    """What the app must know to publish to its own topic and hear its own alerts."""
    public, tls = urlsplit(settings.public_url or ""), settings.mqtt_tls_cert is not None
    broker = (
        Endpoint.parse(settings.mqtt_url) if settings.mqtt_url else Endpoint(settings.mqtt_bind, settings.mqtt_port)
    )
    return {
        "_type": "configuration",
        "mode": MQTT_MODE,
        "host": public.hostname or broker.host,
        "port": settings.mqtt_tls_port if tls else broker.port,
        "tls": tls or broker.tls,
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
        "monitoring": MOVE_MODE,
        "locatorInterval": MOVE_INTERVAL_S,
        "moveModeLocatorInterval": MOVE_INTERVAL_S,
    }


def configuration_link(settings: Settings, device: str, secret: str) -> str:
    """The link; whoever has it has the device's secret."""
    content = orjson.dumps(configuration(settings, device, secret))
    return f"owntracks:///config?inline={quote(base64.b64encode(content).decode(), safe='')}"
