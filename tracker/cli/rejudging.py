"""`keepclear replay --as-of TIME`: stored fixes judged again by the zones as they were known then."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import orjson
import typer

from tracker.cli.context import database, running_settings
from tracker.errors import KeepClearError
from tracker.recordings.rows import RecordingError, time_of
from tracker.rejudging import Cause, Difference, Rejudged, as_known, rejudge
from tracker.store.evidence import evidence, snapshot, zones_about
from tracker.store.zones import records_of
from tracker.zones.history import ZoneHistory
from tracker.zones.record import ZoneRecord

DIFFERS, NOT_PROVABLE = 1, 3
FOREVER = 1e11
"""Seconds since 1970 that PostgreSQL still takes as a time."""


class RejudgingError(KeepClearError):
    """There is nothing to judge again, or the question is none."""


def judge_again(
    as_of: str, device: str | None, shift: int | None, since: str | None, until: str | None, out: Path | None,
    *, as_json: bool,
) -> None:  # fmt: skip
    """Print what agrees and what differs; exit code 1 where something differs, 3 where fixes are missing."""
    at = moment(as_of)
    span = (0.0 if since is None else moment(since), FOREVER if until is None else moment(until))
    records: dict[tuple[str, int], ZoneRecord] = {}
    done = list(judged(at, device, shift, span, records))
    if not done:
        raise RejudgingError(
            "No shift was tracked in that time.",
            "`keepclear visitors list` has devices and shifts; a shift in which no fix was stored has no track.",
        )
    if out is not None:
        out.write_bytes(b"".join(lines_of(done)))
    if as_json:
        typer.echo(orjson.dumps(report(done, at), option=orjson.OPT_INDENT_2).decode())
    else:
        typer.echo("\n".join(told(done, at, records)))
    if any(each.differences for each in done):
        raise typer.Exit(DIFFERS)
    if any(each.evidence.missing for each in done):
        raise typer.Exit(NOT_PROVABLE)


def judged(
    at: float, device: str | None, shift: int | None, span: tuple[float, float],
    records: dict[tuple[str, int], ZoneRecord],
) -> Iterator[Rejudged]:  # fmt: skip
    """Each shift in turn, all from one snapshot; `records` gathers the versions that were about."""
    with database(running_settings()) as connection, snapshot(connection):
        for each in evidence(connection, device, shift, *span):
            about = records_of(connection, zones_about(connection, each.fixes))
            records |= {(record.zone.id, record.zone.version): record for record in about}
            yield rejudge(each, ZoneHistory(as_known(about, at)).at, about, at)


def moment(text: str) -> float:
    """`now`, ISO 8601 with its zone, or seconds since 1970."""
    if text == "now":
        return time.time()
    try:
        at = time_of(text, None)
    except RecordingError as error:
        raise RejudgingError(f"{text!r} is no time.", f"{error}") from error
    return inf if at is None else at


def report(done: Sequence[Rejudged], at: float) -> dict[str, object]:
    """The whole report as plain values."""
    shifts = [
        {
            "device": each.evidence.device,
            "shift": each.evidence.shift.id,
            "fixes": len(each.evidence.fixes),
            "recorded": sum(not stored.retracted for stored in each.evidence.recorded),
            "found": len(each.found),
            "fixes_missing_at": each.evidence.missing,
            "agrees": each.agrees,
            "differences": [difference.to_json() for difference in each.differences],
        }
        for each in done
    ]
    return {"as_of": at, "agrees": all(each.agrees for each in done), "shifts": shifts}


def lines_of(done: Sequence[Rejudged]) -> Iterator[bytes]:
    """The incursions found, as `keepclear detect` writes them."""
    for each in done:
        for found in each.found:
            line = {"device": each.evidence.device, "shift": each.evidence.shift.id, **found.to_json()}
            yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def told(done: Sequence[Rejudged], at: float, records: dict[tuple[str, int], ZoneRecord]) -> Iterator[str]:
    """The report for people."""
    yield f"Judged again by the zones as known at {iso(at)}, each fix by the version in force at its own time."
    for each in done:
        head = f"{each.evidence.device}\tshift {each.evidence.shift.id}\t{len(each.evidence.fixes)} fixes"
        if each.evidence.missing:
            yield (
                f"{head}\tCAN'T BE JUDGED AGAIN: fixes of {len(each.evidence.missing)} recorded moments are no longer "
                f"stored (expired or purged), the first of {iso(each.evidence.missing[0])}"
            )
        elif each.differences:
            yield f"{head}\tDIFFERS in {len(each.differences)}"
            yield from (line(difference, at, records) for difference in each.differences)
        else:
            yield f"{head}\tagrees: {len(each.found)} incursions as recorded"


def line(difference: Difference, at: float, records: dict[tuple[str, int], ZoneRecord]) -> str:
    """One difference with its cause."""
    was, now = difference.recorded, difference.found
    if was is None or now is None:
        what = "on record, not found now" if was is not None else "found now, not on record"
    else:
        what = "differs in " + ", ".join(difference.fields)
    either = was or now
    began = "" if either is None else f"{either.kind} from {iso(either.began_at)}, version {either.zone_version}"
    return f"  {difference.zone}\t{began}\t{what}\t{why(difference, at, records)}"


def why(difference: Difference, at: float, records: dict[tuple[str, int], ZoneRecord]) -> str:
    """The cause in words."""
    about = [records[difference.zone, version] for version in difference.versions]
    versions = ", ".join(f"version {record.zone.version}" for record in about)
    said = "; ".join(signed(record) for record in about)
    match difference.cause:
        case Cause.NOT_YET_KNOWN:
            return f"because {versions} was not yet on record at {iso(at)} ({said})"
        case Cause.END_NOT_YET_KNOWN:
            return f"because the end of {versions} was not yet on record at {iso(at)} ({said})"
        case Cause.KNOWN_LATER:
            return f"because {versions} came on record after these fixes were judged ({said})"
    return "and no version of the zone explains it: the fixes stored or the rules of detection are others than then"


def signed(record: ZoneRecord) -> str:
    """Who recorded a version, or its end, and when."""
    ended = "" if record.ended_at is None else f", its end {iso(record.ended_at)}"
    why_ = f": {record.signature.why}" if record.signature.why else ""
    return f"recorded {iso(record.recorded_at)} by {record.signature.by}{why_}{ended}"


def iso(at: float) -> str:
    """Seconds UTC for people."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
