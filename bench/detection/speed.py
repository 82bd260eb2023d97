"""How many fixes a second `keepclear detect` folds on one core: the command itself, on files, by its own account."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson

from bench.detection.phone import fixes_of
from bench.detection.rules import as_fixes
from bench.detection.town import NANJING, Town
from bench.detection.truth import ERRANDS, NEAR_ERRANDS, shift
from bench.result import Line, Note, Result
from tracker.fix import Fix

SHIFTS = 60
NEAR_SHARE = 0.05
AWAY_DEG = 0.1
"""Moved 11 km north: no zone is there."""
REPEATS = 3


def rates() -> list[Line]:
    """Fixes a second a core, best of three: reading the lines, folding, and what becomes of them."""
    town = Town.read()
    with tempfile.TemporaryDirectory() as room:
        away, near = Path(room) / "away.jsonl", Path(room) / "near.jsonl"
        _write(away, _mostly_away(town))
        _write(near, _near(town))
        share = f"{_near_share(away):.0%} and {_near_share(near):.0%}"
        return [
            Result("keepclear detect, mostly away from zones", 100_000, _rate(away), "fixes/s a core"),
            Result("keepclear detect, near zones", 30_000, _rate(near), "fixes/s a core"),
            Note("fixes within 300 m of an outline there", share),
        ]


def _near(town: Town) -> Iterator[Fix]:
    """Visitors that do nothing but walk and drive in, along and past zones."""
    rng = np.random.default_rng(1)
    for device in range(SHIFTS):
        fixes = fixes_of(shift(town, rng, 8.0, NEAR_ERRANDS), rng)
        yield from as_fixes(fixes, *town.lonlat(fixes.xy), f"phone-{device}")


def _mostly_away(town: Town) -> Iterator[Fix]:
    """The shifts of the simulation, of which one in twenty has zones about."""
    rng = np.random.default_rng(2)
    for device in range(SHIFTS):
        fixes = fixes_of(shift(town, rng, 8.0, ERRANDS), rng)
        lons, lats = town.lonlat(fixes.xy)
        yield from as_fixes(fixes, lons, lats + AWAY_DEG * (device >= NEAR_SHARE * SHIFTS), f"phone-{device}")


def _write(path: Path, fixes: Iterator[Fix]) -> None:
    with path.open("wb") as file:
        file.writelines(orjson.dumps(_line(fix), option=orjson.OPT_APPEND_NEWLINE) for fix in fixes)


def _line(fix: Fix) -> dict[str, object]:
    """OwnTracks: whole seconds and km/h."""
    speed_kmh = None if fix.speed_mps is None else round(3.6 * fix.speed_mps)
    place = {"lon": round(fix.lon, 7), "lat": round(fix.lat, 7), "acc": round(fix.accuracy_m or 0.0, 1)}
    return {"_type": "location", "device": fix.device, "tst": int(fix.fix_at), **place, "vel": speed_kmh}


def _near_share(path: Path) -> float:
    town, places = Town.read(), []
    for line in path.read_bytes().splitlines():
        at = orjson.loads(line)
        places.append((at["lon"], at["lat"]))
    xy = town.plane(np.array(places))
    return float(np.mean(np.min([town.signed_m(zone, xy) for zone in range(len(town.zones))], axis=0) <= 100.0))


def _rate(path: Path) -> float:
    """What the command says of itself."""
    command = [sys.executable, "-m", "tracker.cli", "detect", "--zones", str(NANJING), "--fixes", str(path)]
    said = [
        subprocess.run([*command, "--out", f"{path}.out"], check=True, capture_output=True, text=True).stderr
        for _ in range(REPEATS)
    ]
    return max(float(re.findall(r"([\d,]+) fixes/s", each)[-1].replace(",", "")) for each in said)
