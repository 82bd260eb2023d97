"""What phones ask over HTTP: fixes in (2xx means committed), and who looked at their carrier's tracks out."""

import time
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from pydantic import BaseModel

from mobile_api.ports import Credentials, Door, Reader
from tracker.batch import Receipt
from tracker.people.looks import Look, LookLog
from tracker.ports import StoreUnavailableError

MAX_BODY_BYTES = 64 * 1024  # what one MQTT message may be, too
RETRY_AFTER_S = "5"


class Taken(BaseModel):
    """What became of a batch; `upto` is the highest sequence number below which everything is durable."""

    upto: int | None
    stored: int
    duplicates: int
    refused: dict[str, int]
    quarantined: int


def router(credentials: Credentials, door: Door, reader: Reader, looks: LookLog) -> APIRouter:
    """The routes; HTTP Basic with the device's name and secret, over HTTPS in any real deployment."""
    routes = APIRouter(tags=["phone"])
    basic = HTTPBasic(realm="KeepClear")

    def device(given: Annotated[HTTPBasicCredentials, Depends(basic)]) -> str:
        if not credentials.device_secret_matches(given.username, given.password):
            headers = {"WWW-Authenticate": 'Basic realm="KeepClear"'}
            raise HTTPException(HTTPStatus.UNAUTHORIZED, "unknown device or wrong secret", headers)
        return given.username

    def take(name: str, body: bytes) -> Receipt:
        try:
            return door.take([reader(name, body, time.time())])
        except StoreUnavailableError as error:
            headers = {"Retry-After": RETRY_AFTER_S}
            raise HTTPException(
                HTTPStatus.SERVICE_UNAVAILABLE, "not stored; keep it and send it again", headers
            ) from error

    @routes.post("/api/v1/phone/fixes")
    def fixes(name: Annotated[str, Depends(device)], body: Annotated[bytes, Depends(limited_body)]) -> Taken:
        """Take one OwnTracks location or an array of them, as they would go over MQTT."""
        receipt = take(name, body)
        return Taken(
            upto=receipt.upto.get(name),
            stored=receipt.stored,
            duplicates=receipt.duplicates,
            refused={reason.value: count for reason, count in receipt.refused.items()},
            quarantined=receipt.quarantined,
        )

    @routes.post("/owntracks")
    def owntracks(name: Annotated[str, Depends(device)], body: Annotated[bytes, Depends(limited_body)]) -> JSONResponse:
        """OwnTracks' HTTP mode: the answer is an array of messages for the phone, here none."""
        take(name, body)
        nothing: list[Any] = []
        return JSONResponse(nothing)

    @routes.get("/api/v1/phone/looks")
    def own_looks(
        name: Annotated[str, Depends(device)], limit: Annotated[int, Query(ge=1, le=1000)] = 200
    ) -> list[Look]:
        """Who looked at past tracks of the visitor who carries this phone, and what for; the newest first."""
        return list(looks.at_carrier_of(name, limit))

    return routes


async def limited_body(request: Request) -> bytes:
    """The body, refused once it is larger than any honest backlog."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise HTTPException(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {MAX_BODY_BYTES} bytes; send less at once"
            )
    return bytes(body)
