"""What operators ask: is it ready, and how does it do. No answer names a person or a place."""

import os
import socket
from collections.abc import Callable
from http import HTTPStatus

import structlog
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"
CONNECT_S = 1.0

Check = Callable[[], bool]

log = structlog.get_logger()


def router(checks: dict[str, Check]) -> APIRouter:
    """`/readyz` (200 when every check holds, 503 otherwise) and `/metrics` (Prometheus text)."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/readyz")
    def readyz() -> JSONResponse:
        """Whether fixes are being taken: database, broker and a worker for every shard."""
        states = {name: holds(name, check) for name, check in checks.items()}
        return JSONResponse(states, HTTPStatus.OK if all(states.values()) else HTTPStatus.SERVICE_UNAVAILABLE)

    @routes.get("/metrics")
    def metrics() -> Response:
        """Counters of this machine's processes."""
        return Response(generate_latest(registry()), media_type=CONTENT_TYPE_LATEST)

    return routes


def holds(name: str, check: Check) -> bool:
    """A check's answer; one that fails is a no, with the reason in the log."""
    try:
        return check()
    except Exception as error:  # noqa: BLE001  whatever is wrong, the answer is "not ready"
        log.warning("not_ready", check=name, why=str(error))
        return False


def listens(host: str, port: int) -> bool:
    """Whether something takes connections there."""
    with socket.create_connection((host, port), CONNECT_S):
        return True


def registry() -> CollectorRegistry:
    """The counters of all processes that share a directory, or of this one alone."""
    if MULTIPROCESS_DIR not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # the library has no types here
    return together
