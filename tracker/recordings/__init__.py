"""Recorded tracks, as files hold them -> fixes. Positions are read as WGS-84; times become seconds since 1970 UTC.

| file | what is read |
|---|---|
| `.gpx` | every track point in stored order, one track a file; routes and waypoints are plans, not recordings |
| `.csv` | columns that `CsvColumns` names, one track for each device; local time must be told its zone |
| `.jsonl` | phone logs: `ts`, `lon`, `lat`, `acc`, `alt`, `speed` (m/s, -1 unknown), `bearing`, `mock`, `saved_at` |
| `.json` | an array of `{"point": "POINT(lon lat)", "time": "... +0200", "id": ...}` |

A point without a time is no fix: it is left out and counted, unless the caller gives the spacing in seconds (then it
comes that long after the point before it, or before the first that has one). A file with nothing usable is refused.
The order is the stored one, even where it goes back in time. GPX dilution (hdop) is a factor without a unit, so it says
nothing about metres.
"""

from tracker.recordings.formats import CsvColumns
from tracker.recordings.rows import RecordingError, device_name
from tracker.recordings.tracks import Track, read

__all__ = ["CsvColumns", "RecordingError", "Track", "device_name", "read"]
