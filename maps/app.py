"""The web application of supervisors and reviewers, put together."""

from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from maps import api, routes
from maps.basemap import Basemap
from maps.body_limit import BodyLimit
from maps.entrance import oidc_routes
from maps.entrance.login import Gate, SessionRules
from maps.entrance.oidc import Provider
from maps.entrance.permission import declared
from maps.headers import CrossSiteDefence, SecurityHeaders
from maps.live import LiveHub
from maps.pages import Pages
from maps.parts import Parts
from maps.people import account_api
from maps.problems import install_problem_handlers
from maps.zones import ZoneCache, zone_areas, zone_features
from maps.zoning.zone_writing import IMPORT_PATH
from tracker.live import LiveView
from tracker.people.accounts import Accounts, Sessions

DIST = Path(__file__).parent / "web" / "dist"
MOST_BODY_BYTES = 8 << 20
MOST_IMPORT_BYTES = 256 << 20


class HashedFiles(StaticFiles):
    """Files whose names change with their content, so browsers may keep them for ever."""

    async def get_response(self, path: str, scope: MutableMapping[str, Any]) -> Response:
        """The file, marked as never changing."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def create_maps_app(
    accounts: Accounts,
    sessions: Sessions,
    view: LiveView,
    *,
    basemap: Basemap | Path,
    rules: SessionRules | None = None,
    provider: Provider | None = None,
    dist: Path = DIST,
) -> FastAPI:
    """The application: pages, `/api/v1` and the live feed; the caller may include further routers.

    Each route declares its action (`maps.entrance.permission.permit`), or the application refuses to start. The store
    is read while the application's lifespan lasts. `app.state.parts.hub.close()` ends every stream at once:
    a server that isn't told to stop by uvicorn's own signal handler must call it first.
    """
    rules = rules or SessionRules()
    basemap = Basemap(str(basemap)) if isinstance(basemap, Path) else basemap
    hub = LiveHub(view)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        list(declared(app))
        hub.start()
        yield
        hub.close()

    app = FastAPI(title="KeepClear", version="1", lifespan=lifespan, openapi_url=None)
    app.state.parts = Parts(
        gate=Gate(accounts, sessions, rules),
        hub=hub,
        zones=ZoneCache(view, zone_features),
        areas=ZoneCache(view, zone_areas),
        pages=Pages(dist, https=rules.https, oidc=provider is not None),
        basemap=basemap,
    )
    app.include_router(routes.router)
    app.include_router(oidc_routes.router(provider))
    app.include_router(account_api.router)
    app.include_router(api.router)
    app.mount("/assets", HashedFiles(directory=dist / "assets", check_dir=False), name="assets")
    install_problem_handlers(app)
    _add_layers(app, https=rules.https, tiles_from=basemap.origin)
    return app


def _add_layers(app: FastAPI, *, https: bool, tiles_from: str | None) -> None:
    """Innermost first: the last one added sees a request first."""
    app.add_middleware(BodyLimit, most_bytes=MOST_BODY_BYTES, larger={IMPORT_PATH: MOST_IMPORT_BYTES})
    app.add_middleware(CrossSiteDefence)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)  # 9 costs twice the time for 1 % less
    app.add_middleware(SecurityHeaders, https=https, tiles_from=tiles_from)
