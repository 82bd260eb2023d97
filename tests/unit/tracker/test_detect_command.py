"""`keepclear detect` as a user runs it, over files."""

from pathlib import Path

import orjson
from typer.testing import CliRunner

from tests.builders import a_place
from tracker.cli import cli

ZONE = {
    "type": "Feature",
    "id": "court",
    "properties": {},
    "geometry": {"type": "Point", "coordinates": [118.79, 32.04]},
}
FIELDS = {"device", "zone", "kind", "first_possible_at", "confirmed_at", "exit_at", "p_inside", "closest_m", "fixes"}


def a_line(signed_m: float, at_s: int) -> bytes:
    lon, lat = a_place(signed_m)
    return orjson.dumps(
        {"_type": "location", "device": "a", "tst": 1_700_000_000 + at_s, "lon": lon, "lat": lat, "acc": 5}
    )


LINES = [a_line(signed_m, 10 * step) for step, signed_m in enumerate([400, 150, *[-90] * 20, 150, 400])]


def run(tmp_path: Path, lines: list[bytes], *options: str):
    zones, fixes = tmp_path / "zones.geojson", tmp_path / "fixes.jsonl"
    zones.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": [ZONE]}))
    fixes.write_bytes(b"\n".join(lines))
    return CliRunner().invoke(cli, ["detect", "--zones", str(zones), "--fixes", str(fixes), *options])


def test_an_incursion_is_a_line_with_the_promised_fields(tmp_path):
    outcome = run(tmp_path, LINES)
    (line,) = outcome.stdout.splitlines()
    assert orjson.loads(line).keys() >= FIELDS | {"revision"}
    assert orjson.loads(line)["kind"] == "dwell"


def test_any_order_repeats_and_junk_give_the_same_file(tmp_path):
    plain, odd = tmp_path / "plain", tmp_path / "odd"
    run(tmp_path, LINES, "--out", str(plain))
    outcome = run(tmp_path, [*LINES[::-1], b"junk", *LINES[3:9]], "--out", str(odd))
    assert outcome.exit_code == 0
    assert "line 25: no JSON" in outcome.stderr
    assert plain.read_bytes() == odd.read_bytes() != b""


def test_fixes_that_prove_nothing_are_counted(tmp_path):
    vague = [orjson.dumps(orjson.loads(line) | {"acc": acc}) for line, acc in zip(LINES, ["5", 0, 101], strict=False)]
    assert "24 fixes (3 without a usable accuracy)" in run(tmp_path, [*vague, *LINES[3:]]).stderr


def test_the_standoff_can_be_another(tmp_path):
    assert orjson.loads(run(tmp_path, LINES, "--standoff-m", "20").stdout)["kind"] == "approach"


def test_what_is_worth_asking_about_goes_to_a_file_of_its_own(tmp_path):
    mocked = [orjson.dumps(orjson.loads(line) | {"mock": True, "device": "b"}) for line in LINES[:3]]
    outcome = run(tmp_path, [*LINES, *mocked], "--signals", str(tmp_path / "signals.jsonl"))
    assert outcome.exit_code == 0
    (line,) = (tmp_path / "signals.jsonl").read_text().splitlines()
    shift = orjson.loads(line)
    assert (shift["device"], shift["score"]) == ("b", 18)
    assert shift["reasons"] == [{"signal": "mock", "fixes": 3, "first_at": 1_700_000_000, "last_at": 1_700_000_020}]
