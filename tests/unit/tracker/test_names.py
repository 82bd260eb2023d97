import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.people.names import LONGEST, NameRefusedError, checked_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("王伟", "王伟"),
        ("  Zoë  ", "Zoë"),
        ("Zoe\u0308", "Zoë"),
        ("x" * LONGEST, "x" * LONGEST),
        ("نرگس\u200cجان", "نرگس\u200cجان"),
    ],
)
def test_names_of_people_everywhere_are_taken(text, name):
    assert checked_name("visitor", text) == name


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        (" \t ", "is empty"),
        ("x" * (LONGEST + 1), "101 characters"),
        ("王\n伟", "control characters"),
        ("王\x00伟", "control characters"),
        ("王\x1b[31m伟", "control characters"),
        ("abc\u202egnp", "control characters"),
        ("王\ufffe伟", "control characters"),
    ],
)
def test_what_would_break_a_list_is_refused(text, sentence):
    with pytest.raises(NameRefusedError, match=sentence):
        checked_name("visitor", text)


@given(st.text())
def test_a_name_that_was_taken_is_taken_again_unchanged(text):
    try:
        name = checked_name("account", text)
    except NameRefusedError:
        return
    assert checked_name("account", name) == name
