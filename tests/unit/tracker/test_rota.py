"""Who hears of what and when: tables over kind, clock and rota."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofences.schedule import Schedule
from tracker.alert import AlertKind
from tracker.answers.rota import NEVER_QUIET, Recipient, Watcher, covering, escalated_to, told_at_once, uncovered
from tracker.people.roles import EVERYBODY, Scope

TUESDAY_NOON = 1_767_672_000.0  # 2026-01-06 12:00 in Shanghai
TUESDAY_NIGHT = TUESDAY_NOON + 11 * 3600
FIVE_MIN = 300.0
OFFICE = Schedule(
    "DTSTART:20260105T080000\nDTEND:20260105T180000\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Asia/Shanghai"
)
ANNA = Recipient("anna", on_call=OFFICE)
BEN = Recipient("ben", level=1, quiet=frozenset({"exit", "entry"}))
LEAD = Recipient("lead", level=2)
ROTA = [ANNA, BEN, LEAD]


def names(found):
    return [each.name for each in found]


@pytest.mark.parametrize(
    ("kind", "at", "rota", "told"),
    [
        ("entry", TUESDAY_NOON, ROTA, ["anna"]),
        ("exit", TUESDAY_NOON, ROTA, ["anna"]),
        ("entry", TUESDAY_NIGHT, ROTA, ["ben"]),  # the next level is on call, and an entry is never quiet
        ("sos", TUESDAY_NIGHT, ROTA, ["ben"]),
        ("exit", TUESDAY_NIGHT, ROTA, ["lead"]),  # ben does not want it
        ("entry", TUESDAY_NIGHT, [ANNA], ["anna"]),  # nobody is on call: everybody hears
        ("exit", TUESDAY_NIGHT, [ANNA], []),
        ("entry", TUESDAY_NOON, [], []),
    ],
)
def test_who_is_told_at_once(kind, at, rota, told):
    assert names(told_at_once(kind, at, rota, ())) == told


@pytest.mark.parametrize("kind", ["revised", "retracted"])
def test_what_was_wrong_is_told_to_those_who_were_told_whatever_the_hour(kind):
    assert names(told_at_once(kind, TUESDAY_NIGHT, ROTA, {"anna", "lead", "gone"})) == ["anna", "lead"]


@pytest.mark.parametrize(("quiet", "told"), [((), ["anna", "lead"]), (("heard",), ["lead"])])
def test_that_a_silence_is_over_is_told_to_those_who_were_told_of_it_unless_they_spare_it(quiet, told):
    rota = [replace(ANNA, quiet=frozenset(quiet)), BEN, LEAD]
    assert names(told_at_once("heard", TUESDAY_NIGHT, rota, {"anna", "lead"})) == told


def test_a_silence_is_told_at_once_may_be_spared_and_goes_no_further():
    assert names(told_at_once("silence", TUESDAY_NOON, ROTA, ())) == ["anna"]
    assert names(told_at_once("silence", TUESDAY_NOON, [replace(ANNA, quiet=frozenset({"silence"}))], ())) == []
    assert escalated_to("silence", 9 * FIVE_MIN, TUESDAY_NOON, ROTA, {"anna"}, FIVE_MIN) == []


@pytest.mark.parametrize(
    ("waiting_s", "told"),
    [
        (0, []),
        (FIVE_MIN - 1, []),
        (FIVE_MIN, ["ben"]),
        (2 * FIVE_MIN, ["ben", "lead"]),
        (9 * FIVE_MIN, ["ben", "lead"]),
    ],
)
def test_it_goes_on_to_the_next_level_with_every_span_without_an_answer(waiting_s, told):
    assert names(escalated_to("entry", waiting_s, TUESDAY_NOON, ROTA, {"anna"}, FIVE_MIN)) == told


def test_a_level_that_is_not_on_call_costs_no_time():
    assert names(escalated_to("entry", FIVE_MIN, TUESDAY_NIGHT, ROTA, {"ben"}, FIVE_MIN)) == ["lead"]


def test_nobody_is_told_twice_by_escalation():
    assert escalated_to("sos", 9 * FIVE_MIN, TUESDAY_NOON, ROTA, {"anna", "ben", "lead"}, FIVE_MIN) == []


@pytest.mark.parametrize("kind", sorted(set(AlertKind) - {"entry", "overstay", "sos"}))
def test_the_rest_is_not_escalated(kind):
    assert escalated_to(kind, 9 * FIVE_MIN, TUESDAY_NOON, ROTA, set(), FIVE_MIN) == []


RECIPIENTS = st.builds(
    Recipient, st.sampled_from(["anna", "ben", "chen"]), st.integers(0, 3), st.sampled_from([None, OFFICE]),
    st.frozensets(st.sampled_from(list(AlertKind))),
)  # fmt: skip


@given(st.lists(RECIPIENTS, min_size=1), st.sampled_from(["entry", "overstay", "sos"]), st.floats(0, 7 * 86_400))
def test_whatever_the_rules_an_entry_and_a_call_are_told_to_somebody(rota, kind, later_s):
    assert kind in NEVER_QUIET
    assert told_at_once(kind, TUESDAY_NOON + later_s, rota, ())


@given(
    st.lists(RECIPIENTS), st.sampled_from(["entry", "overstay", "sos"]), st.floats(0, 7 * 86_400), st.floats(0, 3600)
)
def test_quiet_rules_change_nothing_about_an_entry_or_a_call(rota, kind, later_s, waiting_s):
    plain, at = [replace(each, quiet=frozenset()) for each in rota], TUESDAY_NOON + later_s
    assert names(told_at_once(kind, at, rota, ())) == names(told_at_once(kind, at, plain, ()))
    further = [escalated_to(kind, waiting_s, at, each, set(), FIVE_MIN) for each in (rota, plain)]
    assert names(further[0]) == names(further[1])


NORTH, SOUTH = 1, 2
HUB, MEI, JUN, BOSS = Recipient("hub"), *(Recipient(name, account=name) for name in ("mei", "jun", "boss"))
WATCHERS = {
    "mei": Watcher(Scope(frozenset({NORTH}))), "jun": Watcher(Scope(frozenset({SOUTH}))),
    "boss": Watcher(EVERYBODY, leads=True),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "team", "rota", "told"),
    [
        ("entry", NORTH, [HUB, MEI, JUN, BOSS], [("hub", 0), ("mei", 0), ("boss", 1)]),
        ("entry", None, [MEI, JUN, BOSS], [("boss", 1)]),  # in no team: whoever sees everybody
        ("entry", SOUTH, [MEI], []),
        ("sos", SOUTH, [MEI], [("mei", 0)]),  # better the wrong supervisor than none
        ("entry", NORTH, [Recipient("gone", account="gone")], []),  # an account that was deactivated
    ],
)
def test_who_may_hear_of_somebody_of_a_team(kind, team, rota, told):
    assert [(each.name, each.level) for each in covering(kind, team, rota, WATCHERS)] == told


@pytest.mark.parametrize(
    ("rota", "alone"),
    [
        ([Recipient("hub")], []),
        ([Recipient("ben", account="ben")], [2, None]),
        ([Recipient("ben", account="ben"), Recipient("chief", account="chief")], []),
        ([Recipient("gone", account="gone")], [1, 2, None]),
    ],
)
def test_teams_of_which_nobody_is_told(rota, alone):
    watchers = {"ben": Watcher(Scope(frozenset({1}))), "chief": Watcher(EVERYBODY)}
    assert uncovered([1, 2, None], rota, watchers) == alone
