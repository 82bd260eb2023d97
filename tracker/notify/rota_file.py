"""The file of those who are told: recipients, hours, levels and channels, in TOML."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geofences.ical import ScheduleError
from geofences.schedule import Schedule
from tracker.alert import AlertKind
from tracker.answers.rota import Recipient
from tracker.errors import SettingsError
from tracker.notify.channels import Send, service, webhook


class RecipientEntry(BaseModel):
    """`[[recipient]]`: `url` (Apprise) or `webhook` with `secret`."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=100)
    url: str | None = None
    webhook: str | None = Field(None, pattern="^https?://")
    secret: str | None = None
    level: int = Field(0, ge=0, le=20)
    on_call: str | None = None
    time_zone: str = "Asia/Shanghai"
    language: Literal["zh-CN", "en"] = "zh-CN"
    quiet: list[AlertKind] = []
    account: str | None = Field(None, max_length=100)

    def recipient(self) -> Recipient:
        """As the rota knows them."""
        hours = Schedule(self.on_call, self.time_zone) if self.on_call else None
        return Recipient(self.name, self.level, hours, frozenset(self.quiet), self.account)

    def channel(self) -> Send:
        """How they are told.

        Raises:
            SettingsError: neither or both channels are given, or one is malformed.
        """
        if (self.url is None) == (self.webhook is None) or (self.webhook is None) != (self.secret is None):
            what = f"Recipient {self.name} needs either a url, or a webhook with its secret."
            raise SettingsError(what, "docs/alerts.md shows both.")
        if self.url is not None:
            return service(self.url, self.language, self.time_zone)
        return webhook(self.webhook or "", self.secret or "")


class RotaEntry(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid")
    escalate_after_min: float = Field(5.0, gt=0, le=24 * 60)
    recipient: list[RecipientEntry] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Rota:
    """Who is told, how, and how long an answer may take."""

    recipients: Sequence[Recipient]
    channels: Mapping[str, Send]
    escalate_after_s: float


def read_rota(path: Path) -> Rota:
    """Read the file.

    Raises:
        SettingsError: it is not there, malformed, or names somebody twice. Secrets are never repeated.
    """
    try:
        entry = RotaEntry.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        recipients = [each.recipient() for each in entry.recipient]
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}.", "Correct KEEPCLEAR_NOTIFY_FILE.") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingsError(f"{path} is wrong at {where}: {first['msg']}.", "docs/alerts.md shows the form.") from error
    except (tomllib.TOMLDecodeError, ScheduleError) as error:
        raise SettingsError(f"{path} is wrong: {error}", "docs/alerts.md shows the form.") from error
    if len({each.name for each in recipients}) < len(recipients):
        raise SettingsError(f"{path} names a recipient twice.", "Give each a name of their own.")
    return Rota(recipients, {each.name: each.channel() for each in entry.recipient}, entry.escalate_after_min * 60)
