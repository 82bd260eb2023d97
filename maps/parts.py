"""What the routes are made of, put on the application once and handed to each route that asks."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from maps.basemap import Basemap
from maps.entrance.login import Gate
from maps.live import LiveHub
from maps.pages import Pages
from maps.zones import ZoneCache


@dataclass(frozen=True, slots=True)
class Parts:
    """One application's parts."""

    gate: Gate
    hub: LiveHub
    zones: ZoneCache
    areas: ZoneCache
    pages: Pages
    basemap: Basemap


def parts_of(request: Request) -> Parts:
    """The parts of the application that serves the request."""
    parts: Parts = request.app.state.parts
    return parts


PartsOf = Annotated[Parts, Depends(parts_of)]
