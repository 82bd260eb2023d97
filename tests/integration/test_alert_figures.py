"""The figures of alerts, counted by hand on a small database."""

from datetime import UTC, datetime, timedelta

import pytest
from test_triage_api import ENTRY, IDS, NOON, Site, do

from maps import figures_api
from tracker.alert import Alert, AlertKind, Audience
from tracker.store.alert_figures import PostgresAlertFigures
from tracker.store.excuses import raise_sos
from tracker.store.outbox import add_alerts

FIGURES = "/api/v1/alert-figures"
DAY_S = 86_400


@pytest.fixture
def site(database_url, tmp_path):
    made = Site(database_url, tmp_path)
    made.anna.app.include_router(figures_api.router(PostgresAlertFigures(made.database)))
    for id_ in IDS:
        for audience in Audience:
            alert = Alert("phone-1", AlertKind.ENTRY, audience, NOON + 30, id_, 1, ENTRY)
            add_alerts(made.connection, [alert], {"phone-1": made.device})
    made.connection.execute("UPDATE alert SET created_at = to_timestamp(%s)", (NOON + 40,))
    yield made
    made.close()


def figures(site, **asked):
    return site.anna.get(FIGURES, params=asked).json()


def said(group):
    """What was found of a group's alerts."""
    return {name: group[name] for name in ("told", "upheld", "refuted", "undecided", "retracted", "share")}


def measured(group):
    """(count, median) of each delay that was measured."""
    delays = {name: (each["count"], each["median_s"]) for name, each in group["delays"].items()}
    return {name: found for name, found in delays.items() if found[0]}


def test_what_is_open_by_kind_and_age(site):
    do(site.anna, IDS[0], act="acknowledge", version=0)
    do(site.anna, IDS[1], act="close", version=0, reason="lawful")
    site.connection.execute("UPDATE incursion SET exit_at = confirmed_at WHERE id = %s", (IDS[0],))
    found = {each["kind"]: (each["waiting"], each["in_hand"]) for each in figures(site)["open"]}
    assert found == {"entry": ([0, 0, 1, 0, 0], [0] * 5), "left": ([0] * 5, [0, 0, 1, 0, 0])}


def test_how_often_alerts_were_right_by_kind_zone_and_platform(site):
    do(site.anna, IDS[0], act="close", version=0, reason="false_alarm")
    do(site.anna, IDS[1], act="close", version=0, reason="spoken_to")
    do(site.anna, IDS[2], act="close", version=0, reason="other", text="a drill")
    found = figures(site)
    expected = {"told": 3, "upheld": 1, "refuted": 1, "undecided": 1, "retracted": 0, "share": 0.5}
    for grouping, key in (("subjects", "incursion"), ("kinds", "entry"), ("zones", "court"), ("platforms", "android")):
        assert [(each["key"], said(each)) for each in found[grouping]] == [(key, expected)]


def test_what_later_fixes_contradicted_is_counted(site):
    site.connection.execute("UPDATE incursion SET retracted = true WHERE id = %s", (IDS[0],))
    assert said(figures(site)["subjects"][0])["retracted"] == 1
    assert sum(sum(each["waiting"]) for each in figures(site)["open"]) == 2


def test_the_delays_from_the_crossing_to_the_answer(site):
    site.anna.post(f"{FIGURES}/shown", json={"ids": [IDS[0], "sos-7", "nonsense"]})
    do(site.anna, IDS[0], act="acknowledge", version=0)
    site.connection.execute("UPDATE alert_shown SET shown_at = to_timestamp(%s)", (NOON + 43,))
    site.connection.execute(
        "UPDATE alert SET published_at = to_timestamp(%s) WHERE audience = 'visitor' AND incursion_id = %s",
        (NOON + 31, IDS[0]),
    )
    patch = "UPDATE triage SET content = jsonb_set(content, '{acknowledged_at}', to_jsonb(%s::float8))"
    site.connection.execute(patch, (NOON + 100,))
    assert measured(figures(site)["subjects"][0]) == {
        "warned_after_crossing": (1, 31.0),
        "confirmed_after_crossing": (3, 30.0),
        "told_after_confirmed": (3, 10.0),
        "shown_after_told": (1, 3.0),
        "acknowledged_after_told": (1, 60.0),
        "acknowledged_after_crossing": (1, 100.0),
    }


