"""Errors over HTTP as RFC 9457 problem details: a stable code for programs, a sentence for people."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

PROBLEM_JSON = "application/problem+json"


class RowProblem(BaseModel):
    """What is wrong with a row (null: the whole file), in which field, and how to mend it.

    Of zones, `code` and `params` say the same as `reason` and `mend` for a program; docs/zones.md lists the codes.
    """

    file: str
    row: int | None
    field: str
    reason: str
    mend: str
    code: str | None = None
    params: dict[str, Any] | None = None


class ProblemDetails(BaseModel):
    """RFC 9457; `code` is ours and never translated. `errors` name fields, `report` comes with refused imports.

    `triage` comes with a deed about an alert that somebody else did something about meanwhile: its state now.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    code: str
    errors: list[RowProblem] | None = None
    report: dict[str, Any] | None = None
    triage: dict[str, Any] | None = None


class Problem(Exception):  # noqa: N818  RFC 9457 calls it a problem
    """An answer other than success, raised where it is found out."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        headers: dict[str, str] | None = None,
        *,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.more = more or {}
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers


def problem_response(
    status: HTTPStatus,
    code: str,
    detail: str | None,
    headers: dict[str, str] | None = None,
    more: dict[str, Any] | None = None,
) -> JSONResponse:
    """The problem as a response; `more` are members of RFC 9457's extension."""
    body = ProblemDetails(title=status.phrase, status=status, detail=detail, code=code, **(more or {}))
    return JSONResponse(body.model_dump(exclude_none=True), status, headers, media_type=PROBLEM_JSON)


async def _problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101  registered for this class only
    return problem_response(error.status, error.code, error.detail, error.headers, error.more)


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class only
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers) if error.headers else None
    code = "too_large" if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else status.name.lower()
    return problem_response(status, code, error.detail, headers)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class only
    detail = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    fields = [
        {"file": "", "row": None, "field": str(each["loc"][-1]), "reason": each["msg"], "mend": ""}
        for each in error.errors()
        if each["loc"]
    ]
    return problem_response(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail, more={"errors": fields or None})


async def _not_storable(_request: Request, _error: Exception) -> JSONResponse:
    """A text with NUL, or a number beyond the column: nothing that was stored could be meant by it."""
    return problem_response(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "Something of this can't be stored.")


async def _unexpected(_request: Request, _error: Exception) -> JSONResponse:
    return problem_response(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something failed here; try again.")


def install_problem_handlers(app: FastAPI) -> None:
    """Let every error of the application leave as problem details."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DataError, _not_storable)
    app.add_exception_handler(Exception, _unexpected)
