"""The payloads of the live feed, as OpenAPI describes them. Times in seconds since 1970 UTC."""

from typing import Any

from pydantic import BaseModel

from tracker.live import Hearing, LiveAlert, LiveDevice


class SnapshotEvent(BaseModel):
    """`event: snapshot`: everything a page needs; `zones` is the generation of the zones."""

    at: float
    zones: int
    devices: list[LiveDevice]
    alerts: list[LiveAlert]
    hearing: Hearing


class DiffEvent(BaseModel):
    """`event: diff`: what changed; `gone` names devices whose shift closed."""

    at: float
    devices: list[LiveDevice]
    gone: list[str]
    alerts: list[LiveAlert]
    hearing: Hearing


class ZonesEvent(BaseModel):
    """`event: zones`: fetch the zones again."""

    generation: int


class BeatEvent(BaseModel):
    """`event: beat`: nothing new; `delayed_s` is the age of what the page knows (null: nothing)."""

    at: float
    delayed_s: float | None
    hearing: Hearing


def event_responses() -> dict[int | str, dict[str, Any]]:
    """The feed's answer for OpenAPI 3.1, which has no words for a stream: any of the payloads."""
    payloads = (SnapshotEvent, DiffEvent, ZonesEvent, BeatEvent)
    names = ", ".join(model.__name__.removesuffix("Event").lower() for model in payloads)
    schema = {"oneOf": [model.model_json_schema() for model in payloads]}
    description = f"Server-sent events, resumed by Last-Event-ID: {names}."
    return {200: {"description": description, "content": {"text/event-stream": {"schema": schema}}}}
