"""`/api/v1/alert-figures`: how alerts are going; and which were shown to somebody."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from maps.permission import AlertHandler, session
from maps.triage_api import MOST_AT_ONCE, problems
from tracker.alert_figures import AlertFigures, Dead, Delay, Figures

SILENT_AFTER_S = 600.0
"""As the live page calls a phone silent."""


class PrecisionAnswer(BaseModel):
    """`share`: upheld among those that say so or not so; null if none does."""

    kind: str
    upheld: int
    refuted: int
    undecided: int
    share: float | None


class FiguresAnswer(BaseModel):
    """Of the last `days`; delays in seconds."""

    days: int
    waiting: int
    in_hand: int
    calls: int
    confirmed_after_crossing: Delay
    told_after_confirmed: Delay
    shown_after_told: Delay
    acknowledged_after_told: Delay
    precision: list[PrecisionAnswer]
    silent_visitors: int
    on_shift: int
    ingest_lag: Delay
    dead: list[Dead]


class Shown(BaseModel):
    """Alerts that a page has shown."""

    ids: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=MOST_AT_ONCE)


def router(alerts: AlertFigures) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/api/v1", tags=["alerts"], dependencies=[Depends(session)])

    @routes.get("/alert-figures", responses=problems(), summary="How alerts are going")
    def figures(user: AlertHandler, days: Annotated[int, Query(ge=1, le=366)] = 7) -> FiguresAnswer:
        """Open alerts, delays, precision by kind, silent visitors and the lag of fixes."""
        found = alerts.figures(user.scope, days, SILENT_AFTER_S)
        return FiguresAnswer.model_validate(answer(found))

    @routes.post(
        "/alert-figures/shown", status_code=HTTPStatus.NO_CONTENT, responses=problems(),
        summary="Note that alerts were shown",
    )  # fmt: skip
    def shown(user: AlertHandler, body: Shown) -> None:
        """The first time counts."""
        alerts.shown(user.scope, body.ids, user.username)

    return routes


def answer(found: Figures) -> dict[str, object]:
    """The figures with the shares that follow from them."""
    members = {name: getattr(found, name) for name in FiguresAnswer.model_fields if name != "precision"}
    precision = [{name: getattr(each, name) for name in PrecisionAnswer.model_fields} for each in found.precision]
    return members | {"precision": precision}
