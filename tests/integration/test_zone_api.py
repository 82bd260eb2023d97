"""The API of zones on real PostGIS: every change signed, every refusal a problem, nothing half written."""

import io
import json
import time
import zipfile

import pytest
from fake_live import PASSWORD, FakeAccounts, FakeLiveView
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from maps.app import create_maps_app
from maps.zoning import zone_api
from tests.builders import COURT, a_walk
from tests.eventually import eventually
from tests.integration.test_zone_files import DATA, OSM, POINTS, run
from tracker.store.connection import engine
from tracker.store.zone_book import PostgresZoneBook

PLACE = {"type": "Point", "coordinates": [118.79, 32.04]}
NEW = {"id": "way/7", "name": "城中派出所", "category": "police", "geometry": PLACE, "reason": "opened"}


@pytest.fixture
def client(database_url, tmp_path):
    app = create_maps_app(accounts := FakeAccounts(anna=PASSWORD), accounts, FakeLiveView(), basemap=tmp_path)
    database = engine(database_url)
    app.include_router(zone_api.router(PostgresZoneBook(database), 200.0, 100.0))
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    client.post("/login", data={"username": "anna", "password": PASSWORD})
    yield client
    database.dispose()


def problem(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def sent(client, *files, dry_run=False, **fields):
    parts = [("file", (path.name, path.read_bytes())) for path in files]
    return client.post("/api/v1/zones/import", params={"dry_run": dry_run}, files=parts, data=fields)


def counts(answer):
    report = answer.json()
    return {name: len(report[name]) for name in ("added", "changed", "unchanged", "removed", "refused")}


def table(tmp_path, text):
    path = tmp_path / "zones.csv"
    path.write_bytes(text.encode())
    return path


def test_a_created_zone_is_signed_and_listed(client):
    made = client.post("/api/v1/zones", json=NEW)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    (only,) = client.get("/api/v1/zones").json()["features"]
    assert only == made.json() == client.get("/api/v1/zones/way/7").json()
    (first,) = client.get("/api/v1/zones/way/7/versions").json()["versions"]
    assert (first["by"], first["why"], first["changed"]) == ("anna", "opened", None)
    assert problem(client.post("/api/v1/zones", json=NEW)) == (409, "zone_exists")


def test_an_edit_names_the_version_that_was_seen(client):
    client.post("/api/v1/zones", json=NEW)
    change = {"standoff_m": 300, "reason": "asked for", "approver": "li wei"}
    assert problem(client.patch("/api/v1/zones/way/7", json=change)) == (428, "no_if_match")
    edited = client.patch("/api/v1/zones/way/7", json=change, headers={"If-Match": '"1"'})
    assert (edited.status_code, edited.headers["etag"]) == (200, '"2"')
    again = client.patch("/api/v1/zones/way/7", json={"name": "x", "reason": "y"}, headers={"If-Match": '"1"'})
    assert problem(again) == (412, "zone_changed")
    second = client.get("/api/v1/zones/way/7/versions").json()["versions"][1]
    assert (second["changed"], second["approver"]) == (["standoff"], "li wei")


def test_a_new_shape_in_a_declared_datum_is_kept_in_wgs84(client):
    client.post("/api/v1/zones", json=NEW)
    change = {"geometry": PLACE, "datum": "gcj02", "reason": "moved"}
    edited = client.patch("/api/v1/zones/way/7", json=change, headers={"If-Match": "*"}).json()
    assert edited["properties"]["source_datum"] == "gcj02"
    assert edited["geometry"]["coordinates"][0] == pytest.approx(118.7848, abs=0.002)


def test_a_retired_zone_is_gone_but_its_record_stays(client):
    client.post("/api/v1/zones", json=NEW)
    gone = client.post("/api/v1/zones/way/7/retire", json={"reason": "moved away"}, headers={"If-Match": '"1"'})
    assert gone.json()["properties"]["valid_to"] is not None
    assert problem(client.get("/api/v1/zones/way/7")) == (404, "no_zone")
    (only,) = client.get("/api/v1/zones/way/7/versions").json()["versions"]
    assert (only["ended_by"], only["ended_why"]) == ("anna", "moved away")


def test_a_dry_run_is_the_report_of_the_command_line_and_writes_nothing(client, database_url):
    sent(client, OSM, reason="first")
    files = (OSM, DATA / "nanjing_osm.gpkg", POINTS, DATA / "monaco_2016_osm.geojson")
    own = sent(client, *files, datum="gcj02", dry_run=True)
    done = run("import", *files, "--datum", "gcj02", "--dry-run", "--json", KEEPCLEAR_DATABASE_URL=database_url)
    assert own.json() == json.loads(done.stdout)
    assert len(client.get("/api/v1/zones").json()["features"]) == 3


def test_one_bad_row_does_not_lose_the_good_ones(client, tmp_path):
    bad = table(tmp_path, "name,lon,lat\nA,118.7,32.0\nB,x,32.0\nC\0,118.9,32.0\n")
    answer = sent(client, bad, datum="wgs84", reason="list of May")
    assert counts(answer)["added"] == 1
    said = {"row": 3, "field": "lon", "file": "zones.csv", "code": "no_degrees", "params": {"text": "x"}}
    assert answer.json()["refused"][0] | said == answer.json()["refused"][0]
    assert len(client.get("/api/v1/zones").json()["features"]) == 1


def test_a_doubtful_datum_stops_unless_the_file_is_named(client):
    sent(client, OSM, reason="first")
    stopped = sent(client, POINTS, datum="wgs84", reason="second")
    assert problem(stopped) == (409, "datum_doubt")
    assert stopped.json()["errors"][0]["file"] == POINTS.name
    assert problem(sent(client, POINTS, datum="wgs84", reason="x", trust_datum="other.csv"))[0] == 409
    assert sent(client, POINTS, datum="wgs84", reason="x", trust_datum=POINTS.name).status_code == 200


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("points.csv", b"name,lon,lat\nA,118.7,32.0\n", "unreadable_file"),
        ("zones.exe", b"MZ", "unreadable_file"),
        ("zones.geojson", b"[" * 100_000, "unreadable_file"),
        ("zones.gpkg", b"SQLite format 3\0" + b"\0" * 4000, "unreadable_file"),
        ("../", b"", "unreadable"),
    ],
)
def test_what_is_no_file_of_zones_is_refused(client, name, data, code):
    answer = client.post("/api/v1/zones/import", files=[("file", (name, data))], data={"reason": "x"})
    assert problem(answer) == (422, code)


