"""Past tracks as GeoJSON (RFC 7946) and as OGC Moving Features JSON (19-045r3, the encoding with prisms)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from tracker.fix import Fix
from tracker.past.replay import Past, PastTrack, is_late, pieces

CRS84 = {"type": "Name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
ISO_8601 = {"type": "Name", "properties": {"name": "urn:ogc:data:time:iso8601"}}
MEASURES = {"accuracy_m": "MTR", "speed_mps": "MTS", "heading_deg": "DD"}
"""Their units as codes of UN/CEFACT: metres, metres a second, degrees."""


def geojson(past: Past) -> bytes:
    """A point for each fix with all that is known of it, and a line for each row of fixes without a gap."""
    features = [each for track in past.tracks for each in _features(track)]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def mf_json(past: Past) -> bytes:
    """A moving feature for each visitor; `Discrete`: nothing is said of where anybody was between two fixes."""
    features = [_moving(track) for track in past.tracks if track.fixes]
    collection = {"type": "FeatureCollection", "crs": CRS84, "trs": ISO_8601, "features": features}
    return orjson.dumps(collection)


def members(fix: Fix) -> dict[str, Any]:
    """All that is known of a fix but its place."""
    return {
        "fix_at": utc(fix.fix_at),
        "received_at": utc(fix.received_at),
        "accuracy_m": fix.accuracy_m,
        "speed_mps": fix.speed_mps,
        "heading_deg": fix.heading_deg,
        "battery_pct": fix.battery_pct,
        "device": fix.device,
        "late": is_late(fix),
    }


def moment(at: float) -> datetime:
    """Seconds since 1970 as a time in UTC."""
    return datetime.fromtimestamp(at, UTC)


def utc(at: float) -> str:
    """Seconds since 1970 as RFC 3339, to the millisecond."""
    return moment(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _features(track: PastTrack) -> Iterator[dict[str, Any]]:
    who = {"visitor": track.visitor}
    for fix in track.fixes:
        yield _feature("Point", [fix.lon, fix.lat], who | members(fix))
    for piece in pieces(track.fixes):
        if len(piece) > 1:
            yield _feature("LineString", [[fix.lon, fix.lat] for fix in piece], who | {"from": utc(piece[0].fix_at)})


def _feature(kind: str, coordinates: Iterable[Any], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def _moving(track: PastTrack) -> dict[str, Any]:
    prisms = [_prism(run) for piece in pieces(track.fixes) for run in _runs(piece)]
    return {
        "type": "Feature",
        "id": str(track.visitor_id),
        "properties": {"visitor": track.visitor, "devices": sorted({fix.device for fix in track.fixes})},
        "time": [utc(track.fixes[0].fix_at), utc(track.fixes[-1].fix_at)],
        "temporalGeometry": {"type": "MovingGeometryCollection", "prisms": prisms},
        "temporalProperties": [_measured(track.fixes, *each) for each in MEASURES.items()] + [_received(track.fixes)],
    }


def _runs(piece: Sequence[Fix]) -> Iterator[list[Fix]]:
    """Parts in which every time is later than the one before, as a prism wants it."""
    run: list[Fix] = []
    for fix in piece:
        if run and fix.fix_at <= run[-1].fix_at:
            yield run
            run = []
        run.append(fix)
    yield run


def _prism(run: Sequence[Fix]) -> dict[str, Any]:
    return {
        "type": "MovingPoint",
        "datetimes": [utc(fix.fix_at) for fix in run],
        "coordinates": [[fix.lon, fix.lat] for fix in run],
        "interpolation": "Discrete",
    }


def _measured(fixes: Sequence[Fix], name: str, unit: str) -> dict[str, Any]:
    known = _by_time(fixes, lambda fix: getattr(fix, name))
    values = {"type": "Measure", "form": unit, "values": list(known.values()), "interpolation": "Discrete"}
    return {"datetimes": list(known), name: values}


def _received(fixes: Sequence[Fix]) -> dict[str, Any]:
    known = _by_time(fixes, lambda fix: utc(fix.received_at))
    values = {"type": "Text", "values": list(known.values()), "interpolation": "Discrete"}
    return {"datetimes": list(known), "received_at": values}


def _by_time(fixes: Sequence[Fix], value: Any) -> dict[str, Any]:
    return {utc(fix.fix_at): value(fix) for fix in fixes if value(fix) is not None}
