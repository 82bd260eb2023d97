from dataclasses import replace

import pytest

from tracker.silence import USUAL, Company, Level, Over, Reached, Silence, Watch, decide, is_filled
from tracker.word import Why

NINE = 1_700_011_200.0
ALONE = Company([NINE])
LONG_AGO = NINE - 86_400.0


def a_watch(**changes):
    """A phone that was heard at nine, of a service that has listened since yesterday."""
    return replace(Watch(1, 7, "phone-1", 3, NINE, listening_since=LONG_AGO), **changes)


def a_silence(**changes):
    return replace(Silence(1, 7, "phone-1", NINE, NINE, id=5), **changes)


def decided(watch, after_s, company=ALONE):
    return decide(watch, NINE + after_s, USUAL, company)


def level(silence):
    return None if silence is None else silence.level


@pytest.mark.parametrize(
    ("after_s", "said"),
    [(0, None), (299, None), (300, Level.AMBER), (899, Level.AMBER), (900, Level.RED), (86_400, Level.RED)],
)
def test_amber_from_five_minutes_on_and_red_from_fifteen(after_s, said):
    assert level(decided(a_watch(), after_s)) == said


@pytest.mark.parametrize(("after_s", "said"), [(899, None), (900, Level.RED)])
def test_what_is_amber_becomes_red_once(after_s, said):
    assert level(decided(a_watch(open=a_silence()), after_s)) == said
    assert decided(a_watch(open=a_silence(red_at=NINE + 900)), after_s) is None


@pytest.mark.parametrize(
    ("listening_since", "after_s", "said"),
    [
        (NINE + 1200, 1499, None),
        (NINE + 1200, 1500, Level.AMBER),
        (NINE + 1200, 2099, Level.AMBER),
        (NINE + 1200, 2100, Level.RED),
        (None, 86_400, None),
    ],
    ids=["just back", "5 min after", "nearly 15 after", "15 after", "not listening"],
)
def test_a_pause_of_the_service_is_nobodys_silence(listening_since, after_s, said):
    assert level(decided(a_watch(listening_since=listening_since), after_s)) == said


def test_a_silence_says_since_when_it_counts_if_that_is_later():
    silence = decided(a_watch(listening_since=NINE + 600), 900)
    assert (silence.since, silence.judged_from) == (NINE, NINE + 600)


def test_an_amber_one_does_not_become_red_by_a_pause_of_the_service():
    deaf = a_watch(open=a_silence(), listening_since=None)
    back = a_watch(open=a_silence(), listening_since=NINE + 3000)
    assert decided(deaf, 3600) is None
    assert (level(decided(back, 3600)), level(decided(back, 3900))) == (Level.AMBER, Level.RED)


@pytest.mark.parametrize(
    ("change", "over", "ended_at"),
    [
        ({"heard_at": NINE + 400}, Over.HEARD, NINE + 400),
        ({"over": Over.SHIFT_END, "over_at": NINE + 350}, Over.SHIFT_END, NINE + 350),
        ({"over": Over.UNTRACKED}, Over.UNTRACKED, NINE + 500),
        ({"heard_at": NINE + 340, "over": Over.SHIFT_END, "over_at": NINE + 350}, Over.HEARD, NINE + 340),
    ],
    ids=["heard", "shift closed", "consent withdrawn", "heard, then closed"],
)
def test_it_ends_by_itself(change, over, ended_at):
    silence = decided(a_watch(open=a_silence(), **change), 500)
    assert (silence.over, silence.ended_at) == (over, ended_at)


def test_nobody_is_silent_whose_shift_has_ended():
    assert decided(a_watch(over=Over.SHIFT_END, over_at=NINE + 200), 900) is None


def test_a_shift_without_any_position_counts_from_its_opening():
    opened = a_watch(heard_at=NINE)
    assert decided(opened, 300).since == NINE


def test_the_reason_follows_what_the_phone_says():
    lost = decided(a_watch(open=a_silence(), why=Why.CONNECTION_LOST), 400)
    back = decided(a_watch(open=lost, heard_at=NINE + 500, why=Why.AIRPLANE), 510)
    unsaid = decided(a_watch(open=lost, heard_at=NINE + 500), 510)
    assert (lost.why, back.why, unsaid.why) == (Why.CONNECTION_LOST, Why.AIRPLANE, Why.CONNECTION_LOST)


def heard(*parts):
    """`(how many, seconds after nine)` as a company."""
    return Company([NINE + at_s for many, at_s in parts for _ in range(many)])


@pytest.mark.parametrize(
    ("company", "said"),
    [
        (heard((5000, 0)), Level.AMBER),
        (heard((2500, 0), (2500, 890)), Level.AMBER),
        (heard((2400, 0), (2600, 890)), Level.RED),
        (heard((9, 0)), Level.RED),
        (heard((10, 0)), Level.AMBER),
        (heard((1, 0), (5000, -4000)), Level.RED),
        (heard((30, 0), (20, 130)), Level.AMBER),
    ],
    ids=["everybody", "half", "fewer", "nine", "ten", "others long before", "one minute beside"],
)
def test_many_who_fall_silent_at_once_are_no_alert(company, said):
    assert level(decided(a_watch(), 900, company)) == said


def test_who_stays_silent_when_the_others_are_back_is_an_alert():
    all_gone = decided(a_watch(), 1800, heard((5000, 0)))
    assert (all_gone.level, all_gone.together) == (Level.AMBER, True)
    stays = decided(a_watch(open=all_gone), 1860, heard((40, 0), (4960, 1850)))
    assert (stays.level, stays.together) == (Level.RED, False)


@pytest.mark.parametrize(
    ("fix_ats", "filled"),
    [
        ([], False),
        ([200, 400, 600], True),
        ([200, 499, 798], True),
        ([200, 500, 900], False),
        ([600, 200, 400, 400], True),
        ([-50, 1200], False),
    ],
    ids=["none", "close", "just close enough", "five minutes open", "any order", "outside of it"],
)
def test_positions_that_came_later_fill_it(fix_ats, filled):
    assert is_filled(NINE, NINE + 890, [NINE + at_s for at_s in fix_ats], USUAL.amber_s) is filled


def test_a_silence_comes_back_from_json_as_it_was():
    reached = (Reached("court", "法院", 340.5),)
    silence = a_silence(why=Why.BATTERY, over=Over.HEARD, ended_at=NINE + 9, reached=reached)
    assert Silence.from_json(silence.to_json()) == silence
