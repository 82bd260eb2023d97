"""What `keepclear replay` says before it plays."""

from tests.builders import NINE, a_walk
from tracker.cli.recordings import preview
from tracker.recordings import Track
from tracker.settings import load

HOUR_S = 3600.0
TRACK = Track("phone-1", tuple(a_walk([400] * 3, every_s=HOUR_S)))


def said(now, **given):
    return preview([TRACK], load(given), now)


def test_a_recording_within_the_late_limit_is_played_with_its_span():
    text = said(NINE + 3 * HOUR_S)
    assert text.startswith("Playing 3 fixes, measured 2023-11-15T01:20:00+00:00 to 2023-11-15T03:20:00+00:00.")
    assert "WARNING" not in text


def test_what_will_be_refused_as_too_late_is_counted_beforehand():
    text = said(NINE + 3.5 * HOUR_S, KEEPCLEAR_LATE_LIMIT_H="3")
    assert "WARNING: 1 of them are older than 3 h (KEEPCLEAR_LATE_LIMIT_H)" in text
    assert "--start now" in text