def test_a_bomb_is_refused(client):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zones.geojson", b" " * (80 << 20))
    answer = client.post(
        "/api/v1/zones/import", files=[("file", ("zones.zip", packed.getvalue()))], data={"reason": "x"}
    )
    assert problem(answer) == (422, "unreadable_file")
    assert "send the zones alone" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/v1/zones", "/api/v1/zones/import"])
def test_a_body_too_large_is_refused(client, path):
    announced = client.post(path, content=b"", headers={"content-length": str(1 << 30)})
    assert problem(announced) == (413, "too_large")


def test_a_body_that_grows_too_large_is_refused(client):
    growing = client.post(
        "/api/v1/zones", content=iter([b"x" * (5 << 20)] * 2), headers={"content-type": "application/json"}
    )
    assert problem(growing) == (413, "too_large")


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[[0, 0], [0, 0], [0, 0], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[118.7, 32], [118.8, 32], [118.7, 32], [118.7, 32]]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Point", "coordinates": [32.04, 118.79]},
        {"type": "Point", "coordinates": [1e400, 0]},
        {"type": "Point", "coordinates": []},
        {"type": "LineString", "coordinates": [["a", 1]]},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "Polygon", "coordinates": [[[-170, -80], [170, -80], [170, 80], [-170, 80], [-170, -80]]]},
        {"type": 7},
        {},
    ],
)
def test_a_degenerate_geometry_is_refused(client, geometry):
    body = json.dumps(NEW | {"geometry": geometry})
    answer = client.post("/api/v1/zones", content=body, headers={"content-type": "application/json"})
    assert problem(answer)[0] == 422


@pytest.mark.parametrize(
    "change",
    [{"id": "a\0b"}, {"name": "x" * 501}, {"standoff_m": 1e9}, {"datum": "mars"}, {"schedule": {"text": "nonsense"}},
     {"reason": ""}, {"id": "export"}, {"nobody": 1}, {"id": "x" * 5000}],
)  # fmt: skip
def test_a_zone_that_cannot_be_is_refused(client, change):
    assert problem(client.post("/api/v1/zones", json=NEW | change))[0] == 422


@pytest.mark.parametrize(
    "query",
    ["zones?name=%00", "zones?category=%00", "zones?after=%00", "zones?bbox=nan,0,1,1", "zones?limit=0", "zones/%00",
     "zones?at=2020-01-01", "places/allowed?lon=nan&lat=1", "places/allowed?lon=1e308&lat=0"],
)  # fmt: skip
def test_a_question_that_cannot_be_is_refused(client, query):
    assert problem(client.get(f"/api/v1/{query}"))[0] == 422


