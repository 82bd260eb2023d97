"""A plan in words and as JSON: the same report for dry runs, imports, conversions and the API."""

from collections.abc import Iterator, Sequence
from typing import Any

from geofences.imports.plan import Plan, Source
from geofences.properties import kept
from geofences.report import Problem
from geofences.zone import Zone

_MOST_LINES = 50


def as_json(plan: Plan, *, applied: bool) -> dict[str, Any]:
    """The whole report; `applied` says whether it was carried out or only looked at."""
    return {
        "applied": applied,
        "sources": [_source(source) for source in plan.sources],
        "added": [kept(zone) for zone in plan.added],
        "changed": [kept(each.zone) | {"changed": list(each.what)} for each in plan.changed],
        "unchanged": [kept(zone) for zone in plan.unchanged],
        "removed": [kept(zone) for zone in plan.removed],
        "merged": [
            {"id": each.zone_id, "rows": [{"file": file, "row": row, "id": own} for file, row, own in each.rows]}
            for each in plan.merged
        ],
        "refused": [problem.as_json() for problem in plan.refused],
        "notes": [note.as_json() for note in plan.notes],
        "datum_doubts": [doubt.as_json() for doubt in plan.doubts],
    }


def _source(source: Source) -> dict[str, Any]:
    report = source.report
    return {
        "file": source.file,
        "datum": None if source.refused else report.datum,
        "rows": report.rows,
        "left_out_by_where": report.passed_over,
        "refused": source.refused and str(source.refused),
        "finding": source.refused and source.refused.as_json(),
    }


def as_text(plan: Plan) -> Iterator[str]:
    """The report for people, a line each; long lists are cut, and say so."""
    for source in plan.sources:
        yield f"{source.file}: NOT READ. {source.refused}" if source.refused else _read(source)
    yield from _listed("Added", [_named(zone) for zone in plan.added])
    yield from _listed("Changed", [f"{_named(each.zone)}: {', '.join(each.what)}" for each in plan.changed])
    yield from _listed("Removed", [_named(zone) for zone in plan.removed])
    yield from _listed("One place from several rows", [_merged(each.zone_id, each.rows) for each in plan.merged])
    yield from _listed("Refused", list(map(str, plan.refused)))
    yield from _listed("Notes", _gathered(plan.notes))
    yield from (f"WRONG DATUM? {doubt}" for doubt in plan.doubts)
    yield counts(plan)


def counts(plan: Plan) -> str:
    """The numbers alone."""
    return (
        f"{len(plan.added)} added, {len(plan.changed)} changed, {len(plan.unchanged)} unchanged,"
        f" {len(plan.removed)} removed, {len(plan.refused)} rows refused"
    )


def _read(source: Source) -> str:
    report = source.report
    left_out = f", {report.passed_over} left out by --where" if report.passed_over else ""
    return f"{source.file}: {report.rows} rows, read as {report.datum}{left_out}"


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"{title} ({len(lines)}):"
        yield from (f"  {line}" for line in lines[:_MOST_LINES])
    if len(lines) > _MOST_LINES:
        yield f"  ... and {len(lines) - _MOST_LINES} more; --json has them all"


def _gathered(notes: Sequence[Problem]) -> list[str]:
    """One line for a note that many rows share."""
    rows: dict[tuple[str, str, str], list[Problem]] = {}
    for note in notes:
        rows.setdefault((note.file, note.field, str(note.finding)), []).append(note)
    return [str(same[0]) + (f" (and {len(same) - 1} more rows)" if len(same) > 1 else "") for same in rows.values()]


def _named(zone: Zone) -> str:
    return f"{zone.id} {zone.name} ({zone.category}, {zone.standoff_m:g} m)".replace("  ", " ")


def _merged(zone_id: str, rows: Sequence[tuple[str, int, str]]) -> str:
    return f"{zone_id}: " + ", ".join(f"{file} row {row}" if row else file for file, row, _ in rows)
