"""Files of zones sent over HTTP: taken from the form, read as the command line reads them, planned and carried out."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import shapely
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import FormData, UploadFile

from geofences.codes import Code
from geofences.findings import Finding
from geofences.imports.intake import Wanted, read_sources
from geofences.imports.plan import Plan, Source, plan
from geofences.imports.summary import as_json
from geofences.report import Problem as Row
from geofences.report import SourceError
from geofences.sources.columns import where_of
from geofences.zone import ZoneError
from maps.problems import Problem
from maps.zoning.zone_models import Reason
from tracker.zones.book import EVERYTHING, StaleZoneError, ZoneBook, ZoneQuery
from tracker.zones.record import Signature

MOST_FILES, MOST_FIELDS, MOST_FIELD_BYTES = 50, 200, 10_000
LONGEST_NAME_BYTES = 200
ATTEMPTS = 3
LISTS = ("datum", "where", "trust_datum")
FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "array", "items": {"type": "string", "format": "binary"}, "description": "Files of zones."},
        "datum": {"type": "array", "items": {"type": "string"}, "description": "gcj02, or FILE=gcj02 for one file."},
        "where": {"type": "array", "items": {"type": "string"}, "description": "Rows like amenity=courthouse|police."},
        "standoff_m": {"type": "number"},
        "category": {"type": "string"},
        "prefix": {"type": "string"},
        "replace_source": {"type": "boolean"},
        "trust_datum": {"type": "array", "items": {"type": "string"}, "description": "Files to believe all the same."},
        "reason": {"type": "string", "description": "Needed unless it is a dry run."},
        "approver": {"type": "string"},
    },
}  # fmt: skip
BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": FORM}}}}
_one_at_a_time = Lock()


class Options(BaseModel):
    """The fields of the form beside the files."""

    model_config = ConfigDict(extra="forbid")
    datum: list[str] = []
    where: list[str] = []
    trust_datum: list[str] = []
    standoff_m: float | None = None
    category: str = "other"
    prefix: str = ""
    replace_source: bool = False
    reason: Reason | None = None
    approver: Reason | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent."""

    files: Sequence[UploadFile]
    options: Options


async def upload(request: Request) -> Upload:
    """The form of the request, read only now that the caller may send it."""
    form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=MOST_FIELD_BYTES)
    files = [file for file in form.getlist("file") if isinstance(file, UploadFile)]
    if not files:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "no_file", "Send at least one file as the field `file`.")
    try:
        return Upload(files, Options.model_validate(_fields(form)))
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


def _fields(form: FormData) -> dict[str, object]:
    names = [name for name in form if name != "file"]
    return {name: form.getlist(name) if name in LISTS else form.getlist(name)[-1] for name in names}


def take(
    sent: Upload, book: ZoneBook, user: str, metres: tuple[float, float], *, dry_run: bool, shapes: bool
) -> dict[str, object]:
    """Plan the import and, unless it is a dry run, carry it out; the report. `metres`: the site's standoff and ring."""
    options = sent.options
    if not dry_run and options.reason is None:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "no_reason", "Give a `reason`, for the record.")
    if not _one_at_a_time.acquire(blocking=False):
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE, "busy", "Another import is under way: try again.", {"Retry-After": "10"}
        )
    try:
        with saved(sent.files) as paths:
            sources = read_sources(paths, wanted(options, metres))
        planned = _carried_out(sources, options, book, user, dry_run=dry_run)
    except (SourceError, ZoneError) as error:
        more = {"errors": [_about("", "file", error.finding)]}
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "unreadable", str(error), more=more) from error
    finally:
        _one_at_a_time.release()
    report = as_json(planned, applied=not dry_run)
    return _with_shapes(report, planned) if shapes else report


def wanted(options: Options, metres: tuple[float, float]) -> Wanted:
    """How to read the files; SourceError for a filter that is none."""
    standoff_m, warning_m = metres
    return Wanted(
        tuple(options.datum),
        tuple(map(where_of, options.where)),
        standoff_m if options.standoff_m is None else options.standoff_m,
        warning_m,
        options.category,
        frozenset(options.trust_datum),
    )


def _carried_out(sources: Sequence[Source], options: Options, book: ZoneBook, user: str, *, dry_run: bool) -> Plan:
    for _ in range(ATTEMPTS):
        generation = book.generation()
        planned = plan(
            sources,
            book.page(ZoneQuery(), "", EVERYTHING),
            prefix=options.prefix,
            replace_source=options.replace_source,
            trusted=options.trust_datum,
            policies=book.policies(),
        )
        _check(planned, dry_run=dry_run)
        if dry_run:
            return planned
        try:
            book.carry_out(planned, generation, Signature(user, options.reason or "", options.approver))
        except StaleZoneError:
            continue
        return planned
    raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", "Zones keep changing: try again.", {"Retry-After": "10"})


def _with_shapes(report: dict[str, Any], planned: Plan) -> dict[str, Any]:
    """The report with the footprints (WGS-84) of what would be written or ended, for a map."""
    changed = [each.zone for each in planned.changed]
    for name, zones in (("added", planned.added), ("changed", changed), ("removed", planned.removed)):
        for entry, zone in zip(report[name], zones, strict=True):
            entry["geometry"] = shapely.geometry.mapping(zone.footprint)
    for entry, change in zip(report["changed"], planned.changed, strict=True):
        entry["before"] = shapely.geometry.mapping(change.before.footprint)
    return report


def _check(planned: Plan, *, dry_run: bool) -> None:
    """Stop at a file that can't be read and, before anything is written, at a datum that looks wrong."""
    report = as_json(planned, applied=False)
    unread = [source for source in planned.sources if source.refused]
    if unread:
        errors = [_about(each.file, "file", each.refused) for each in planned.sources if each.refused]
        detail = f"{unread[0].file} can't be read; nothing was written. {unread[0].refused}"
        more = {"errors": errors, "report": report}
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "unreadable_file", detail, more=more)
    if planned.doubts and not dry_run:
        doubt = planned.doubts[0]
        detail = f"{doubt.file}: {doubt.finding.reason} Nothing was written. Send trust_datum={doubt.file} to go on."
        errors = [_about(each.file, "datum", each.finding) for each in planned.doubts]
        raise Problem(HTTPStatus.CONFLICT, "datum_doubt", detail, more={"errors": errors, "report": report})


def _about(file: str, field: str, found: Finding) -> dict[str, Any]:
    return Row(None, field, found, file).as_json()


@contextmanager
def saved(files: Sequence[UploadFile]) -> Iterator[list[Path]]:
    """The files under the last part of their own names, in a directory that goes away."""
    with TemporaryDirectory(prefix="keepclear-upload-") as room:
        paths: list[Path] = []
        for file in files:
            path = Path(room) / safe_name(file.filename or "")
            if path in paths:
                raise SourceError(Code.SENT_TWICE(file=path.name))
            with path.open("wb") as out:
                shutil.copyfileobj(file.file, out)
            paths.append(path)
        yield paths


def safe_name(name: str) -> str:
    """A file name that leads nowhere else; SourceError when nothing of it is left."""
    last = PurePosixPath(name.replace("\\", "/")).name
    if not last or last.startswith(".") or not last.isprintable() or len(last.encode()) > LONGEST_NAME_BYTES:
        raise SourceError(Code.NO_FILE_NAME())
    return last
