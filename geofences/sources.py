"""Files of zones: the only input and output of this package. What a file means is decided in what this calls.

Every import says in which datum its coordinates are; one that doesn't is refused, because GCJ-02 taken for WGS-84
moves a 200 m zone by 500 m. Plain GeoJSON is WGS-84 by RFC 7946, which a caller may accept as the declaration.
"""

from pathlib import Path

from geofences.datum import known_datum
from geofences.geojson import declared_datum, read_geojson, write_geojson
from geofences.reading import Defaults, Problem, Report, RowError, SourceError, doubt_datum
from geofences.table import read_csv
from geofences.zone import DEFAULT_STANDOFF_M, DEFAULT_WARNING_M

_READERS = {".geojson": read_geojson, ".json": read_geojson, ".csv": read_csv, ".tsv": read_csv, ".txt": read_csv}


def read_zones(
    path: Path | str,
    datum: str | None,
    *,
    rfc7946: bool = False,
    standoff_m: float = DEFAULT_STANDOFF_M,
    warning_m: float = DEFAULT_WARNING_M,
    category: str = "other",
) -> Report:
    """Zones of a GeoJSON or CSV file, with what was refused and repaired.

    `datum` is wgs84, gcj02 or bd09. None is refused with a DatumError, unless the file declares its own (a member
    `datum`) or is GeoJSON and `rfc7946` accepts the format's WGS-84. Metres and category are for rows that say
    nothing. SourceError when the file can't be read at all; OSError as usual.
    """
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise SourceError(f"{path.name} is no file of zones known here: give GeoJSON or CSV.")
    data = path.read_bytes()
    if reader is read_geojson:
        datum = datum or declared_datum(data) or ("wgs84" if rfc7946 else None)
    known = known_datum(datum)
    report = reader(data, Defaults(known, standoff_m, warning_m, category, path.name))
    doubt_datum(report, known)
    return report


__all__ = ["Problem", "Report", "RowError", "SourceError", "read_zones", "write_geojson"]
