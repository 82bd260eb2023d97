"""MQTT over WebSocket on the web service's own port: bytes in, bytes out, authentication left to the broker.

One HTTPS port is all a site opens, and the broker stays on loopback.
"""

import asyncio
import contextlib

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

SUBPROTOCOL = "mqtt"
CHUNK_BYTES = 65_536
TRY_AGAIN_LATER = 1013  # RFC 6455 registry


def router(host: str, port: int) -> APIRouter:
    """The route `/mqtt` to the broker's TCP port."""
    routes = APIRouter()

    @routes.websocket("/mqtt")
    async def pipe(socket: WebSocket) -> None:
        if SUBPROTOCOL not in socket.scope.get("subprotocols", []):
            await socket.close()
            return
        await socket.accept(subprotocol=SUBPROTOCOL)
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError:
            await socket.close(TRY_AGAIN_LATER)
            return
        await _join(socket, reader, writer)

    return routes


async def _join(socket: WebSocket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pump both ways until either side ends."""
    ways = [asyncio.create_task(_to_broker(socket, writer)), asyncio.create_task(_to_phone(reader, socket))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        writer.close()
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close()


async def _to_broker(socket: WebSocket, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(await socket.receive_bytes())
        await writer.drain()


async def _to_phone(reader: asyncio.StreamReader, socket: WebSocket) -> None:
    while data := await reader.read(CHUNK_BYTES):
        await socket.send_bytes(data)
