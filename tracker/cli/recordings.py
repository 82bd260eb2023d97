"""`keepclear replay | quarantine`: recordings in, and what could not be read."""

import sys
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from mqtt.network import Endpoint
from mqtt.phone import Connection
from mqtt.replay import Replayed, ReplayError, latest_start, moved
from mqtt.replay import replay as play
from tracker.cli.context import database, iso, running_settings
from tracker.cli.rejudging import judge_again
from tracker.errors import KeepClearError
from tracker.recordings import RecordingError, Track, read
from tracker.settings import Settings, not_running
from tracker.store.quarantine import quarantined, refused

AGAIN = "Judging stored fixes again"


class PlaybackError(KeepClearError):
    """A recording can't be read or the broker doesn't take it."""


def add_to(cli: typer.Typer) -> None:
    """Register the commands of this module."""
    cli.command()(replay)
    cli.command()(quarantine)


def replay(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="GPX, CSV, JSONL or WKT-point JSON recordings to play.", exists=True, dir_okay=False),
    ] = None,
    speed: Annotated[float, typer.Option(help="Times as fast as life; inf: as fast as acknowledged.")] = 1.0,
    start: Annotated[str | None, typer.Option(help="`now`: move the recording in time to end by now.")] = None,
    device: Annotated[
        str | None, typer.Option(help="Device id to play a single track as; with --as-of: only this device.")
    ] = None,
    password: Annotated[str | None, typer.Option(help="The device's MQTT password.", envvar="KC_PASSWORD")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone of a CSV with local times, e.g. Asia/Shanghai.")] = None,
    spacing_s: Annotated[float | None, typer.Option(help="Seconds between points that have no time.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="Judge again by the zones as known then: ISO 8601 or `now`.", rich_help_panel=AGAIN),
    ] = None,
    shift: Annotated[int | None, typer.Option(help="Only this shift.", rich_help_panel=AGAIN)] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Shifts that were not over by then.", rich_help_panel=AGAIN)
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Shifts begun by then.", rich_help_panel=AGAIN)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.", rich_help_panel=AGAIN)] = False,
    out: Annotated[
        Path | None, typer.Option(help="Also write what was found, one object a line.", rich_help_panel=AGAIN)
    ] = None,
) -> None:
    """Play recordings (FILES) through MQTT as real phones would; or, with --as-of TIME, judge stored fixes again.

    --as-of sends nothing and writes nothing to the database. It compares what the stored fixes amount to by the zones
    as they were known at TIME with the incursions on record: exit code 0 if they agree, 1 if they differ, 3 if fixes
    have expired.
    """
    if as_of is not None:
        if files:
            raise typer.BadParameter("--as-of judges what is stored; it takes no files")
        judge_again(as_of, device, shift, since, until, out, as_json=as_json)
        return
    if not files:
        raise typer.BadParameter("give recordings to play, or --as-of TIME to judge stored fixes again")
    if not speed > 0:
        raise typer.BadParameter("--speed is above 0; inf plays as fast as acknowledged")
    play_back([track for path in files for track in recording(path, device, zone, spacing_s)], speed, start, password)


def play_back(tracks: list[Track], speed: float, start: str | None, password: str | None) -> None:
    """Send tracks to the broker of this installation, each as its device.

    Raises:
        ServiceError: no broker is configured or running.
        PlaybackError: the broker refuses a device.
    """
    settings = running_settings()
    if settings.mqtt_url is None:
        raise not_running(settings, "MQTT broker", "KEEPCLEAR_MQTT_URL")
    endpoint = Endpoint.parse(settings.mqtt_url)
    begin = moment(start, tracks, speed)
    typer.echo(preview([moved(track, begin) for track in tracks], settings, time.time()))
    try:
        outcome = play(
            tracks,
            lambda name: Connection(endpoint.host, endpoint.port, name, password),
            speed=speed,
            start=begin,
            progress=True,
            say=partial(tqdm.write, file=sys.stderr),
        )
    except ReplayError as error:
        advice = "Enrol it with `keepclear devices add`, and give --device and --password."
        raise PlaybackError(f"{error}.", advice) from error
    report(outcome, sum(len(track.fixes) for track in tracks))


def preview(tracks: list[Track], settings: Settings, now: float) -> str:
    """What will be played, and what of it the service is bound to refuse as too late."""
    times = sorted(fix.fix_at for track in tracks for fix in track.fixes)
    said = (
        f"Playing {len(times)} fixes, measured {iso(times[0])} to {iso(times[-1])}. Outside a shift they are refused."
    )
    late = sum(at < now - settings.late_limit_h * 3600 for at in times)
    if not late:
        return said
    return (
        f"{said}\nWARNING: {late} of them are older than {settings.late_limit_h:g} h (KEEPCLEAR_LATE_LIMIT_H) and will "
        "be refused as too late. Give --start now to move the recording in time."
    )


def report(outcome: Replayed, fixes: int) -> None:
    """What came of it; exit code 1 if not everything was sent and acknowledged."""
    typer.echo(
        f"{outcome.reported} of {fixes} fixes sent, {outcome.unacknowledged} not acknowledged, "
        f"{outcome.resent} sent again"
    )
    typer.echo("What the service refused (off shift, too late) is counted by `keepclear quarantine`.")
    if outcome.unacknowledged or outcome.reported < fixes:
        raise typer.Exit(1)


def moment(start: str | None, tracks: list[Track], speed: float) -> float | None:
    """When the recordings begin: as recorded, or as late as no fix comes from the future."""
    if start is None:
        return None
    if start != "now":
        raise typer.BadParameter("--start is `now`, or left out to keep the recorded times")
    return latest_start(tracks, speed, time.time())


def recording(path: Path, device: str | None, zone: str | None, spacing_s: float | None) -> list[Track]:
    """The tracks of one file.

    Raises:
        PlaybackError: it can't be read.
    """
    try:
        return read(path, device=device, zone=zone, spacing_s=spacing_s)
    except RecordingError as error:
        raise PlaybackError(f"{path} can't be played.", str(error)) from error


def quarantine(
    limit: Annotated[int, typer.Option(help="How many of the newest.", min=1)] = 50,
) -> None:
    """List what could not be read and what was refused, with the reasons."""
    with database(running_settings()) as connection:
        unreadable, counts = list(quarantined(connection, limit)), list(refused(connection, limit))
        for entry in unreadable:
            kept = "payload kept" if entry.payload is not None else "payload not kept"
            size = f"{entry.size_bytes} bytes, {kept}"
            typer.echo(f"{iso(entry.received_at)}\t{entry.device}\t{entry.reason}\t{size}\t{entry.detail}")
        for device, reason, count, last_at in counts:
            typer.echo(f"{iso(last_at)}\t{device}\trefused: {reason}\t{count} times that day")
    if not unreadable and not counts:
        typer.echo("Nothing is in quarantine, and nothing was refused.", err=True)
