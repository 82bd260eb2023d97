"""What lies under the zones: a GeoJSON file, a PMTiles file, raster tiles of a server, or nothing."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from tracker.errors import SettingsError

Kind = Literal["geojson", "vector", "raster-file", "raster", "none"]
Datum = Literal["wgs84", "gcj02"]
OPENSTREETMAP = "© OpenStreetMap contributors"
MAGIC = b"PMTiles\x03"
TILE_TYPE_AT = 99
"""Byte of a PMTiles 3 header that tells what its tiles are: 1 vector (MVT), others pictures."""
MVT = 1
ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d+)?", re.IGNORECASE)
"""It becomes a part of the security policy, so nothing but a host and a port may be in it."""


@dataclass(frozen=True, slots=True)
class Basemap:
    """`source`: a path, an address with {z}, {x} and {y}, or `none`; `datum`: what its tiles are drawn in.

    Raises:
        SettingsError: the source is nothing that can be shown.
    """

    source: str
    datum: Datum = "wgs84"
    attribution: str = OPENSTREETMAP

    def __post_init__(self) -> None:
        if self.kind == "raster" and not all(part in self.source for part in ("{z}", "{x}", "{y}")):
            raise SettingsError(f"The basemap {self.source} names no tiles.", "Put {z}, {x} and {y} into the address.")
        if self.origin is not None and ORIGIN.fullmatch(self.origin) is None:
            raise SettingsError(
                "KEEPCLEAR_BASEMAP names no server that browsers may be sent to.",
                "Give it one host name, without {s}, user name or password.",
            )
        if self.datum == "gcj02" and self.kind in {"geojson", "none"}:
            raise SettingsError(
                f"A basemap that is {self.kind} is WGS-84.", "Leave KEEPCLEAR_BASEMAP_DATUM out, or give tiles."
            )

    @property
    def kind(self) -> Kind:
        """What it is, by its name and, of a PMTiles file, its header."""
        if self.source == "none":
            return "none"
        if self.source.startswith(("https://", "http://")):
            return "raster"
        if self.source.endswith(".pmtiles"):
            return _kind_of_tiles(self.path)
        return "geojson"

    @property
    def path(self) -> Path:
        """The file, where it is one."""
        return Path(self.source)

    @property
    def origin(self) -> str | None:
        """The server that browsers fetch tiles from, for the security policy."""
        at = urlsplit(self.source)
        return f"{at.scheme}://{at.netloc}" if self.kind == "raster" else None

    def shown(self) -> dict[str, Any]:
        """What the page needs of it."""
        tiles = self.source if self.kind == "raster" else None
        return {"kind": self.kind, "datum": self.datum, "tiles": tiles, "attribution": self.attribution}


def _kind_of_tiles(path: Path) -> Kind:
    try:
        with path.open("rb") as file:
            header = file.read(TILE_TYPE_AT + 1)
    except OSError as error:
        raise SettingsError(f"The basemap {path} can't be read: {error.strerror}.", "Correct the path.") from error
    if not header.startswith(MAGIC) or len(header) <= TILE_TYPE_AT:
        raise SettingsError(
            f"The basemap {path} is no PMTiles file of version 3.", "Convert it with `pmtiles convert`."
        )
    return "vector" if header[TILE_TYPE_AT] == MVT else "raster-file"
