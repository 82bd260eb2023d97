"""Files of zones through the command line: converted without a service, imported into a real database."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tracker.cli import cli
from tracker.errors import KeepClearError

DATA = Path(__file__).parents[2] / "data" / "zones"
OSM, POINTS = DATA / "nanjing_osm.geojson", DATA / "nanjing_osm_points_gcj02.csv"
Run = Callable[..., Result]


def run(*arguments: object, **environ: str) -> Result:
    return CliRunner().invoke(cli, ["zones", *map(str, arguments)], env=environ)


@pytest.fixture
def zones(database_url: str) -> Run:
    return lambda *arguments: run(*arguments, KEEPCLEAR_DATABASE_URL=database_url)


def advice(refused: Result) -> str:
    assert isinstance(refused.exception, KeepClearError)
    return refused.exception.do


def report(done: Result) -> dict[str, int]:
    found = json.loads(done.stdout)
    return {name: len(found[name]) for name in ("added", "changed", "unchanged", "removed", "refused")}


def test_conversion_needs_no_service_and_doubles_nothing(tmp_path):
    out = tmp_path / "zones.geojson"
    sources = [OSM, DATA / "nanjing_osm.gpkg", DATA / "nanjing_osm.kml", POINTS]
    done = run("convert", *sources, "--datum", "gcj02", "--standoff-m", "150", "--out", out, "--json")
    assert done.exit_code == 0, done.stderr
    features = json.loads(out.read_text())["features"]
    assert len(features) == report(done)["added"] == 3
    assert features[0]["properties"] | {"id": "node/3245676480", "standoff_m": 150.0} == features[0]["properties"]


def test_file_that_does_not_say_its_datum_is_refused_whole(tmp_path):
    done = run("convert", POINTS, "--out", tmp_path / "zones.geojson")
    assert "--datum gcj02" in advice(done)
    assert list(tmp_path.iterdir()) == []


def test_refused_rows_do_not_spoil_a_conversion(tmp_path):
    table = tmp_path / "zones.csv"
    table.write_text("name,lon,lat\nA,118.7,32.0\nB,x,32.0\n")
    done = run("convert", table, "--datum", "wgs84", "--out", tmp_path / "zones.geojson")
    assert done.exit_code == 0
    assert "zones.csv, row 3, lon: 'x' is no number." in done.stdout


def test_import_looks_first_then_adds_then_changes_nothing(zones: Run):
    assert report(zones("import", OSM, "--dry-run", "--json"))["added"] == 3
    assert zones("list").stdout == ""
    assert report(zones("import", OSM, "--json"))["added"] == 3
    again = zones("import", OSM, DATA / "nanjing_osm.gpkg", POINTS, "--datum", "gcj02", "--json")
    assert report(again) == {"added": 0, "changed": 0, "unchanged": 3, "removed": 0, "refused": 0}


def test_wrong_datum_stops_an_import_unless_insisted(zones: Run):
    zones("import", OSM)
    stopped = zones("import", POINTS, "--datum", "wgs84")
    assert "--datum gcj02" in advice(stopped)
    assert len(zones("list").stdout.splitlines()) == 3
    assert zones("import", POINTS, "--datum", "wgs84", "--trust-datum").exit_code == 0
    assert len(zones("list").stdout.splitlines()) == 6


def test_export_import_and_retire(zones: Run, tmp_path):
    zones("import", OSM)
    assert zones("export", "--out", tmp_path / "zones.gpkg").exit_code == 0
    assert report(zones("import", tmp_path / "zones.gpkg", "--json"))["unchanged"] == 3
    assert zones("retire", "way/156068414", "--why", "moved").stdout == "1 ended\n"
    assert zones("retire", "way/156068414").exit_code == 1
    assert len(zones("list").stdout.splitlines()) == 2


def test_zones_gone_from_their_file_end_when_asked(zones: Run, tmp_path):
    table = tmp_path / "zones.csv"
    table.write_text("id,name,lon,lat\n1,A,118.7,32.0\n2,B,118.8,32.0\n")
    zones("import", table, "--datum", "wgs84")
    table.write_text("id,name,lon,lat\n1,A,118.7,32.0\n")
    assert report(zones("import", table, "--datum", "wgs84", "--json"))["removed"] == 0
    assert report(zones("import", table, "--datum", "wgs84", "--replace-source", "--json"))["removed"] == 1
    assert len(zones("list").stdout.splitlines()) == 1
