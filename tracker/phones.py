"""Phones are enrolled and revoked in the database and at the broker together."""

import secrets

from sqlalchemy import Engine

from geofences.containment import Platform
from mqtt.access import check_device_id
from mqtt.enrolment import DeviceAccess
from mqtt.owntracks_link import configuration_link
from mqtt.topics import base_topic, shard_of
from tracker.errors import AccessError
from tracker.people.administration import NewPhone
from tracker.people.names import NameRefusedError
from tracker.settings import Settings, not_running
from tracker.store.visitors import Visitors


class Phones:
    """`tracker.people.administration.PhoneOffice` with Mosquitto's dynamic security."""

    def __init__(self, database: Engine, settings: Settings) -> None:
        self._visitors = Visitors(database)
        self._settings = settings

    def enrol(self, by: str, visitor_id: int, name: str | None, platform: Platform) -> NewPhone:  # noqa: D102  stands at the port
        device, secret = name or f"phone-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
        try:
            check_device_id(device)
        except AccessError as error:
            raise NameRefusedError(error.what, error.do) from error
        adding = self._visitors.adding_device(
            by, device, visitor_id, platform=platform, shard=shard_of(device), secret=secret
        )
        with adding, self._broker() as access:
            access.enrol(device, secret)
        return NewPhone(device, secret, base_topic(device), configuration_link(self._settings, device, secret))

    def revoke(self, by: str, name: str) -> None:  # noqa: D102
        self._visitors.revoke_device(by, name)
        with self._broker() as access:
            access.revoke(name)

    def _broker(self) -> DeviceAccess:
        if self._settings.mqtt_admin_url is None:
            raise not_running(self._settings, "administrator of the broker", "KEEPCLEAR_MQTT_ADMIN_URL")
        return DeviceAccess(self._settings.mqtt_admin_url)