def test_the_delays_of_a_call_for_help_are_its_own(site):
    raise_sos(site.connection, site.device, NOON)
    ((call,),) = site.connection.execute("UPDATE excuse SET recorded_at = to_timestamp(%s) RETURNING id", (NOON + 2,))
    site.anna.post(f"{FIGURES}/shown", json={"ids": [f"sos-{call}"]})
    site.connection.execute("UPDATE alert_shown SET shown_at = to_timestamp(%s)", (NOON + 6,))
    found = figures(site)
    calls = next(each for each in found["subjects"] if each["key"] == "sos")
    assert (calls["told"], measured(calls)["shown_after_told"]) == (1, (1, 4.0))
    assert [each["told"] for each in found["zones"]] == [3]
    assert {each["key"]: each["told"] for each in found["kinds"]} == {"entry": 3, "sos": 1}


@pytest.mark.parametrize(("by", "count"), [("day", 3), ("week", 1)])
def test_every_day_or_week_has_a_row_by_the_readers_clock(site, by, count):
    found = figures(site, by=by, days=2, time_zone="Asia/Shanghai")["periods"]
    told = datetime.fromtimestamp(NOON + 40, UTC) + timedelta(hours=8)
    monday = told.date() - timedelta(days=told.weekday())
    assert len(found) >= count
    assert [each["key"] for each in found if each["told"]] == [str(told.date() if by == "day" else monday)]


def test_what_is_older_than_the_span_is_not_counted(site):
    site.connection.execute("UPDATE alert SET created_at = created_at - interval '3 days'")
    assert (figures(site, days=2)["subjects"], figures(site, days=5)["subjects"][0]["told"]) == ([], 3)


@pytest.mark.parametrize("asked", [{"time_zone": "Mars/Base"}, {"by": "hour"}, {"days": 0}])
def test_a_span_that_there_is_not_is_refused(site, asked):
    assert site.anna.get(FIGURES, params=asked).status_code == 422


def test_phones_that_fell_silent_are_named_the_longest_first(site):
    key = (site.device, site.key[1])
    site.connection.execute(
        "INSERT INTO track (device_id, shift_id, version, fix_at, lon, lat, received_at, state, fold) "
        "VALUES (%s, %s, 1, to_timestamp(%s), 118.79, 32.04, to_timestamp(%s), 'clear', '{}')",
        (*key, NOON, NOON + 3),
    )
    site.connection.execute(
        "INSERT INTO silence (shift_id, device_id, since, judged_from, why, listed_at, red_at) "
        "VALUES (%s, %s, to_timestamp(%s), now(), 'battery', now(), now())",
        (site.key[1], site.device, NOON + 3),
    )
    found = figures(site)
    assert (found["on_shift"], found["silent_visitors"]) == (1, 1)
    silent = {"visitor": "Li", "device": "phone-1", "heard_at": NOON + 3, "level": "red", "why": "battery"}
    assert found["silent"] == [silent]
    assert {"kind": "silence", "waiting": [1, 0, 0, 0, 0], "in_hand": [0] * 5} in found["open"]
    assert found["ingest_lag"] == {"count": 1, "median_s": 3.0, "p95_s": 3.0}


def test_the_first_showing_counts(site):
    for _ in range(2):
        answer = site.ben.post(f"{FIGURES}/shown", json={"ids": [IDS[0]]})
        assert answer.status_code == 204
    rows = site.connection.execute("SELECT alert_id, shown_to FROM alert_shown").fetchall()
    assert rows == [(IDS[0], "ben")]


def test_what_channels_have_given_up_is_tried_again_by_hand(site):
    plan = (
        "INSERT INTO delivery (dedup_key, recipient, why, attempts, dead_at, last_error) "
        "SELECT dedup_key, 'hub', 'told', 9, now(), "
    )
    site.connection.execute(plan + "'HTTP 500' FROM alert WHERE audience = 'supervisor'")
    channel = {"recipient": "hub", "delivered": 0, "waiting": 0, "dead": 3, "last_error": "HTTP 500"}
    assert figures(site)["channels"] == [channel]
    assert site.anna.post("/api/v1/deliveries/retry", json={"recipient": "hub"}).json() == {"retried": 3}
    assert figures(site)["channels"] == [channel | {"waiting": 3, "dead": 0}]
    attempts = site.connection.execute("SELECT DISTINCT attempts FROM delivery").fetchall()
    assert attempts == [(0,)]
