"""Every setting of KeepClear, with its unit, its default and its meaning.

Nothing here reads the environment by itself: `load` is given one, so that tests and tools pass their own.
"""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from tracker.errors import ServiceError, SettingsError

if TYPE_CHECKING:
    from pydantic.config import JsonDict

PREFIX = "KEEPCLEAR_"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MQTT_SCHEMES = ("mqtt://", "mqtts://")


def _setting(default: Any, description: str, *, section: str | None = None, **limits: Any) -> Any:
    extra: JsonDict | None = {"section": section} if section else None
    return Field(default, description=description, json_schema_extra=extra, **limits)


class Settings(BaseSettings):
    """Values in force; made by `load`, never at import. Paths are relative to the working directory."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    var_dir: Path = _setting(
        Path("var"),
        "Directory for everything KeepClear writes: private services, secrets, logs.",
        section="Where data lives",
    )
    database_url: str | None = _setting(
        None,
        "PostgreSQL with PostGIS to use instead of the private one: postgresql://user:password@host:5432/database.",
    )
    basemap: str = _setting(
        "data/basemap/nanjing_osm.geojson",
        "What is drawn under the live map: a GeoJSON file (lon, lat; WGS-84), a .pmtiles file, the address of raster"
        " tiles (https://host/{z}/{x}/{y}.png), or `none` (docs/live-map.md).",
    )
    basemap_datum: Literal["wgs84", "gcj02"] = _setting(
        "wgs84", "Datum that the tiles are drawn in; with gcj02 everything on the map is shifted, for display only."
    )
    basemap_attribution: str = _setting(
        "© OpenStreetMap contributors", "Whose map it is, shown on it always; the place of a 审图号, too."
    )

    mqtt_url: str | None = _setting(
        None,
        "MQTT broker to use instead of the private one: mqtt://user:password@host:1883 or mqtts://...:8883.",
        section="MQTT",
    )
    mqtt_admin_url: str | None = _setting(
        None,
        "The same broker with the account that may enrol devices (Mosquitto dynamic security);"
        " mqtt_url's account if not given.",
    )
    mqtt_bind: str = _setting("127.0.0.1", "Address on which the private broker listens without TLS.")
    mqtt_port: int = _setting(
        1883, "TCP port of the private broker; another is found if it is taken, 0 takes any.", ge=0, le=65535
    )
    mqtt_tls_bind: str = _setting(
        "0.0.0.0",  # noqa: S104 - only ever opened with a certificate, for phones outside
        "Address on which the private broker listens with TLS, once a certificate is given.",
    )
    mqtt_tls_port: int = _setting(8883, "TCP port of the private broker with TLS; likewise.", ge=0, le=65535)
    mqtt_tls_cert: Path | None = _setting(None, "PEM certificate chain of the broker; opens the TLS port.")
    mqtt_tls_key: Path | None = _setting(None, "PEM private key that belongs to mqtt_tls_cert.")
    owntracks_plain_topics: bool = _setting(
        default=True, description="Also listen to owntracks/{user}/{device}, for small sites."
    )

    http_host: str = _setting("127.0.0.1", "Address on which the web service listens.", section="Web")
    http_port: int = _setting(
        8080, "TCP port of the web service; another is found if it is taken, 0 takes any.", ge=0, le=65535
    )
    http_tls_cert: Path | None = _setting(None, "PEM certificate chain of the web service; turns HTTPS on.")
    http_tls_key: Path | None = _setting(None, "PEM private key that belongs to http_tls_cert.")
    trusted_proxies: str = _setting(
        "127.0.0.1",
        "Addresses or networks (10.0.0.0/8), with commas, of the TLS proxies whose X-Forwarded-For is believed.",
    )
    public_url: str | None = _setting(
        None,
        "Address under which phones and browsers reach the web service, for links: https://host[:port].",
    )
    session_idle_min: float = _setting(
        60.0, "Minutes without use after which a log-in ends; an open live map counts as use.", gt=0, le=7 * 1440
    )
    session_max_h: float = _setting(12.0, "Hours after which a log-in ends, however busy it is.", gt=0, le=30 * 24)
    language: Literal["zh-CN", "en"] = _setting("zh-CN", "Language of the pages before a person chooses one.")

    oidc_issuer: str | None = _setting(
        None,
        "OpenID provider by which people may log in: its issuer, https://host/path (docs/people.md); needs public_url.",
        section="Log-in by an OpenID provider",
    )
    oidc_client_id: str | None = _setting(None, "What the provider knows this service as.")
    oidc_client_secret_file: Path | None = _setting(
        None, "File with the client's secret; without one the service is a public client, protected by PKCE alone."
    )
    oidc_username_claim: str = _setting(
        "preferred_username",
        "Claim of the ID token that is the user name of an account; people must not be able to change it themselves.",
    )

    workers: int = _setting(1, "Ingest processes started by `keepclear up`.", ge=1, le=64, section="Ingest")
    batch_max_messages: int = _setting(1000, "Most messages in one transaction.", ge=1, le=100_000)
    batch_max_wait_ms: float = _setting(30.0, "Milliseconds that a batch waits for more messages.", ge=0, le=10_000)
    ack_interval_s: float = _setting(
        30.0, "Seconds between two application acknowledgements to one phone, at least.", ge=0, le=3600
    )
    late_limit_h: float = _setting(168.0, "Hours after which a fix that arrives late is refused.", gt=0, le=24 * 365)
    clock_ahead_limit_s: float = _setting(
        60.0, "Seconds that a phone's clock may be ahead before its fix is refused.", ge=0, le=86_400
    )

    standoff_m: float = _setting(
        200.0,
        "Metres from the footprint within which a visitor is too close, where a zone gives none.",
        ge=0,
        le=100_000,
        section="Zones",
    )
    warning_m: float = _setting(
        100.0, "Metres of warning ring outside the standoff, where a zone gives none.", ge=0, le=100_000
    )

    silence_amber_min: float = _setting(
        5.0,
        "Minutes without a position on an open shift after which the map and the lists say no data (docs/alerts.md).",
        gt=0,
        le=1440,
        section="Silence",
    )
    silence_red_min: float = _setting(
        15.0, "Minutes after which no data is an alert; not less than silence_amber_min.", gt=0, le=1440
    )

    notify_file: Path | None = _setting(
        None,
        "TOML file of those who are told by e-mail, chat, SMS or webhook (docs/alerts.md); none: nobody is.",
        section="Channels",
    )

    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "info", "Least severity that is logged; logs never hold positions.", section="Logs"
    )
    log_format: Literal["console", "json"] = _setting("console", "Lines for people, or one JSON object a line.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic passes them by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` passes: the process environment is never read behind its back."""
        return (init_settings,)


