"""`/api/v1/zones` and `/api/v1/places/allowed`: the record of zones for integrators, every refusal as a problem."""

from fastapi import APIRouter, Depends

from maps.entrance.permission import session
from maps.zoning import zone_reading, zone_writing
from tracker.zones.book import ZoneBook


def router(book: ZoneBook, standoff_m: float, warning_m: float) -> APIRouter:
    """The routes; the metres are the site's, for zones that give none."""
    routes = APIRouter(prefix="/api/v1", tags=["zones"], dependencies=[Depends(session)])
    for part in (zone_writing, zone_reading):
        routes.include_router(part.router(book, standoff_m, warning_m))
    return routes