@pytest.mark.parametrize("depth", [300, 480])
def test_a_geometry_nested_without_end_does_no_harm(client, depth):
    nested = '{"type": "GeometryCollection", "geometries": [' * depth + json.dumps(PLACE) + "]}" * depth
    body = json.dumps(NEW)[:-1] + f', "geometry": {nested}}}'
    answer = client.post("/api/v1/zones", content=body, headers={"content-type": "application/json"})
    assert answer.status_code < 500


def test_filters_and_pages(client, tmp_path):
    rows = "".join(f"{n},Court {n},court,{118 + n / 10},32.0\n" for n in range(5))
    sent(
        client,
        table(tmp_path, "id,name,category,lon,lat\n" + rows + "9,Police,police,-179.99,10\n"),
        datum="wgs84",
        reason="x",
    )
    ids = lambda **query: [each["id"] for each in client.get("/api/v1/zones", params=query).json()["features"]]  # noqa: E731
    assert ids(category="police") == ids(name="polic") == ids(bbox="179,9,-179,11") == ["9"]
    assert ids(bbox="118.05,31,118.25,33") == ["1", "2"]
    assert ids(at="2020-01-01T00:00:00Z") == []
    first = client.get("/api/v1/zones", params={"limit": 4}).json()
    assert [each["id"] for each in first["features"]] + ids(after=first["next"]) == ["0", "1", "2", "3", "4", "9"]
    assert problem(client.get("/api/v1/zones", params={"bbox": "1,2"})) == (422, "bad_bbox")


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "csv"])
def test_an_export_imports_without_a_change(client, tmp_path, kind):
    sent(client, OSM, reason="x")
    path = tmp_path / f"zones.{kind}"
    path.write_bytes(client.get("/api/v1/zones/export", params={"format": kind}).content)
    assert counts(sent(client, path, datum="wgs84", dry_run=True))["unchanged"] == 3


def test_a_place_is_judged_by_the_zones_of_now(client):
    ask = {"lon": COURT[0], "lat": COURT[1]}
    assert client.get("/api/v1/places/allowed", params=ask).json()["allowed"]
    client.post("/api/v1/zones", json=NEW)
    eventually(lambda: not client.get("/api/v1/places/allowed", params=ask).json()["allowed"])
    answer = client.get("/api/v1/places/allowed", params=ask).json()
    assert (answer["touches"][0]["id"], answer["touches"][0]["signed_m"]) == ("way/7", pytest.approx(-200.0, abs=0.01))
    assert answer["out"]["metres"] == pytest.approx(200.0, abs=0.2)
    assert problem(client.get("/api/v1/places/allowed", params=ask | {"lat": 91})) == (422, "zone_refused")
    assert problem(client.get("/api/v1/places/allowed", params=ask | {"datum": "mars"})) == (422, "zone_refused")


def test_a_place_is_judged_by_the_hours_and_versions_of_the_moment_asked_for(client):
    ask = {"lon": COURT[0], "lat": COURT[1]}
    hours = {"text": "DTSTART:20300107T090000\nDURATION:PT8H\nRRULE:FREQ=DAILY", "time_zone": "Asia/Shanghai"}
    client.post("/api/v1/zones", json=NEW | {"schedule": hours})
    allowed_at = lambda at: client.get("/api/v1/places/allowed", params=ask | {"at": at}).json()["allowed"]  # noqa: E731
    assert not allowed_at("2030-02-01T09:00:00+08:00")
    assert allowed_at("2030-02-01T08:59:59+08:00")
    assert allowed_at("2030-02-01T17:00:00+08:00")
    assert allowed_at("2020-02-01T10:00:00+08:00")
    client.patch("/api/v1/zones/way/7", json={"schedule": None, "reason": "x"}, headers={"If-Match": "*"})
    client.post("/api/v1/zones/way/7/retire", json={"reason": "x"}, headers={"If-Match": "*"})
    (_, last) = client.get("/api/v1/zones/way/7/versions").json()["versions"]
    span = last["zone"]["properties"]
    within = (span["valid_from"] + span["valid_to"]) / 2
    eventually(lambda: time.time() > span["valid_to"])
    assert (allowed_at(within), allowed_at(span["valid_to"])) == (False, True)


def test_strangers_and_other_sites_change_nothing(client):
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert problem(client.post("/api/v1/zones", json=NEW, headers=elsewhere)) == (403, "cross_site")
    client.post("/logout")
    paths = ["zones", "zones/x", "zones/x/versions", "zones/export", "places/allowed?lon=1&lat=1"]
    answers = [client.get(f"/api/v1/{path}") for path in paths]
    answers += [client.post(f"/api/v1/{path}", json=NEW) for path in ("zones", "zones/x/retire", "zones/import")]
    answers.append(client.patch("/api/v1/zones/x", json={"reason": "x"}))
    assert {problem(answer) for answer in answers} == {(401, "not_logged_in")}


