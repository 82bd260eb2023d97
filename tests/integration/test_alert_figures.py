"""The figures of alerts, counted by hand on a small database."""

import pytest
from test_triage_api import ENTRY, IDS, NOON, Site, do

from maps import figures_api
from tracker.alert import Alert, AlertKind, Audience
from tracker.store.alert_figures import PostgresAlertFigures
from tracker.store.outbox import add_alerts


@pytest.fixture
def site(database_url, tmp_path):
    made = Site(database_url, tmp_path)
    made.anna.app.include_router(figures_api.router(PostgresAlertFigures(made.database)))
    for id_ in IDS:
        alert = Alert("phone-1", AlertKind.ENTRY, Audience.SUPERVISOR, NOON + 30, id_, 1, ENTRY)
        add_alerts(made.connection, [alert], {"phone-1": made.device})
    made.connection.execute("UPDATE alert SET created_at = to_timestamp(%s)", (NOON + 40,))
    yield made
    made.close()


def figures(site):
    return site.anna.get("/api/v1/alert-figures").json()


def test_what_is_open_and_what_was_right(site):
    assert (figures(site)["waiting"], figures(site)["in_hand"]) == (3, 0)
    do(site.anna, IDS[0], act="acknowledge", version=0)
    do(site.anna, IDS[1], act="close", version=0, reason="false_alarm")
    do(site.anna, IDS[2], act="close", version=0, reason="spoken_to")
    found = figures(site)
    assert (found["waiting"], found["in_hand"]) == (0, 1)
    assert found["precision"] == [{"kind": "entry", "upheld": 1, "refuted": 1, "undecided": 0, "share": 0.5}]


def test_the_delays_between_crossing_confirmed_told_shown_and_acknowledged(site):
    site.anna.post("/api/v1/alert-figures/shown", json={"ids": [IDS[0], "sos-7", "nonsense"]})
    do(site.anna, IDS[0], act="acknowledge", version=0)
    site.connection.execute("UPDATE alert_shown SET shown_at = to_timestamp(%s)", (NOON + 43,))
    patch = "UPDATE triage SET content = jsonb_set(content, '{acknowledged_at}', to_jsonb(%s::float8))"
    site.connection.execute(patch, (NOON + 100,))
    found = figures(site)
    delays = {name: (found[name]["count"], found[name]["median_s"]) for name in found if "_after_" in name}
    assert delays == {
        "confirmed_after_crossing": (3, 30.0),
        "told_after_confirmed": (3, 10.0),
        "shown_after_told": (1, 3.0),
        "acknowledged_after_told": (1, 60.0),
    }


def test_the_first_showing_counts(site):
    for _ in range(2):
        answer = site.ben.post("/api/v1/alert-figures/shown", json={"ids": [IDS[0]]})
        assert answer.status_code == 204
    rows = site.connection.execute("SELECT alert_id, shown_to FROM alert_shown").fetchall()
    assert rows == [(IDS[0], "ben")]


def test_what_channels_have_given_up(site):
    plan = (
        "INSERT INTO delivery (dedup_key, recipient, why, dead_at, last_error) SELECT dedup_key, 'hub', 'told', now(), "
    )
    site.connection.execute(plan + "'HTTP 500' FROM alert")
    assert figures(site)["dead"] == [{"recipient": "hub", "count": 3, "last_error": "HTTP 500"}]
