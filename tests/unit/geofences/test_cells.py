import pytest

from geofences.cells import harmless


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "－1"])
def test_what_a_spreadsheet_would_run_is_made_plain(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("value", ["court", "南京市中级人民法院", "a=b", "", -118.5, None, True])
def test_anything_else_stays(value):
    assert harmless(value) is value
