"""`keepclear detect`: the detection of the service over files, without a service."""

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Annotated

import orjson
import typer

from geofences.report import SourceError
from geofences.sources.files import read_zones
from geofences.zone import Zone, ZoneError
from mqtt.fix_lines import Junk, read_fixes
from tracker.detection import Recording
from tracker.detection import detect as detect_all
from tracker.detection import signals as signals_of
from tracker.errors import KeepClearError
from tracker.zones.history import ZoneHistory

JUNK_SHOWN = 20
PLATFORMS = ("android", "ios", "browser")


class DetectionError(KeepClearError):
    """A file of zones or fixes can't be used as it is."""


def add_to(cli: typer.Typer) -> None:
    """Register the command of this module."""
    cli.command()(detect)


def detect(
    zones: Annotated[Path, typer.Option(help="GeoJSON in WGS-84.", exists=True, dir_okay=False)],
    fixes: Annotated[Path, typer.Option(help="One OwnTracks location a line, plus `device`.", exists=True)],
    out: Annotated[Path | None, typer.Option(help="Where the incursions go; standard output if not given.")] = None,
    signals: Annotated[
        Path | None,
        typer.Option(help="Where to write what of each shift is worth asking about, one JSON object a line."),
    ] = None,
    platform: Annotated[str, typer.Option(help=f"What `acc` means: {', '.join(PLATFORMS)}.")] = "android",
    standoff_m: Annotated[
        float | None, typer.Option(help="Metres instead of each zone's own (200 where it gives none).", min=0.0)
    ] = None,
) -> None:
    """Find the incursions in recorded fixes, in whatever order: one JSON object a line.

    A device's fixes are one shift; a silence of more than 4 h parts two. Lines that are no fixes are named on
    standard error and passed over.
    """
    if platform not in PLATFORMS:
        raise typer.BadParameter(f"--platform is one of {', '.join(PLATFORMS)}")
    history = ZoneHistory(known_zones(zones, standoff_m))
    gc.disable()  # millions of small objects, no cycles: collecting them costs a third of the time
    begun = time.process_time()
    with fixes.open("rb") as lines:
        recording, junk = read_recording(lines)
    found = [detected.to_json() for detected in detect_all(recording, history.at, platform)]
    spent_s = time.process_time() - begun
    with output(out) as sink:
        sink.writelines(orjson.dumps(incursion, option=orjson.OPT_APPEND_NEWLINE) for incursion in found)
    if signals is not None:
        with output(signals) as sink:
            sink.writelines(orjson.dumps(shift, option=orjson.OPT_APPEND_NEWLINE) for shift in signals_of(recording))
    rate = f"{len(recording) / max(spent_s, 1e-9):,.0f} fixes/s a core"
    counted = f"{len(recording)} fixes ({recording.indeterminate} without a usable accuracy), {junk} lines passed over"
    typer.echo(f"{counted}, {len(found)} incursions; {rate}", err=True)


def known_zones(path: Path, standoff_m: float | None) -> tuple[Zone, ...]:
    """The zones of a file; what gives none is named.

    Raises:
        DetectionError: the file can't be read.
    """
    try:
        report = read_zones(path, None, rfc7946=True)
        for problem in report.problems:
            typer.echo(str(problem), err=True)
        return tuple(zone if standoff_m is None else replace(zone, standoff_m=standoff_m) for zone in report.zones)
    except (SourceError, ZoneError, ValueError) as error:
        raise DetectionError(f"{path} can't be used as zones.", str(error)) from error


def read_recording(lines: IO[bytes]) -> tuple[Recording, int]:
    """The fixes of a file, and how many lines were none; the first of those are named."""
    recording, junk = Recording(), 0
    for read in read_fixes(lines):
        if isinstance(read, Junk):
            junk += 1
            if junk <= JUNK_SHOWN:
                typer.echo(str(read), err=True)
        else:
            recording.add(read)
    if junk > JUNK_SHOWN:
        typer.echo(f"... and {junk - JUNK_SHOWN} more lines that are no fixes", err=True)
    return recording, junk


@contextmanager
def output(path: Path | None) -> Iterator[IO[bytes]]:
    """The file to write, or standard output."""
    if path is None:
        yield sys.stdout.buffer
        return
    with path.open("wb") as sink:
        yield sink
