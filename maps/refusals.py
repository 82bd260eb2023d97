"""How a route says what it may refuse with, and lets the house's own errors leave as problems."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from typing import Any

from maps.problems import PROBLEM_JSON, Problem, ProblemDetails

Responses = dict[int | str, dict[str, Any]]
PROBLEM: dict[str, Any] = {
    "description": "A refusal (RFC 9457).",
    "content": {PROBLEM_JSON: {"schema": {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}}},
}


def problems(*codes: int) -> Responses:
    """What a route may refuse with, for OpenAPI."""
    return dict.fromkeys((401, 403, 422, *codes), PROBLEM)


def refusals(table: Mapping[type[Exception], tuple[HTTPStatus, str]]) -> Callable[[], AbstractContextManager[None]]:
    """A context in which errors of these kinds leave as a problem with this status and code, and their own words."""

    @contextmanager
    def refusing() -> Iterator[None]:
        try:
            yield
        except tuple(table) as error:
            status, code = next(found for kind, found in table.items() if isinstance(error, kind))
            raise Problem(status, code, str(error)) from error

    return refusing
