"""Uvicorn, which says when it serves and when it stops."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

Say = Callable[[str], None]


class TellingServer(uvicorn.Server):
    """`say` gets one line when it listens and one when it begins to stop; `run` returns then."""

    def __init__(self, config: uvicorn.Config, say: Say) -> None:
        super().__init__(config)
        self._say = say

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if self.started:
            scheme = "https" if self.config.is_ssl else "http"
            self._say(f"Serving {scheme}://{self.config.host}:{self.config.port}/ (Ctrl-C stops).")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say so, then end what is open."""
        self._say("Stopping ...")
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and Ctrl-C end the server, not the process: whoever called `run` has things to close."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()  # else they are raised again
