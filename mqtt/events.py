"""Alerts as they leave: CloudEvents 1.0 in structured JSON, and OwnTracks transitions for phones.

Sources: CloudEvents specification 1.0.2 (JSON format); OwnTracks booklet, "transition".
"""

from datetime import UTC, datetime
from typing import Any

import orjson

from tracker.alert import Alert, AlertKind, Audience
from tracker.incursion import Incursion
from tracker.silence import Silence

TYPE = "org.keepclear.alert."
SOURCE = "/keepclear/tracker"
TRANSITIONS = {AlertKind.ENTRY: "enter", AlertKind.EXIT: "leave"}


def cloud_event(alert: Alert) -> bytes:
    """The alert as a CloudEvent; `id` is the same on every attempt, so a receiver can drop repeats."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": alert.dedup_key,
            "type": TYPE + alert.kind,
            "source": SOURCE,
            "subject": alert.device,
            "time": rfc3339(alert.at),
            "datacontenttype": "application/json",
            "data": data(alert),
        }
    )


def data(alert: Alert) -> dict[str, Any]:
    """What an event says of what it is about; a call for help says nothing more."""
    if alert.silence is not None:
        return silence_data(alert.silence)
    return {} if alert.incursion is None else incursion_data(alert, alert.incursion)


def silence_data(silence: Silence) -> dict[str, Any]:
    """What an event says of a silence: no data, and why if the phone said so."""
    return {
        "silence": silence.id,
        "since": rfc3339(silence.since),
        "until": rfc3339(silence.ended_at),
        "reason": silence.why,
        "could_have_entered": [each.zone for each in silence.reached],
        "positions_came_later": silence.filled,
    }


def incursion_data(alert: Alert, incursion: Incursion) -> dict[str, Any]:
    """What an event says of the incursion it is about."""
    return {
        "incursion": alert.incursion_id,
        "revision": alert.revision,
        "zone": incursion.zone,
        "zone_version": incursion.zone_version,
        "kind": incursion.kind,
        "first_possible_at": rfc3339(incursion.first_possible_at),
        "confirmed_at": rfc3339(incursion.confirmed_at),
        "exit_at": rfc3339(incursion.exit_at),
        "p_inside": incursion.p_inside,
        "closest_m": incursion.closest_m,
    }


def transition(alert: Alert) -> bytes | None:
    """The alert in OwnTracks' own words for its apps, if it has any."""
    event = TRANSITIONS.get(alert.kind)
    if event is None or alert.incursion is None or alert.audience is not Audience.VISITOR:
        return None
    message: dict[str, Any] = {
        "_type": "transition",
        "event": event,
        "desc": alert.incursion.zone,
        "tst": int(alert.at),
        "wtst": int(alert.incursion.began_at),
        "t": "c",
    }
    return orjson.dumps(message)


def rfc3339(at: float | None) -> str | None:
    """Seconds UTC as an RFC 3339 time."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