def test_answers_are_as_the_description_says(client):
    described = client.get("/api/v1/openapi.json").json()
    made = client.post("/api/v1/zones", json=NEW)
    got = {
        ("/api/v1/zones", "get"): client.get("/api/v1/zones"),
        ("/api/v1/zones", "post"): made,
        ("/api/v1/zones/{zone_id}", "get"): client.get("/api/v1/zones/way/7"),
        ("/api/v1/zones/{zone_id}/versions", "get"): client.get("/api/v1/zones/way/7/versions"),
        ("/api/v1/zones/import", "post"): sent(client, OSM, dry_run=True),
        ("/api/v1/places/allowed", "get"): client.get("/api/v1/places/allowed", params={"lon": 1, "lat": 1}),
    }
    refused = described["paths"]["/api/v1/zones/{zone_id}"]["patch"]["responses"]["428"]["content"]
    assert refused == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    assert "ProblemDetails" in described["components"]["schemas"]
    for (path, how), answer in got.items():
        content = described["paths"][path][how]["responses"][str(answer.status_code)]["content"]
        kind = answer.headers["content-type"].partition(";")[0]
        schema = content[kind]["schema"] | {"components": described["components"]}
        Draft202012Validator(schema).validate(answer.json())
        named = described["components"]["schemas"][content[kind]["schema"]["$ref"].rpartition("/")[2]]
        assert set(answer.json()) <= set(named["properties"])


def test_a_running_worker_judges_by_a_zone_that_was_just_created(running, tmp_path):
    running.enrol("phone-1")
    app = create_maps_app(accounts := FakeAccounts(anna=PASSWORD), accounts, FakeLiveView(), basemap=tmp_path)
    database = engine(running.settings.database_url)
    app.include_router(zone_api.router(PostgresZoneBook(database), 200.0, 100.0))
    client = TestClient(app)
    client.post("/login", data={"username": "anna", "password": PASSWORD})
    begins = client.post("/api/v1/zones", json=NEW).json()["properties"]["valid_from"]
    eventually(lambda: time.time() > begins + 3.0)
    running.spy().report(*a_walk([-150.0] * 4, every_s=0.5, start=begins + 0.5))
    eventually(lambda: [row[0] for row in running.rows("SELECT zone_id FROM incursion")] == ["way/7"])
    database.dispose()


def test_the_list_tells_those_with_hours_and_those_retired(client):
    hours = {"text": "DTSTART:20240101T090000\nDTEND:20240101T170000\nRRULE:FREQ=DAILY"}
    for body in (NEW, NEW | {"id": "way/8", "schedule": hours}, NEW | {"id": "way/9"}):
        client.post("/api/v1/zones", json=body)
    client.post("/api/v1/zones/way/9/retire", json={"reason": "moved"}, headers={"If-Match": "*"})
    ids = lambda **query: [each["id"] for each in client.get("/api/v1/zones", params=query).json()["features"]]  # noqa: E731
    assert (ids(), ids(state="scheduled"), ids(state="retired")) == (["way/7", "way/8"], ["way/8"], ["way/9"])
    assert (ids(q="WAY/8"), ids(q="派出", state="retired")) == (["way/8"], ["way/9"])
    assert problem(client.get("/api/v1/zones", params={"state": "retired", "at": 0})) == (422, "bad_state")


def test_a_preview_names_the_field_that_is_wrong(client):
    ask = lambda **sketch: client.post("/api/v1/zones/preview", json=sketch)  # noqa: E731
    assert ask(geometry=PLACE, category="court").json()["standoff_m"] == 200.0
    assert client.get("/api/v1/zones").json()["features"] == []
    wrong = [
        ask(geometry=PLACE, standoff_m=-1),
        ask(geometry=PLACE, schedule={"text": "x"}),
        ask(geometry=PLACE, datum="m"),
    ]
    assert [each.json()["errors"][0]["field"] for each in wrong] == ["standoff_m", "schedule", "datum"]
    assert wrong[0].json()["errors"][0]["code"] == "metres_out_of_range"


def test_a_dry_run_tells_shapes_when_asked(client, tmp_path):
    moved = table(tmp_path, "id,name,lon,lat,standoff_m\nx/1,A,118.7,32.0,200\n")
    ask = {"dry_run": True, "shapes": True}
    parts = [("file", (moved.name, moved.read_bytes()))]
    report = client.post("/api/v1/zones/import", params=ask, files=parts, data={"datum": "wgs84"}).json()
    assert [each["geometry"]["coordinates"] for each in report["added"]] == [[118.7, 32.0]]
    assert "geometry" not in sent(client, moved, datum="wgs84", dry_run=True).json()["added"][0]
