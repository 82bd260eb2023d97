"""What OwnTracks' side messages say of a silence.

Sources: owntracks/android `MessageStatus.kt` and `DeviceMetricsProvider.kt` (the codes of `status.android`);
owntracks/ios `OwnTracksAppDelegate.m` (`status.iOS`); OwnTracks booklet, "JSON" (`lwt`).
"""

from typing import Any, Final

from tracker.word import Why, announced

IN_BACKGROUND: Final = -1
"""`loc`: 0 and -1 may locate in the background, -2 and -3 in the foreground only, -4 never."""
IOS_DENIED: Final = ("Denied", "Restricted", "NotDetermined")


def why_of(kind: str, message: dict[str, Any]) -> Why | None:
    """What a message that is no fix says of a silence before or after it."""
    if kind == "lwt":
        return Why.CONNECTION_LOST
    said = announced(message.get("off"))
    return said or (_status(message) if kind == "status" else None)


def _status(message: dict[str, Any]) -> Why | None:
    android, ios = message.get("android"), message.get("iOS")
    if isinstance(android, dict):
        return _android(android)
    return _ios(ios) if isinstance(ios, dict) else None


def _android(said: dict[str, Any]) -> Why | None:
    """`ps`: power save; `bo`: battery optimisation; `hib`: hibernation of unused apps; each 1 while it is on."""
    permission = said.get("loc")
    if isinstance(permission, int) and permission < IN_BACKGROUND:
        return Why.PERMISSION
    return Why.POWER_SAVE if any(said.get(key) == 1 for key in ("ps", "bo", "hib")) else None


def _ios(said: dict[str, Any]) -> Why | None:
    status = said.get("locationManagerAuthorizationStatus")
    return Why.PERMISSION if isinstance(status, str) and status.endswith(IOS_DENIED) else None
