from fake_live import NOW, a_device, an_alert
from hypothesis import given
from hypothesis import strategies as st

from maps.feed import ALERTS_SHOWN, WAITING_SHOWN, Diff, Picture, Reading, Ring, merge
from tracker.answers.triage import Reason, Stage, Subject, Triage

CLOSED = Triage(Subject.INCURSION, 1, Stage.CLOSED, NOW, "anna", None, None, NOW, "anna", Reason.LAWFUL)


def a_reading(*rows, at=NOW, zones=0, complete=False):
    devices = [row for row in rows if hasattr(row, "shift_id")]
    alerts = [row for row in rows if hasattr(row, "revision")]
    return Reading(at, devices, alerts, zones, complete)


def test_a_new_device_is_in_the_diff_and_in_the_picture():
    picture = Picture()

    diff = picture.fold(a_reading(a_device()))

    assert diff.devices == (a_device(),)
    assert picture.devices == {"phone-1": a_device()}


def test_rows_read_again_change_nothing():
    picture = Picture()
    picture.fold(a_reading(a_device(), an_alert(), zones=3))

    assert not picture.fold(a_reading(a_device(), an_alert(), zones=3, at=NOW + 1.0))


def test_a_closed_shift_takes_the_device_off_the_picture_once():
    picture = Picture()
    picture.fold(a_reading(a_device()))
    closed = a_device(on_shift=False)

    assert picture.fold(a_reading(closed)).gone == (("phone-1", None),)
    assert not picture.fold(a_reading(closed))


def test_a_device_whose_next_shift_is_open_stays():
    picture = Picture()
    picture.fold(a_reading(a_device()))
    again = a_device(shift_id=2)

    diff = picture.fold(a_reading(a_device(on_shift=False), again))

    assert (diff.gone, diff.devices) == ((), (again,))


def test_a_complete_reading_drops_what_it_does_not_name():
    picture = Picture()
    picture.fold(a_reading(a_device("a"), a_device("b")))

    assert picture.fold(a_reading(a_device("a"), complete=True)).gone == (("b", None),)


def test_a_partial_reading_drops_nothing_it_does_not_name():
    picture = Picture()
    picture.fold(a_reading(a_device("a"), a_device("b")))

    assert picture.fold(a_reading(a_device("a"))).gone == ()


def test_an_alert_grows_by_revision_and_never_goes_back():
    picture = Picture()
    picture.fold(a_reading(an_alert(kind="dwell", revision=2)))

    assert not picture.fold(a_reading(an_alert(kind="entry", revision=1)))
    assert picture.fold(a_reading(an_alert(kind="exit", revision=3))).alerts[0].kind == "exit"


def test_a_retraction_reaches_the_page():
    picture = Picture()
    picture.fold(a_reading(an_alert()))

    diff = picture.fold(a_reading(an_alert(revision=2, retracted=True, why="late_fix")))

    assert (diff.alerts[0].retracted, diff.alerts[0].why) == (True, "late_fix")


def test_the_picture_holds_a_bounded_number_of_alerts_the_newest():
    picture = Picture()
    for number in range(ALERTS_SHOWN + 5):
        picture.fold(a_reading(an_alert(str(number), changed_at=NOW + number, triage=CLOSED)))

    assert len(picture.alerts) == ALERTS_SHOWN
    assert str(ALERTS_SHOWN + 4) in picture.alerts
    assert "4" not in picture.alerts


def test_what_waits_for_an_answer_does_not_give_way_to_what_is_done():
    picture = Picture()
    picture.fold(a_reading(an_alert("waits", changed_at=NOW - 1)))
    for number in range(ALERTS_SHOWN + 5):
        picture.fold(a_reading(an_alert(str(number), changed_at=NOW + number, triage=CLOSED)))

    assert "waits" in picture.alerts


def test_even_what_waits_is_bounded():
    picture = Picture()
    picture.fold(a_reading(*(an_alert(str(number), changed_at=NOW + number) for number in range(WAITING_SHOWN + 3))))

    assert len(picture.alerts) == WAITING_SHOWN


def test_an_answer_is_news_though_the_incursion_did_not_change():
    picture = Picture()
    picture.fold(a_reading(an_alert()))

    diff = picture.fold(a_reading(an_alert(changed_at=NOW + 1, triage=CLOSED)))

    assert diff.alerts[0].triage == CLOSED


def test_a_new_zone_generation_is_told_once():
    picture = Picture()

    assert picture.fold(a_reading(zones=7)).zones == 7
    assert picture.fold(a_reading(zones=7)).zones is None


def test_the_ring_gives_what_a_reader_missed_and_none_when_it_no_longer_can():
    ring = Ring(2)
    diffs = [Diff(float(number)) for number in range(3)]
    for diff in diffs:
        ring.append(diff)

    assert ring.after(3) == []
    assert ring.after(1) == diffs[1:]
    assert ring.after(0) is None
    assert ring.after(-1) is None
    assert ring.after(4) is None


def replay(devices, diffs):
    for diff in diffs:
        for name, _ in diff.gone:
            devices.pop(name, None)
        devices |= {row.device: row for row in diff.devices}
    return devices


readings = st.lists(
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 3)), unique_by=lambda row: row[0]),
    min_size=1,
)


@given(readings)
def test_one_merged_diff_does_what_the_diffs_do_one_by_one(steps):
    picture = Picture()
    diffs = [
        picture.fold(
            a_reading(*(a_device(name, on_shift=on_shift, battery_pct=float(n)) for name, on_shift, n in step))
        )
        for step in steps
    ]

    assert replay({}, diffs) == replay({}, [merge(diffs)]) == picture.devices
