"""`/api/v1/people/visitors | devices`: who is tracked and by which phone, for administrators; no places."""

from http import HTTPStatus

import segno
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from geofences.containment import Platform
from maps.entrance.permission import session
from maps.people.people_api import NO_CONTENT, Administrator, Name, refusing
from maps.people.teams_api import Named
from maps.problems import Problem
from maps.refusals import problems
from tracker.errors import AccessError, ServiceError
from tracker.people.administration import Administration, DeviceRow, PhoneOffice, VisitorRow


class NewVisitor(Named):
    """A person to be enrolled; nothing is tracked without their own, separate consent."""

    consented: bool = False


class Membership(BaseModel):
    """The team of a visitor; null: none."""

    model_config = ConfigDict(extra="forbid")
    team: int | None


class WantedPhone(BaseModel):
    """Whose, what it runs, and what it is called; a name is made up if none is given."""

    model_config = ConfigDict(extra="forbid")
    visitor: int
    platform: Platform = "android"
    name: Name | None = None


class Credentials(BaseModel):
    """What a phone logs in with; shown now and never again."""

    name: str
    secret: str
    topic: str
    link: str = Field(description="Configures the OwnTracks app.")
    qr: str = Field(description="The link as a QR code: a data: URL of an SVG picture.")


def router(people: Administration, phones: PhoneOffice) -> APIRouter:
    """The routes; each change is recorded with who made it."""
    routes = APIRouter(prefix="/api/v1/people", tags=["people"], dependencies=[Depends(session)])
    add_visitor_routes(routes, people)
    add_device_routes(routes, people, phones)
    return routes


def add_visitor_routes(routes: APIRouter, people: Administration) -> None:
    """Who is tracked, and watched by whom."""

    @routes.get("/visitors", responses=problems(), summary="Field visitors and their teams")
    def visitors(_by: Administrator) -> list[VisitorRow]:
        """Names only, no places."""
        return list(people.visitors())

    @routes.post("/visitors", status_code=HTTPStatus.CREATED, responses=problems(), summary="Enrol a field visitor")
    def add_visitor(by: Administrator, body: NewVisitor) -> VisitorRow:
        """They are in no team and have no phone yet."""
        with refusing():
            number = people.add_visitor(by.username, body.name, consented=body.consented)
        return VisitorRow(number, body.name.strip(), team=None, consented=body.consented, phones=0)

    @routes.put("/visitors/{visitor_id}", status_code=NO_CONTENT, responses=problems(404), summary="Correct a name")
    def rename_visitor(by: Administrator, visitor_id: int, body: Named) -> None:
        """What was recorded is theirs by number and stays."""
        with refusing():
            people.rename_visitor(by.username, visitor_id, body.name)

    @routes.put(
        "/visitors/{visitor_id}/consent", status_code=NO_CONTENT, responses=problems(404), summary="Consent was given"
    )
    def consent(by: Administrator, visitor_id: int) -> None:
        """By the visitor, separately and freely; this only records it."""
        with refusing():
            people.record_consent(by.username, visitor_id, given=True)

    @routes.delete(
        "/visitors/{visitor_id}/consent",
        status_code=NO_CONTENT,
        responses=problems(404),
        summary="Consent is withdrawn",
    )
    def withdraw(by: Administrator, visitor_id: int) -> None:
        """Nothing is stored of them from now on."""
        with refusing():
            people.record_consent(by.username, visitor_id, given=False)

    @routes.put(
        "/visitors/{visitor_id}/team", status_code=NO_CONTENT, responses=problems(404), summary="Move a visitor"
    )
    def move(by: Administrator, visitor_id: int, body: Membership) -> None:
        """Their past goes along: the new team sees it, the old one doesn't."""
        with refusing():
            people.put_in_team(by.username, visitor_id, body.team)


def add_device_routes(routes: APIRouter, people: Administration, phones: PhoneOffice) -> None:
    """Phones."""

    @routes.get("/devices", responses=problems(), summary="Phones, and whose they are")
    def devices(_by: Administrator) -> list[DeviceRow]:
        """By name; no places."""
        return list(people.devices())

    @routes.post(
        "/devices", status_code=HTTPStatus.CREATED, responses=problems(404, 409, 503), summary="Give a visitor a phone"
    )
    def enrol(by: Administrator, body: WantedPhone) -> Credentials:
        """Its credentials, once."""
        try:
            with refusing():
                made = phones.enrol(by.username, body.visitor, body.name, body.platform)
        except (AccessError, ServiceError) as error:
            raise broker_away(error) from error
        qr = segno.make(made.link, error="l").svg_data_uri(scale=3, light="#fff")
        return Credentials(name=made.name, secret=made.secret, topic=made.topic, link=made.link, qr=qr)

    @routes.delete(
        "/devices/{name}", status_code=NO_CONTENT, responses=problems(404, 503), summary="Shut a phone out, for good"
    )
    def revoke(by: Administrator, name: str) -> None:
        """The service refuses it from now on, even while the broker can't be told; then ask again."""
        try:
            with refusing():
                phones.revoke(by.username, name)
        except (AccessError, ServiceError) as error:
            raise broker_away(error) from error


def broker_away(error: Exception) -> Problem:
    """The broker was not told."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "broker_away", str(error))