def load(environ: Mapping[str, str], env_file: Path | None = None) -> Settings:
    """Settings from `environ` over those of `env_file` (if it exists) over the defaults.

    An empty value counts as not given. Raises `SettingsError` for an unknown KEEPCLEAR_ name or a bad value.
    """
    in_file = dotenv_values(env_file, interpolate=False) if env_file and env_file.is_file() else {}
    named = {**in_file, **environ}
    given = {name.removeprefix(PREFIX).lower(): value for name, value in named.items() if name.startswith(PREFIX)}
    try:
        settings = Settings.model_validate({name: value for name, value in given.items() if value})
    except ValidationError as error:
        raise _settings_error(error) from None
    _check_pairs(settings)
    _check_urls(settings)
    _check_oidc(settings)
    _check_silence(settings)
    return settings


def _settings_error(error: ValidationError) -> SettingsError:
    first = error.errors(include_url=False)[0]
    name = PREFIX + str(first["loc"][0]).upper()
    if first["type"] == "extra_forbidden":
        return SettingsError(f"There is no setting {name}.", "Correct its name: `keepclear settings` lists them all.")
    return SettingsError(f"{name} is wrong: {first['msg']}.", "keepclear.env.example says what it may be.")


def _check_urls(settings: Settings) -> None:
    wanted = {"database_url": ("postgresql://",), "mqtt_url": MQTT_SCHEMES, "mqtt_admin_url": MQTT_SCHEMES}
    for name, schemes in wanted.items():
        url = getattr(settings, name)
        if url is not None and not url.replace("postgresql+psycopg://", "postgresql://").startswith(schemes):
            message = f"{PREFIX}{name.upper()} does not begin with {' or '.join(schemes)}."
            raise SettingsError(message, "keepclear.env.example shows the form.")


