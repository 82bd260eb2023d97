"""The live page on a real uvicorn with a fake store: in this process, or by `uvicorn --factory` in another."""

import asyncio
import socket
import threading
import time
from pathlib import Path
from secrets import token_urlsafe
from typing import Self

import uvicorn
from fake_live import PASSWORD, FakeAccounts, FakeLiveView, a_court, a_device
from fake_tracks import FakeTrackBook
from fake_triage import FakeExcuses, FakeFigures, FakeTriage
from fake_visits import FakeVisits
from fastapi import FastAPI

from maps import excuses_api, export_api, figures_api, track_api, triage_api, visits_api
from maps.app import create_maps_app
from maps.basemap import Basemap
from maps.entrance.tries import digest_of

BASEMAP = Path(__file__).parents[1] / "data" / "basemap" / "nanjing_osm.geojson"
USER = "supervisor"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def create_fake_app() -> FastAPI:
    """For `uvicorn --factory`: one court and one visitor."""
    view = FakeLiveView()
    view.put_zones(a_court())
    view.put(a_device(), changed_at=time.time())
    accounts = FakeAccounts(**{USER: PASSWORD})
    return create_maps_app(accounts, accounts, view, basemap=BASEMAP)


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


class FakeSite:
    """A server that can be stopped and started again on its port, while its store lives on."""

    def __init__(self) -> None:
        self.view = FakeLiveView()
        self.triage = FakeTriage(self.view, USER, "ben")
        self.figures = FakeFigures()
        self.tracks = FakeTrackBook()
        self.visits = FakeVisits(self.view)
        self.accounts = FakeAccounts(**{USER: PASSWORD, "lead": PASSWORD})
        self.basemap: Basemap | Path = BASEMAP
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._app = self.application()
        config = uvicorn.Config(self._app, port=self.port, log_level="warning", timeout_graceful_shutdown=5)
        self._ready = threading.Event()
        self._server = _Server(config, self._ready)
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),))
        self._thread.start()
        assert self._ready.wait(10.0), "the server didn't start"

    def application(self) -> FastAPI:
        """The live page over the fakes."""
        app = create_maps_app(self.accounts, self.accounts, self.view, basemap=self.basemap)
        app.include_router(triage_api.router(self.triage))
        app.include_router(excuses_api.router(FakeExcuses(self.view)))
        app.include_router(visits_api.router(self.visits))
        app.include_router(figures_api.router(self.figures))
        app.include_router(track_api.router(self.tracks))
        app.include_router(export_api.router(self.tracks))
        return app

    def session(self, username: str = USER) -> str:
        """The token of a session that has just been opened: what `POST /login` hands out as a cookie."""
        token = token_urlsafe()
        account = self.accounts.credential(username)
        assert account is not None
        self.accounts.open(account.account_id, digest_of(token), "open", 3600.0, ("127.0.0.1", "test"))
        return token

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._app.state.parts.hub.close)
            self._server.should_exit = True
            self._thread.join(20.0)
            assert not self._thread.is_alive(), "the server didn't stop"

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.serve()
