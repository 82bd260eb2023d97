"""What makes a version, a clock, a set of packages or a certificate good enough; no I/O except to read a given file."""

import re
import ssl
from dataclasses import dataclass
from pathlib import Path

CLOCK_LIMIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: `what` is the fact, `do` what to do about it ("" when nothing is)."""

    name: str
    ok: bool
    what: str
    do: str = ""


def version_of(text: str) -> tuple[int, ...]:
    """The first dotted number in `text`: "mosquitto version 2.0.11" -> (2, 0, 11); () when there is none."""
    match = re.search(r"\d+(?:\.\d+)*", text)
    return tuple(map(int, match[0].split("."))) if match else ()


def check_version(name: str, found: str | None, oldest: tuple[int, ...], do: str) -> Check:
    """Compare the version in `found` (None: not installed) with the oldest one that works."""
    wanted = ".".join(map(str, oldest))
    if found is None:
        return Check(name, ok=False, what="not installed", do=do)
    if version_of(found) < oldest:
        return Check(name, ok=False, what=f"{found.strip()} is older than {wanted}", do=do)
    return Check(name, ok=True, what=found.strip())


def check_clock(name: str, ahead_s: float) -> Check:
    """Whether this machine's clock agrees with another's; `ahead_s` is ours minus theirs, in seconds."""
    what = f"{ahead_s:+.1f} s against it"
    if abs(ahead_s) <= CLOCK_LIMIT_S:
        return Check(name, ok=True, what=what)
    return Check(name, ok=False, what=what, do="Let both machines keep time by NTP: timedatectl set-ntp true")


def missing_packages(lock: str, installed: dict[str, str]) -> list[str]:
    """Pinned packages of a lock file that are absent or of another version here, as "name==version".

    Lines with an environment marker are left out: they are for other systems.
    """
    pins = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+) *\\?$", lock, re.MULTILINE)
    return [f"{name}=={pin}" for name, pin in pins if installed.get(normal_name(name)) != pin]


def normal_name(name: str) -> str:
    """A package's name as PyPA compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def check_certificate(name: str, cert: Path, key: Path) -> Check:
    """Whether both files can be read, are PEM and belong together."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except (OSError, ssl.SSLError, ValueError) as error:
        do = "Give a readable PEM chain and the unencrypted key that belongs to it."
        return Check(name, ok=False, what=f"{cert} with {key}: {error}", do=do)
    return Check(name, ok=True, what=f"{cert} and its key fit")