def _check_pairs(settings: Settings) -> None:
    for kind in ("mqtt", "http"):
        pair = (getattr(settings, f"{kind}_tls_cert"), getattr(settings, f"{kind}_tls_key"))
        if (pair[0] is None) != (pair[1] is None):
            names = f"{PREFIX}{kind.upper()}_TLS_CERT and {PREFIX}{kind.upper()}_TLS_KEY"
            raise SettingsError(f"{names} belong together, and one is missing.", "Give both or neither.")


def _check_silence(settings: Settings) -> None:
    if settings.silence_red_min < settings.silence_amber_min:
        message = "KEEPCLEAR_SILENCE_RED_MIN is less than KEEPCLEAR_SILENCE_AMBER_MIN."
        raise SettingsError(message, "A silence is amber first: give it at least as many minutes.")


def _check_oidc(settings: Settings) -> None:
    if settings.oidc_issuer is None:
        return
    if settings.oidc_client_id is None or settings.public_url is None:
        missing = "KEEPCLEAR_OIDC_CLIENT_ID" if settings.oidc_client_id is None else "KEEPCLEAR_PUBLIC_URL"
        raise SettingsError(f"KEEPCLEAR_OIDC_ISSUER needs {missing}.", "docs/people.md says what the provider needs.")
    at = urlsplit(settings.oidc_issuer)
    if at.scheme != "https" and at.hostname not in LOOPBACK:
        message = "KEEPCLEAR_OIDC_ISSUER does not begin with https://."
        raise SettingsError(message, "Without TLS anybody on the way could log in as anybody.")


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as people see it; passwords and secrets in `value` are hidden."""

    variable: str
    value: str
    default: str
    description: str
    section: str


def rows(settings: Settings) -> Iterator[SettingRow]:
    """Every setting in documented order, for `keepclear settings` and the example file."""
    section = ""
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        section = str(extra["section"]) if isinstance(extra, dict) else section
        value = _hidden(name, _text(getattr(settings, name)))
        yield SettingRow(PREFIX + name.upper(), value, _text(field.default), field.description or "", section)


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _hidden(name: str, value: str) -> str:
    password = urlsplit(value).password if name.endswith("_url") and value else None
    if password:
        return value.replace(f":{password}@", ":***@", 1)
    return value


def example_file() -> str:
    """The text of `keepclear.env.example`: every setting, commented out, at its default."""
    lines = [
        "# Settings of KeepClear. Copy this file to .env and uncomment what you change;",
        "# variables of the environment win over the file. `keepclear settings` prints what is in force.",
    ]
    section = ""
    for row in rows(Settings()):
        if row.section != section:
            section = row.section
            lines += ["", f"## {section}"]
        lines += ["", f"# {row.description}", f"#{row.variable}={row.default}"]
    return "\n".join(lines) + "\n"


def not_running(settings: Settings, what: str, variable: str) -> ServiceError:
    """Neither is a `what` ("database") configured by `variable`, nor does the private one run."""
    return ServiceError(
        f"KeepClear is not running in {settings.var_dir.absolute()}, so there is no {what}.",
        f"Start it in another terminal (`keepclear up`, or `make demo`) or set {variable}.",
    )


def secret(var_dir: Path, name: str) -> str:
    """The secret `name` of this installation: read from `var_dir`/secrets, generated the first time.

    Only the owner may read it (directory mode 700, file mode 600).
    """
    path = var_dir / "secrets" / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(32))
    return path.read_text().strip()


def _write_once(path: Path, text: str) -> None:
    """Publish a complete file or none: two processes that start together agree on one secret."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
