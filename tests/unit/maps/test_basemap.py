import pytest

from maps.basemap import MVT, Basemap
from maps.headers import content_security_policy
from tests.pmtiles_file import HEADER_BYTES, PNG, write_pmtiles
from tracker.errors import SettingsError

TILES = "https://tiles.example.org/{z}/{x}/{y}.png"


@pytest.mark.parametrize(
    ("source", "kind"),
    [("map.geojson", "geojson"), ("none", "none"), (TILES, "raster")],
    ids=["file", "none", "raster"],
)
def test_the_kind_of_a_basemap_is_known_by_its_name(source, kind):
    assert Basemap(source).shown()["kind"] == kind


@pytest.mark.parametrize(("tile_type", "kind"), [(MVT, "vector"), (PNG, "raster-file")], ids=["vector", "pictures"])
def test_what_a_pmtiles_file_holds_is_known_by_its_header(tmp_path, tile_type, kind):
    assert Basemap(str(write_pmtiles(tmp_path / "map.pmtiles", b"tile", tile_type))).kind == kind


def test_the_header_has_the_length_of_the_specification(tmp_path):
    assert write_pmtiles(tmp_path / "map.pmtiles", b"").stat().st_size == HEADER_BYTES + len(b"\x01\x00\x01\x00\x01{}")


@pytest.mark.parametrize(
    ("source", "datum", "said"),
    [
        ("https://tiles.example.org/map.png", "wgs84", "names no tiles"),
        ("https://{s}.tiles.example.org/{z}/{x}/{y}.png", "wgs84", "no server"),
        ("https://user:secret@tiles.example.org/{z}/{x}/{y}.png", "wgs84", "no server"),
        ("https://tiles.example.org;script-src *;/{z}/{x}/{y}.png", "wgs84", "no server"),
        ("https://tiles.example.org 'unsafe-inline'/{z}/{x}/{y}.png", "wgs84", "no server"),
        ("missing.pmtiles", "wgs84", "can't be read"),
        ("map.geojson", "gcj02", "is WGS-84"),
        ("none", "gcj02", "is WGS-84"),
    ],
)
def test_a_basemap_that_cannot_be_shown_is_refused(source, datum, said):
    with pytest.raises(SettingsError, match=said):
        Basemap(source, datum)


def test_a_file_that_is_no_pmtiles_is_refused(tmp_path):
    (tmp_path / "map.pmtiles").write_bytes(b"x" * 200)

    with pytest.raises(SettingsError, match="no PMTiles file"):
        Basemap(str(tmp_path / "map.pmtiles"))


def test_the_page_may_ask_the_server_of_the_tiles_and_no_other():
    policy = content_security_policy(Basemap(TILES).origin)

    assert "connect-src 'self' https://tiles.example.org;" in policy
    assert "img-src 'self' data: blob: https://tiles.example.org;" in policy
    assert content_security_policy().count("https:") == 0


@pytest.mark.parametrize("origin", ["http://10.0.0.5:8081", "https://[2001:db8::1]:8443"])
def test_a_server_of_tiles_may_be_an_address_with_a_port(origin):
    assert Basemap(origin + "/{z}/{x}/{y}.png").origin == origin
