"""`keepclear up | ingest | serve | doctor | settings`: what runs."""

import signal
from pathlib import Path
from threading import Event, Thread
from typing import Annotated

import typer

from mqtt.broker_files import write_for_container
from mqtt.preparation import prepare_broker
from tracker.cli.context import own_settings, running_settings
from tracker.errors import SettingsError
from tracker.programs.private_dir import Account
from tracker.settings import Settings
from tracker.settings import rows as setting_rows


def add_to(cli: typer.Typer) -> None:
    """Register the commands of this module."""
    for command in (up, demo, ingest, serve, doctor, settings, broker_config, broker_prepare):
        cli.command()(command)
    cli.command(hidden=True)(demo_traffic)


def up() -> None:
    """Start everything of this installation and keep it running until Ctrl-C."""
    from tracker.installation.up import Installation  # noqa: PLC0415  see context.database

    Installation(own_settings(), typer.echo).run()


def demo(
    seed: Annotated[int, typer.Option(help="Seed of the simulated visitors.")] = 1,
    visitors: Annotated[int, typer.Option(help="How many simulated visitors.", min=1)] = 40,
) -> None:
    """Start everything with real zones, replayed phone tracks and simulated visitors."""
    from tracker.demo.run import run_demo  # noqa: PLC0415  see context.database

    run_demo(own_settings(), typer.echo, seed=seed, visitors=visitors)


def demo_traffic(seed: int = 1, visitors: int = 40) -> None:
    """The demo's moving visitors (started by `keepclear demo`)."""
    settings = running_settings()
    configure_logs(settings)
    from tracker.demo.run import run_traffic  # noqa: PLC0415  see context.database

    run_traffic(settings, stop_on_signal(), seed=seed, visitors=visitors)


def ingest(
    workers: Annotated[int, typer.Option(help="Worker processes on this machine.", min=1)] = 1,
) -> None:
    """Take fixes from the broker into the database. Run it on as many machines as you like."""
    settings = running_settings()
    configure_logs(settings)
    from tracker.app import run_workers  # noqa: PLC0415  see context.database

    run_workers(settings, stop_on_signal(), workers)
    typer.echo("Stopped.")


def serve(
    port: Annotated[int | None, typer.Option(help="TCP port instead of KEEPCLEAR_HTTP_PORT.")] = None,
) -> None:
    """Serve the live map, the phones' HTTP door and MQTT over WebSocket."""
    settings = running_settings()
    configure_logs(settings)
    from tracker.app import run_web  # noqa: PLC0415  see context.database

    run_web(settings, port or settings.http_port, typer.echo)


def doctor() -> None:
    """Check versions, ports, extensions, clock and disk, and say what to do about each failure."""
    from tracker.installation.doctor import checks  # noqa: PLC0415  see context.database

    found = checks(own_settings())
    for check in found:
        typer.echo(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.what}")
        if not check.ok:
            typer.echo(f"      -> {check.do}")
    if not all(check.ok for check in found):
        raise typer.Exit(1)


def settings() -> None:
    """Print every setting with its value, default and meaning."""
    for row in setting_rows(own_settings()):
        typer.echo(f"{row.variable}={row.value}\n    {row.description} Default: {row.default or 'none'}")


def broker_config(
    directory: Annotated[Path, typer.Argument(help="Where the broker keeps its data.", file_okay=False)],
    owner: Annotated[int, typer.Option(help="User and group id of the broker's account.")] = 1883,
    plugin: Annotated[Path, typer.Option(help="The dynamic security plugin, as the broker sees it.")] = Path(
        "/usr/lib/mosquitto_dynamic_security.so"
    ),
) -> None:
    """Write configuration and device list for a Mosquitto that somebody else starts (compose.yaml)."""
    directory.mkdir(parents=True, exist_ok=True)
    write_for_container(own_settings(), directory, Account("mosquitto", owner, owner), plugin)


def broker_prepare() -> None:
    """Give a Mosquitto of your own the roles and the account that KeepClear needs; `up` does this by itself.

    It runs with the dynamic security plugin; KEEPCLEAR_MQTT_ADMIN_URL is its administrator's account.
    """
    settings = own_settings()
    if settings.mqtt_url is None:
        raise SettingsError("No broker of your own is set.", "Set KEEPCLEAR_MQTT_URL and KEEPCLEAR_MQTT_ADMIN_URL.")
    for sentence in prepare_broker(settings.mqtt_admin_url or settings.mqtt_url, settings.mqtt_url) or ["It is ready."]:
        typer.echo(sentence)


def stop_on_signal() -> Event:
    """An event that SIGTERM and Ctrl-C set, from a thread of its own: the main one may hold the event's lock."""
    stopping = Event()

    def stop() -> None:
        typer.echo("Stopping ...")
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: Thread(target=stop).start())
    return stopping


def configure_logs(settings: Settings) -> None:
    """Structured logs without positions."""
    from tracker.logs import configure  # noqa: PLC0415  see context.database

    configure(settings.log_level, settings.log_format)
